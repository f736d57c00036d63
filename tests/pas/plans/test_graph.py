"""Tests of `modelhub.pas.plans.graph`."""

import numpy as np
import pytest
from storage_graphs import UNDIRECTED, both_ways, toy

from modelhub.pas.plans import from_costs
from modelhub.pas.plans.graph import group_arrays, starts, sums


def test_the_order_of_adding_is_not_in_the_graph() -> None:
    """Edges and snapshots in another order make an equal graph, with the same hash."""
    other = from_costs(5, both_ways(UNDIRECTED)[::-1], {"s2": [5, 4, 3], "s1": [2, 1]})

    assert other == toy()
    assert hash(other) == hash(toy())
    assert len({other, toy()}) == 1


@pytest.mark.parametrize(
    ("edges", "snapshots"),
    [
        ([*both_ways(UNDIRECTED), (0, 1, 2, 1.5)], {"s1": [1, 2], "s2": [3, 4, 5]}),
        (both_ways(UNDIRECTED), {"s1": [1, 2], "s3": [3, 4, 5]}),
        (both_ways(UNDIRECTED), {"s1": [1, 2], "s2": [3, 4]}),
    ],
)
def test_other_content_is_another_graph(edges, snapshots) -> None:
    """One more edge, another name, a member less."""
    assert from_costs(5, edges, snapshots) != toy()


def test_a_graph_is_no_list() -> None:
    """It equals graphs only."""
    assert toy() != []


def test_given_finds_what_was_added() -> None:
    """`given` leads from the sorted edges to the order in which they were added."""
    added = both_ways(UNDIRECTED)
    graph = toy()
    columns = zip(*(column.tolist() for column in graph.edges[:4]), strict=True)

    assert [added[at] for at in graph.given] == list(columns)


def test_arrays_are_read_only_and_32_bits() -> None:
    """Nobody changes a graph, and ids take four bytes."""
    graph = toy()
    ids = [a for a in (*graph.edges, graph.given, graph.member) if a.dtype != np.float64]

    assert all(array.dtype == np.int32 for array in ids)
    with pytest.raises(ValueError, match="read-only"):
        graph.edges.storage[0] = 0


def test_edges_are_found_by_their_ends() -> None:
    """`in_start` and `out_start` cut the edges by target and by source."""
    edges = toy().edges

    for v in range(6):
        into = edges.source[edges.in_start[v] : edges.in_start[v + 1]]
        out = edges.out_edge[edges.out_start[v] : edges.out_start[v + 1]]
        assert sorted(into) == sorted(edges.source[edges.target == v])
        assert set(edges.source[out]) <= {v}


def test_groups_know_their_matrices_and_matrices_their_groups() -> None:
    """A matrix in two groups is found in both."""
    ids = np.array([0, 2, 4], np.int32), np.array([1, 2, 2, 3], np.int32)
    groups = group_arrays(4, *ids, np.ones(2))

    assert [
        groups.of_group[groups.of_start[v] : groups.of_start[v + 1]].tolist() for v in range(4)
    ] == [[], [0], [0, 1], [1]]


def test_runs_and_sums() -> None:
    """Places without entries are empty runs and sums of nothing."""
    keys = np.array([0, 0, 2])

    assert starts(keys, 4).tolist() == [0, 2, 2, 3, 3]
    assert sums(keys, np.array([1.0, 2.0, 4.0]), 4).tolist() == [3, 0, 4, 0]
