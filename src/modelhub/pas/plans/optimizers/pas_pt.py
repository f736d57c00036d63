"""PAS-PT, as printed: a tree that grows from nothing within the budgets."""

import numpy as np

from modelhub.pas.plans.graph import EMPTY, Ids, Reals, StorageGraph
from modelhub.pas.plans.loops import loops
from modelhub.pas.plans.objective import Objective
from modelhub.pas.plans.optimizers.pas_mt import finished, refuse_others, swapped
from modelhub.pas.plans.plan import StoragePlan
from modelhub.pas.plans.problem import Problem, pose


def pas_pt(graph: StorageGraph, objective: Objective) -> StoragePlan:
    """Grow by the edge that stores least and keeps every budget; mend what is left over.

    Cost:
        O(edges × (log(edges) + groups of a matrix)), and the swaps of PAS-MT if matrices are
        left over.

    Raises:
        InputError: for reusable retrieval, or with weights.

    Source:
        Sec. IV-C, Algorithm PAS-PT. Where a matrix cannot be stored whole, its shortest path
        stands for the edge from nothing that the paper takes for granted.
    """
    refuse_others("pas-pt", objective)
    problem = pose(graph, objective)
    return finished(problem, "pas-pt", grown(problem))


def grown(problem: Problem) -> Ids:
    """The tree of PAS-PT."""
    plan = np.empty(problem.graph.vertices, np.int32)
    hope, whole = _whole(problem)
    left = loops().grow(problem.graph.edges, problem.groups, hope, whole, problem.is_parallel, plan)
    return swapped(problem, plan) if left else plan


def _whole(problem: Problem) -> tuple[Reals, Ids]:
    """For each vertex the least recreation, and the least storage, of an edge from nothing."""
    edges = problem.graph.edges
    of_nothing = np.flatnonzero(edges.source == EMPTY).astype(np.int32)
    matrix = edges.target[of_nothing]
    hope = np.full(problem.graph.vertices, np.inf)
    hope[EMPTY] = 0.0
    np.minimum.at(hope, matrix, edges.recreation[of_nothing])
    whole = problem.shortest.copy()
    whole[matrix[::-1]] = of_nothing[::-1]  # the first of a matrix stores least
    return np.where(np.isinf(hope), problem.nearest, hope), whole
