"""Plans for snapshots whose matrices share the work of their paths."""

import math
from collections.abc import Callable

import numpy as np

from modelhub.pas.plans.graph import Reals, StorageGraph
from modelhub.pas.plans.objective import Effort, Objective, Retrieval
from modelhub.pas.plans.plan import TOLERANCE, StoragePlan
from modelhub.pas.plans.problem import Problem
from modelhub.pas.plans.recreation import by_snapshot, recreation_costs

_ROUNDS = 6  # from either side
_POWER = 0.7
_SLOWEST, _FASTEST = 0.7, 3.0  # by how much a budget changes in a round


def inflate(
    problem: Problem, inner: Callable[[StorageGraph, Objective], StoragePlan]
) -> StoragePlan:
    """Plan for independent retrieval with budgets that grow as long as the real cost fits.

    Without budgets or where nothing is shared, that is the plan for independent retrieval. The
    bound is that of the least storage: sharing has no better one here.

    Args:
        problem: of reusable retrieval.
        inner: the optimizer for independent retrieval.

    Cost:
        12 plans with `Effort.FAST`.

    Source:
        ours; the paper states the problem and leaves it.
    """
    graph, budget = problem.graph, problem.budget
    best, cost = problem.shortest, problem.storage(problem.shortest)
    least = by_snapshot(graph, problem.nearest, Retrieval.INDEPENDENT)
    for factor in (np.ones(len(budget)), _sharing(problem)):
        for _ in range(_ROUNDS):
            plan = inner(graph, _independent(graph, budget, factor, least)).edge
            found = recreation_costs(graph, plan, Retrieval.REUSABLE)
            fits = bool((found <= budget * (1 + TOLERANCE)).all())
            if fits and problem.storage(plan) < cost:
                best, cost = plan, problem.storage(plan)
            np.multiply(factor, _change(budget, found), out=factor)
    return problem.finish("prices", best)


def _sharing(problem: Problem) -> Reals:
    """How much longer paths are than the work in them, where storage is least."""
    graph, tree = problem.graph, problem.tree
    found = np.ones(len(problem.budget))
    shared = recreation_costs(graph, tree, Retrieval.REUSABLE)
    alone = recreation_costs(graph, tree, Retrieval.INDEPENDENT)
    np.divide(alone, shared, out=found, where=shared > 0)
    return found


def _change(budget: Reals, found: Reals) -> Reals:
    ratio = np.ones(len(budget))
    np.divide(budget, found, out=ratio, where=(found > 0) & np.isfinite(budget))
    return np.clip(ratio**_POWER, _SLOWEST, _FASTEST)


def _independent(graph: StorageGraph, budget: Reals, factor: Reals, least: Reals) -> Objective:
    budgets = {
        name: max(seconds * grown, fastest)
        for name, seconds, grown, fastest in zip(
            graph.snapshots, budget.tolist(), factor.tolist(), least.tolist(), strict=True
        )
        if seconds < math.inf
    }
    return Objective(budgets=budgets, effort=Effort.FAST)
