"""The contract of optimizers finds those that break it."""

from dataclasses import replace

import numpy as np
import pytest

from modelhub.errors import BudgetError
from modelhub.pas import Objective, optimize
from modelhub.testing import OptimizerContract
from modelhub.testing.optimizers import costs, random_graph, trees


def proud(graph, objective):
    """Claims a bound that does not hold."""
    plan = optimize(graph, objective)
    return replace(plan, bound=plan.cost * 1.5)


def late(graph, objective):
    """Keeps no budgets."""
    return optimize(graph, objective, optimizer="mst")


def boundless(graph, objective):
    """Plans for budgets that nothing keeps."""
    try:
        return optimize(graph, objective)
    except BudgetError:
        return optimize(graph, Objective())


def cyclic(graph, objective):
    """Gives two matrices one edge."""
    plan = optimize(graph, objective)
    edge = plan.edge.copy()
    edge[-1] = edge[1]
    return replace(plan, edge=edge)


@pytest.mark.parametrize(
    ("optimizer", "test"),
    [
        (proud, "test_no_plan_within_budget_is_below_the_bound"),
        (late, "test_possible_budgets_are_kept"),
        (boundless, "test_an_impossible_budget_names_the_snapshot"),
        (cyclic, "test_a_plan_is_a_tree"),
    ],
)
def test_what_breaks_the_contract_is_found(optimizer, test) -> None:
    """By the test that says so."""
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(OptimizerContract(), test)(optimizer)


def test_trees_are_those_that_reach_all() -> None:
    """Whatever costs() can follow to nothing."""
    graph = random_graph(1, matrices=3)
    found = list(trees(graph))

    assert found
    assert all(np.isfinite(costs(graph, tree)).all() for tree in found)
