"""The least storage of all, however long reading takes."""

from modelhub.pas.plans.graph import StorageGraph
from modelhub.pas.plans.objective import Objective
from modelhub.pas.plans.plan import StoragePlan
from modelhub.pas.plans.problem import pose


def mst(graph: StorageGraph, objective: Objective) -> StoragePlan:
    """The minimum arborescence; budgets are looked at only to tell which it misses.

    Cost:
        O(edges × log(matrices)).

    Source:
        Edmonds 1967, Tarjan 1977; the paper's "MST", whose undirected graph is a special case.
    """
    problem = pose(graph, objective)
    return problem.finish("mst", problem.tree)
