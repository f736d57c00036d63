"""Tests of `modelhub.pas.plans.problem`."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_graphs import graphs, toy

from modelhub.errors import BudgetError, NotFoundError
from modelhub.pas.plans import Objective, Retrieval, from_costs
from modelhub.pas.plans.problem import pose


@pytest.mark.parametrize(
    ("retrieval", "least"), [("independent", 5), ("parallel", 2), ("reusable", 5)]
)
def test_a_budget_below_the_possible_is_refused(retrieval, least) -> None:
    """The snapshot and the least possible are named, and attributes of the error."""
    objective = Objective(retrieval=Retrieval(retrieval), budgets={"s1": 9, "s2": 1.5})

    with pytest.raises(BudgetError, match=f"'s2' cannot .* within 1.5 s.* takes {least} s") as info:
        pose(toy(), objective)
    assert (info.value.snapshot, info.value.budget, info.value.least) == ("s2", 1.5, least)


def test_what_is_named_as_enough_is_enough() -> None:
    """The least is rounded upwards."""
    graph = from_costs(1, [(0, 1, 1, 1.23456123456)], {"s": [1]})

    with pytest.raises(BudgetError, match=r"takes 1\.23457 s"):
        pose(graph, Objective(budgets={"s": 1}))
    assert pose(graph, Objective(budgets={"s": 1.23457})).budget == [1.23457]


def test_the_worst_of_several_is_named() -> None:
    """The snapshot that misses its budget by most."""
    with pytest.raises(BudgetError, match="'s2'"):
        pose(toy(), Objective(budgets={"s1": 2.5, "s2": 1}))


@pytest.mark.parametrize("what", ["budgets", "weights"])
def test_an_unknown_snapshot_is_refused(what) -> None:
    """Some of those that there are, are named."""
    with pytest.raises(NotFoundError, match="'s9', which is not in the graph; there are 2: s1, s2"):
        pose(toy(), Objective(**{what: {"s9": 10}}))


def test_budgets_go_before_alpha() -> None:
    """What has no budget of its own gets alpha times its least."""
    problem = pose(toy(), Objective(alpha=2, budgets={"s1": 3.5}))

    assert problem.least.tolist() == [3, 5]
    assert problem.budget.tolist() == [3.5, 10]


def test_without_alpha_there_is_no_budget() -> None:
    """An infinite alpha is none, either."""
    for alpha in (None, math.inf):
        problem = pose(toy(), Objective(alpha=alpha))
        assert np.isinf(problem.budget).all()
        assert not len(problem.sums.budget)


def test_weights_add_up_over_snapshots() -> None:
    """A matrix in two snapshots is worth what both are."""
    graph = from_costs(2, [(0, 1, 1, 1), (0, 2, 1, 1)], {"a": [1], "b": [1, 2]})
    problem = pose(graph, Objective(weights={"a": 2, "b": 3}))

    assert problem.weight.tolist() == [0, 5, 3]
    assert problem.cost(problem.tree) == 2 + 5 + 3


@pytest.mark.property
@given(graphs(), st.sampled_from(list(Retrieval)), st.floats(1, 3))
def test_shortest_paths_keep_every_alpha(graph, retrieval, alpha) -> None:
    """So every budget of alpha times the least is possible, and no ceiling excludes them."""
    problem = pose(graph, Objective(retrieval=retrieval, alpha=alpha))

    assert problem.is_within(problem.shortest)
    assert (problem.nearest <= problem.ceiling).all()
