"""LAST: a tree between the least storage and the fastest reading."""

import numpy as np

from modelhub.pas.plans.graph import Ids, StorageGraph
from modelhub.pas.plans.loops import loops
from modelhub.pas.plans.objective import Objective
from modelhub.pas.plans.plan import StoragePlan
from modelhub.pas.plans.problem import Problem, pose


def last(graph: StorageGraph, objective: Objective) -> StoragePlan:
    """No matrix's path is longer than α times its shortest, so no snapshot's is.

    Where budgets are given in seconds, α is the least ratio of a budget to the least recreation.
    Storage is at most 1 + 2 / (α - 1) times the least if the graph is undirected and storage
    and recreation are proportional; otherwise that is not promised.

    Cost:
        O(edges × log(matrices)); the walk itself is linear.

    Source:
        Khuller, Raghavachari and Young 1995; the paper's baseline.
    """
    problem = pose(graph, objective)
    return problem.finish("last", balanced(problem, _alpha(problem)))


def balanced(problem: Problem, alpha: float) -> Ids:
    """The tree for 1 + ε = `alpha`."""
    plan = np.empty(problem.graph.vertices, np.int32)
    loops().balance(
        problem.graph.edges, problem.tree, problem.nearest, problem.shortest, alpha, plan
    )
    return plan


def _alpha(problem: Problem) -> float:
    bound = (problem.least > 0) & np.isfinite(problem.budget)
    ratios = problem.budget[bound] / problem.least[bound]
    return max(1.0, float(ratios.min(initial=np.finfo(np.float64).max)))
