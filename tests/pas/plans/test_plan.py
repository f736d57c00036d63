"""Tests of `modelhub.pas.plans.plan`."""

from dataclasses import replace

import numpy as np
from storage_graphs import toy

from modelhub.pas.plans import Objective, from_costs, optimize


def chain():
    """Four matrices, each a small delta of the one before."""
    edges = [(0, v, 10, 1) for v in range(1, 5)] + [(v, v + 1, 1, 1) for v in range(1, 4)]
    return from_costs(4, edges, {"all": range(1, 5), "last": [4]})


def test_a_plan_tells_how_each_matrix_is_stored() -> None:
    """Its base, its depth, and the edge as it was added."""
    plan = optimize(chain(), Objective(), optimizer="mst")

    assert plan.base.tolist() == [0, 1, 2, 3]
    assert plan.depth.tolist() == [0, 1, 2, 3]
    assert plan.given.tolist() == [0, 4, 5, 6]
    assert plan.storage == plan.cost == plan.bound == 13


def test_what_is_over_budget_is_named() -> None:
    """The tree of the least storage knows no budgets, and says which it misses."""
    plan = optimize(chain(), Objective(budgets={"all": 10, "last": 3}), optimizer="mst")

    assert plan.over == ("last",)
    assert not plan.is_within


def test_the_gap_is_a_share_of_the_bound() -> None:
    """24 is at most a fifth above 20; a bound of 0 says nothing."""
    plan = optimize(toy(), Objective(), optimizer="mst")

    assert replace(plan, cost=24.0, bound=20.0).gap == 24 / 20 - 1
    assert replace(plan, cost=24.0, bound=0.0).gap == float("inf")
    assert replace(plan, cost=0.0, bound=0.0).gap == 0


def test_nothing_has_an_empty_plan() -> None:
    """No matrices: no bytes, and no depth."""
    plan = optimize(from_costs(0, [], {"s": []}), Objective(alpha=1))

    assert plan.storage == plan.gap == 0
    assert plan.depth.tolist() == []
    assert plan.is_within
    assert np.array_equal(plan.recreation, [0])
