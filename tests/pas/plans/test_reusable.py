"""Tests of `modelhub.pas.plans.reusable`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from storage_graphs import graphs, is_tree, toy

from modelhub.pas.plans import Objective, Retrieval, from_costs, optimize

REUSABLE = Retrieval.REUSABLE


@pytest.mark.property
@settings(max_examples=30)
@given(graphs(), st.floats(1, 3))
def test_shared_work_is_within_the_budgets(graph, alpha) -> None:
    """A tree, within budget, that costs no less than the bound."""
    plan = optimize(graph, Objective(retrieval=REUSABLE, alpha=alpha))

    assert is_tree(graph, plan)
    assert plan.is_within
    assert plan.bound <= plan.storage


def test_a_chain_that_is_read_as_one_may_be_long() -> None:
    """Ten matrices read together: as deltas their sum of paths is high, their work is not."""
    edges = [(0, v, 10, 1) for v in range(1, 11)] + [(v, v + 1, 1, 1) for v in range(1, 10)]
    graph = from_costs(10, edges, {"version": range(1, 11)})
    plans = {
        retrieval: optimize(graph, Objective(retrieval=retrieval, budgets={"version": 10}))
        for retrieval in (Retrieval.INDEPENDENT, REUSABLE)
    }

    assert plans[REUSABLE].storage == 19
    assert plans[REUSABLE].recreation == [10]
    assert plans[Retrieval.INDEPENDENT].storage == 100


def test_fig_5_is_cheaper_if_work_is_shared() -> None:
    """m4 and m5 come from m2, which is read once: 19 and 5.5 seconds."""
    plan = optimize(toy(), Objective(retrieval=REUSABLE, budgets={"s1": 3, "s2": 6}))

    assert plan.storage < 24
    assert (plan.recreation <= np.array([3, 6])).all()
