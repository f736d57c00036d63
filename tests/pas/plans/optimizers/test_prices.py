"""Tests of `modelhub.pas.plans.optimizers.prices`."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from storage_graphs import EIGHTHS, graphs, is_tree, optimum, random_graph

from modelhub.pas.plans import Effort, Objective, Retrieval, from_costs
from modelhub.pas.plans.optimizers import prices as module
from modelhub.pas.plans.optimizers.pas_mt import pas_mt
from modelhub.pas.plans.optimizers.pas_pt import pas_pt
from modelhub.pas.plans.optimizers.prices import Schedule, prices, schedule_for
from modelhub.testing import OptimizerContract

SUMMED = [Retrieval.INDEPENDENT, Retrieval.PARALLEL]


class TestPrices(OptimizerContract):
    """It keeps the contract, for every kind of retrieval."""

    retrievals = tuple(Retrieval)

    @pytest.fixture
    def optimizer(self):
        return prices


@pytest.mark.property
@settings(max_examples=60)
@given(
    graphs(),
    st.sampled_from(SUMMED),
    st.floats(1, 3),
    st.sampled_from([Effort.FAST, Effort.DEFAULT]),
)
def test_a_plan_is_a_tree_within_budget_and_above_its_bound(graph, retrieval, alpha, effort):
    """For any graph: ties, parallel edges, costs of nothing, snapshots that share matrices."""
    plan = prices(graph, Objective(retrieval=retrieval, alpha=alpha, effort=effort))

    assert is_tree(graph, plan)
    assert plan.is_within
    assert plan.bound <= plan.storage


@pytest.mark.property
@settings(max_examples=25)
@given(graphs(most=5, cost=EIGHTHS), st.sampled_from(SUMMED), st.integers(8, 24))
def test_no_bound_is_above_the_optimum_and_no_plan_below(graph, retrieval, eighths) -> None:
    """An exact solver finds the optimum."""
    objective = Objective(retrieval=retrieval, alpha=eighths / 8)
    plan = prices(graph, objective)
    best = optimum(graph, objective)

    assert plan.bound <= best * (1 + 1e-6) + 1e-9
    assert plan.storage >= best * (1 - 1e-6) - 1e-9


@pytest.mark.parametrize("retrieval", SUMMED)
def test_small_graphs_are_solved_to_within_two_per_cent(retrieval) -> None:
    """Nearly all of them exactly."""
    over = []
    for seed, alpha in product(range(5), (1.3, 1.8)):
        graph = random_graph(seed, matrices=12, degree=3, snapshots=3)
        objective = Objective(retrieval=retrieval, alpha=alpha)
        plan = prices(graph, objective)
        best = optimum(graph, objective)
        assert plan.bound <= best * (1 + 1e-6)
        over.append(plan.storage / best - 1)

    assert max(over) <= 0.02
    assert sum(gap < 1e-6 for gap in over) >= 8


@pytest.mark.parametrize("retrieval", SUMMED)
def test_the_papers_plans_are_never_better(retrieval) -> None:
    """They are tried as well."""
    for seed in range(5):
        graph = random_graph(seed, matrices=150, degree=5, snapshots=20)
        objective = Objective(retrieval=retrieval, alpha=1.6)
        theirs = [plan(graph, objective) for plan in (pas_mt, pas_pt)]
        within = [plan.storage for plan in theirs if plan.is_within]

        assert prices(graph, objective).storage <= min(within, default=np.inf)


def test_more_effort_stores_no_more() -> None:
    """Fast, default, thorough."""
    graph = random_graph(7, matrices=150, degree=5, snapshots=20)
    found = [prices(graph, Objective(alpha=1.6, effort=effort)) for effort in Effort]
    storage = [plan.storage for plan in found]

    assert storage == sorted(storage, reverse=True)
    assert all(plan.bound <= storage[-1] for plan in found)


@pytest.mark.parametrize("weight", [0.1, 1, 10])
def test_weights_are_optimised_and_bounded(weight) -> None:
    """Storage and weighted recreation together, with and without budgets."""
    for seed, alpha in product(range(3), (None, 1.8)):
        graph = random_graph(seed, matrices=8, degree=3, snapshots=3)
        objective = Objective(alpha=alpha, weights={"s0": weight, "s1": weight / 3})
        plan = prices(graph, objective)
        best = optimum(graph, objective)

        assert plan.is_within
        assert plan.cost == pytest.approx(
            plan.storage + weight * plan.recreation[0] + weight / 3 * plan.recreation[1]
        )
        assert plan.bound <= best * (1 + 1e-6)
        assert best * (1 - 1e-6) <= plan.cost <= best * 1.02


def test_a_budget_that_does_not_bind_costs_nothing() -> None:
    """The least storage is the plan, and proved."""
    plan = prices(random_graph(2), Objective(alpha=1e6))

    assert plan.storage == plan.bound


@pytest.mark.parametrize("retrieval", SUMMED)
def test_large_graphs_are_chopped_first(retrieval, monkeypatch) -> None:
    """What is done from 20,000 matrices on, on a small one: a plan as good, within budget."""
    graph = random_graph(3, matrices=300, degree=4, snapshots=30)
    objective = Objective(retrieval=retrieval, alpha=1.5)
    usual = prices(graph, objective)
    monkeypatch.setattr(module, "_LARGE", 100)
    chopped = prices(graph, objective)

    assert chopped.is_within
    assert chopped.storage <= usual.storage * 1.02


def test_two_stores_are_used_as_budgets_allow() -> None:
    """Every edge also in a cold store, at a fifth of the price and ten times the time."""
    graph = random_graph(6, matrices=60, degree=4, snapshots=8)
    near = list(zip(*(column.tolist() for column in graph.edges[:4]), strict=True))
    cold = [(source, target, s / 5, r * 10) for source, target, s, r in near]
    snapshots = {
        name: graph.member[graph.start[at] : graph.start[at + 1]].tolist()
        for at, name in enumerate(graph.snapshots)
    }
    both = from_costs(60, near + cold, snapshots)
    costs = [prices(both, Objective(alpha=alpha)).storage for alpha in (1, 2, 30)]

    assert costs[0] > costs[1] > costs[2]
    assert prices(both, Objective(alpha=2)).storage <= prices(graph, Objective(alpha=2)).storage


def test_schedules_grow_with_effort_and_shrink_with_size() -> None:
    """Counts of steps; the clock is in none of them."""
    small = [schedule_for(effort, 1000) for effort in Effort]
    huge = [schedule_for(effort, 1_000_000) for effort in Effort]

    assert [s.kicks for s in small] == sorted(s.kicks for s in small)
    assert [s.rounds for s in small] == sorted(s.rounds for s in small)
    assert [s.kicks for s in huge[:2]] == [0, 0]
    assert isinstance(small[0], Schedule)
