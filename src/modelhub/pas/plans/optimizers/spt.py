"""The fastest reading of all, however much is stored."""

from modelhub.pas.plans.graph import StorageGraph
from modelhub.pas.plans.objective import Objective
from modelhub.pas.plans.plan import StoragePlan
from modelhub.pas.plans.problem import pose


def spt(graph: StorageGraph, objective: Objective) -> StoragePlan:
    """The shortest-path tree; of paths that are as short, those that store less.

    Cost:
        O(edges × log(matrices)).

    Source:
        Dijkstra 1959; the paper's "SPT".
    """
    problem = pose(graph, objective)
    return problem.finish("spt", problem.shortest)
