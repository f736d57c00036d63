"""Tests of `modelhub.pas.plans.builder`."""

import math

import numpy as np
import pytest

from modelhub.errors import InputError
from modelhub.pas.plans import GraphBuilder, from_costs


def test_edges_are_numbered_as_they_are_added() -> None:
    """One by one or many at once."""
    builder = GraphBuilder(3)

    assert builder.add(0, 1, storage=1, recreation=1) == 0
    assert builder.add_many([0, 1], [2, 3], storage=[1, 2], recreation=[0, 0]) == 1
    assert builder.add(2, 3, storage=1, recreation=1) == 3
    assert sorted(builder.build().given) == [0, 1, 2, 3]


def test_no_matrices_make_an_empty_graph() -> None:
    """Nothing has no edges, and a snapshot of nothing is allowed."""
    graph = from_costs(0, [], {"none": []})

    assert (graph.matrices, graph.vertices, len(graph.given)) == (0, 1, 0)


@pytest.mark.parametrize("count", [-1, 2**31 - 2, 2**40])
def test_hostile_numbers_of_matrices_are_refused(count) -> None:
    """Before anything is allocated."""
    with pytest.raises(InputError, match="a storage graph has 0 to"):
        GraphBuilder(count)


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        (-1, 1, "no edge leads from -1 to 1"),
        (3, 1, "no edge leads from 3 to 1"),
        (1, 0, "no edge leads from 1 to 0"),
        (0, 2**40, "no edge leads from 0 to 1099511627776"),
        (0, 10**30, "vertices are whole numbers"),
        (0, 1.5, "vertices are whole numbers"),
        ("x", 1, "vertices are whole numbers"),
        (2, 2, "matrix 2 cannot be a delta against itself"),
    ],
)
def test_ends_that_are_no_vertices_are_refused(source, target, message) -> None:
    """The message shows the edge."""
    with pytest.raises(InputError, match=message):
        GraphBuilder(2).add(source, target, storage=1, recreation=1)


@pytest.mark.parametrize("cost", [-1, math.nan, math.inf, -math.inf, "x", None])
@pytest.mark.parametrize("which", ["storage", "recreation"])
def test_costs_that_are_none_are_refused(cost, which) -> None:
    """Negative, not finite, no number: the message says which cost it is."""
    with pytest.raises(InputError, match=f"{which} costs are"):
        GraphBuilder(1).add(0, 1, **{"storage": 1, "recreation": 1, which: cost})


def test_uneven_columns_are_refused() -> None:
    """As many sources as targets and costs."""
    with pytest.raises(InputError, match="as many sources"):
        GraphBuilder(2).add_many([0, 0], [1, 2], storage=[1], recreation=[1, 1])


def test_a_matrix_that_nothing_makes_is_refused() -> None:
    """A cycle of deltas is no way to store anything; the matrix is named."""
    with pytest.raises(InputError, match="matrix 2 can be made neither"):
        from_costs(3, [(0, 1, 1, 1), (2, 3, 1, 1), (3, 2, 1, 1)], {})


def test_a_matrix_may_be_made_by_deltas_only() -> None:
    """It need not be possible to store each one whole."""
    assert from_costs(2, [(0, 1, 1, 1), (1, 2, 1, 1)], {}).matrices == 2


def test_a_name_is_given_once() -> None:
    """Two snapshots of one name would share a budget."""
    builder = GraphBuilder(1)
    builder.snapshot("s", [1])

    with pytest.raises(InputError, match="two snapshots are called 's'"):
        builder.snapshot("s", [1])


@pytest.mark.parametrize("member", [0, 2, -1, 1.5, "x"])
def test_members_that_are_no_matrices_are_refused(member) -> None:
    """Nothing is no member, either."""
    with pytest.raises(InputError, match=r"no matrices|whole numbers"):
        GraphBuilder(1).snapshot("s", [member])


def test_a_member_counts_once() -> None:
    """A matrix named twice is read once."""
    graph = from_costs(2, [(0, 1, 1, 1), (0, 2, 1, 1)], {"s": [2, 1, 2]})

    assert graph.member.tolist() == [1, 2]


def test_negative_zero_is_zero() -> None:
    """Graphs that are equal as numbers have one hash."""
    graphs = {from_costs(1, [(0, 1, zero, 1)], {}) for zero in (0.0, -0.0)}

    assert len(graphs) == 1


def test_many_edges_at_once_are_those_one_by_one() -> None:
    """NumPy columns and numbers make equal graphs."""
    edges = [(0, 1, 3, 1), (0, 2, 4, 1), (1, 2, 1, 2)]
    builder = GraphBuilder(2)
    source, target, storage, recreation = (np.array(column) for column in zip(*edges, strict=True))
    builder.add_many(source, target, storage=storage, recreation=recreation)

    assert builder.build() == from_costs(2, edges, {})
