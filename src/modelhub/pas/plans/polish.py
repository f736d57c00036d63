"""A plan made better without a model of the graph: repair, sweep, kicks."""

import numpy as np

from modelhub.pas.plans.graph import Edges, Groups, Ids, Reals, sums
from modelhub.pas.plans.loops import loops
from modelhub.pas.plans.plan import TOLERANCE
from modelhub.pas.plans.problem import Problem
from modelhub.pas.plans.recreation import path_costs

_AT_ONCE = 20_000  # kicks between measuring the sums anew
_NOBODY = np.empty(0, np.int32)


def mend(problem: Problem, plan: Ids, *, rounds: int = 3) -> Ids:
    """The plan within all budgets, worst groups first, and then swept."""
    found = plan.copy()
    late = _late(problem, found)
    if len(late):
        loops().repair(*_given(problem), found, late)
    return sweep(problem, found, rounds=rounds)


def sweep(problem: Problem, plan: Ids, *, rounds: int) -> Ids:
    """The plan after savings that need no other change, those of large matrices first."""
    found = plan.copy()
    storage = problem.graph.edges.storage[found[1:]]
    order = (np.argsort(-storage, kind="stable") + 1).astype(np.int32)
    loops().sweep(*_given(problem), found, order, rounds)
    return found


def kick(problem: Problem, plan: Ids, times: int, *, seed: int = 1, near: Ids = _NOBODY) -> Ids:
    """The plan after some kicks, at any matrix or at those named.

    Budgets that hold are kept, and the cost does not grow.
    """
    found, done = plan.copy(), 0
    at_once = max(_AT_ONCE, problem.graph.vertices)
    while done < times:
        step = min(times - done, at_once)
        loops().kicks(*_given(problem), found, near, seed + done, step)
        done += step
    late = _late(problem, found)  # by rounding, if at all
    if len(late):
        loops().repair(*_given(problem), found, late)
    return found


def _given(problem: Problem) -> tuple[Edges, Groups, Reals, Ids, float]:
    return (
        problem.graph.edges,
        problem.sums,
        problem.weight,
        problem.shortest,
        problem.rounding,
    )


def _late(problem: Problem, plan: Ids) -> Ids:
    """The groups over budget, the worst first."""
    budget, member = problem.sums.budget, problem.sums.member
    far = path_costs(problem.graph, plan)
    group = np.repeat(np.arange(len(budget)), np.diff(problem.sums.start))
    found = sums(group, far[member], len(budget))
    late = np.flatnonzero(found > budget * (1 + TOLERANCE))
    with np.errstate(divide="ignore"):
        worst = np.argsort(-(found[late] / budget[late]), kind="stable")
    return late[worst].astype(np.int32)
