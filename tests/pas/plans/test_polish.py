"""Tests of `modelhub.pas.plans.polish`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_graphs import graphs, random_graph

from modelhub.pas.plans import Objective, Retrieval
from modelhub.pas.plans.polish import kick, mend, sweep
from modelhub.pas.plans.problem import pose

SUMMED = st.sampled_from([Retrieval.INDEPENDENT, Retrieval.PARALLEL])


@pytest.mark.property
@given(graphs(), SUMMED, st.floats(1, 3), st.sampled_from(["tree", "shortest"]))
def test_a_mended_plan_keeps_all_budgets(graph, retrieval, alpha, start) -> None:
    """Whatever it started from."""
    problem = pose(graph, Objective(retrieval=retrieval, alpha=alpha))

    assert problem.is_within(mend(problem, getattr(problem, start)))


@pytest.mark.property
@given(graphs(), SUMMED, st.floats(1, 3), st.integers(0, 9))
def test_sweeps_and_kicks_never_cost_more(graph, retrieval, alpha, seed) -> None:
    """They keep budgets that hold, and what they claim to save is saved."""
    problem = pose(graph, Objective(retrieval=retrieval, alpha=alpha))
    costs = [problem.cost(problem.shortest)]
    plan = sweep(problem, problem.shortest, rounds=3)
    costs.append(problem.cost(plan))
    plan = kick(problem, plan, 20, seed=seed)
    costs.append(problem.cost(plan))

    assert costs == pytest.approx(sorted(costs, reverse=True))
    assert problem.is_within(plan)


def test_kicks_near_some_matrices_find_what_is_there() -> None:
    """Kicks at one matrix save less than kicks anywhere, and something."""
    problem = pose(random_graph(3, matrices=60, snapshots=6), Objective(alpha=1.8))
    start = mend(problem, problem.shortest, rounds=0)
    near = np.array([7], np.int32)
    costs = [problem.cost(kick(problem, start, 500, near=where)) for where in (near, near[:0])]

    assert costs[1] < costs[0] < problem.cost(start)


def test_the_plan_that_was_given_is_left_alone() -> None:
    """Results are new arrays."""
    problem = pose(random_graph(1), Objective(alpha=1.5))
    before = problem.tree.copy()
    for change in (mend(problem, problem.tree), kick(problem, problem.tree, 50)):
        assert change is not problem.tree
    assert np.array_equal(before, problem.tree)


def test_weights_move_what_is_read_often() -> None:
    """A heavy snapshot is stored whole, a light one as deltas."""
    graph = random_graph(5, matrices=30, snapshots=3)
    heavy = pose(graph, Objective(weights={"s0": 1e6}))
    plan = kick(heavy, sweep(heavy, heavy.tree, rounds=9), 2000)
    members = graph.member[graph.start[0] : graph.start[1]]
    far = np.zeros(graph.vertices)
    for v in range(1, graph.vertices):
        x = v
        while x:
            far[v] += graph.edges.recreation[plan[x]]
            x = graph.edges.source[plan[x]]

    assert far[members] == pytest.approx(heavy.nearest[members])
    assert heavy.cost(plan) < heavy.cost(heavy.tree)
