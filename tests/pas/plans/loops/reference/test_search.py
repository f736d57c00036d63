"""Tests of `modelhub.pas.plans.loops.reference.search`."""

import numpy as np
import pytest
from storage_graphs import random_graph

from modelhub.pas.plans import Objective
from modelhub.pas.plans.loops.reference import kicks, repair, sweep
from modelhub.pas.plans.problem import pose


def state(problem, plan):
    return (
        *(problem.graph.edges, problem.sums, problem.weight, problem.shortest),
        *(problem.rounding, plan),
    )


@pytest.mark.parametrize("seed", range(5))
def test_steps_do_what_they_count(seed) -> None:
    """Repair moves what is over; sweeps and kicks count what they save; nothing else changes."""
    problem = pose(random_graph(seed, matrices=30, snapshots=5), Objective(alpha=1.4))
    plan = problem.tree.copy()
    groups = np.arange(5, dtype=np.int32)
    assert not problem.is_within(plan)

    assert repair(*state(problem, plan), groups) > 0
    assert problem.is_within(plan)
    assert repair(*state(problem, plan), groups) == 0
    before = problem.cost(plan)
    order = np.arange(1, 31, dtype=np.int32)
    sweep(*state(problem, plan), order, 9)
    assert sweep(*state(problem, plan), order, 9) == 0
    assert problem.cost(plan) <= before
    before = problem.cost(plan)
    hits = kicks(*state(problem, plan), order[:0], 1, 400)
    assert (problem.cost(plan) < before) == (hits > 0)
    assert problem.is_within(plan)


def test_kicks_repeat_by_their_seed() -> None:
    """The same seed, the same plan; another, most likely another."""
    problem = pose(random_graph(2, matrices=40, snapshots=5), Objective(alpha=1.6))
    found = []
    for seed in (1, 1, 2):
        plan = problem.shortest.copy()
        kicks(*state(problem, plan), np.empty(0, np.int32), seed, 60)
        found.append(plan.tolist())

    assert found[0] == found[1] != found[2]
