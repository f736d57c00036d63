"""PAS-MT, as printed: from the least storage towards the budgets, by swaps of parents."""

import numpy as np

from modelhub.errors import InputError
from modelhub.pas.plans.graph import Ids, StorageGraph
from modelhub.pas.plans.loops import loops
from modelhub.pas.plans.objective import Objective, Retrieval
from modelhub.pas.plans.plan import TOLERANCE, StoragePlan
from modelhub.pas.plans.problem import Problem, pose
from modelhub.pas.plans.recreation import path_costs, recreation_costs

_EQUAL = 1e-9  # relative: as far


def pas_mt(graph: StorageGraph, objective: Objective) -> StoragePlan:
    """Swap the parent that gains most for its storage, until all budgets hold.

    It may stop before: in parallel retrieval, no single swap lowers a maximum that two members
    share. `StoragePlan.tied` names such snapshots.

    Cost:
        as printed O(edges × swaps); compiled, a swap looks again at what it has changed only,
        and takes the same swaps.

    Raises:
        InputError: for reusable retrieval, or with weights: the paper has no gain for them.

    Source:
        Sec. IV-C, Algorithm PAS-MT.
    """
    refuse_others("pas-mt", objective)
    problem = pose(graph, objective)
    return finished(problem, "pas-mt", swapped(problem, problem.tree))


def swapped(problem: Problem, plan: Ids) -> Ids:
    """A plan after PAS-MT's swaps."""
    found = plan.copy()
    loops().swap_parents(problem.graph.edges, problem.groups, found, problem.is_parallel)
    return found


def finished(problem: Problem, optimizer: str, plan: Ids) -> StoragePlan:
    """The plan with the snapshots named that a tie keeps over budget."""
    tied = _tied(problem, plan) if problem.is_parallel else ()
    return problem.finish(optimizer, plan, tied=tied)


def refuse_others(optimizer: str, objective: Objective) -> None:
    """Refuse objectives that the paper's optimizers do not know.

    Raises:
        InputError: for reusable retrieval, or with weights.
    """
    if objective.retrieval is Retrieval.REUSABLE or objective.weights:
        raise InputError(
            f"{optimizer} plans for budgets, and independent or parallel retrieval; "
            "take the optimizer 'prices' for others"
        )


def _tied(problem: Problem, plan: Ids) -> tuple[str, ...]:
    graph = problem.graph
    cost = recreation_costs(graph, plan, Retrieval.PARALLEL)
    far = path_costs(graph, plan)[graph.member]
    farthest = far >= cost[graph.group_of] * (1 - _EQUAL)
    members = np.bincount(graph.group_of[farthest], minlength=len(cost))
    late = (cost > problem.budget * (1 + TOLERANCE)) & (members > 1)
    return tuple(graph.snapshots[at] for at in np.flatnonzero(late))
