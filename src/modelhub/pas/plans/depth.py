"""A plan whose chains of deltas are no longer than the format allows."""

import numpy as np

from modelhub.pas.plans.graph import EMPTY, Ids
from modelhub.pas.plans.objective import Objective
from modelhub.pas.plans.plan import StoragePlan
from modelhub.pas.plans.problem import pose


def limit_depth(plan: StoragePlan, most: Ids, objective: Objective) -> StoragePlan:
    """The plan, with matrices moved that need too many bases.

    Each takes the way of least storage that needs few enough, the nearest to nothing first; one
    that has none stays. What is moved may be read sooner or later than before: see
    `StoragePlan.over`.

    Args:
        plan: the plan.
        most: for matrices 1, 2, …: how many bases each may need.
        objective: what the plan was made for.

    Cost:
        O(edges).
    """
    depth = plan.depth
    if (depth <= most).all():
        return plan
    edges = plan.graph.edges
    chosen, found = plan.edge.copy(), np.full(plan.graph.vertices, -1, np.int64)
    is_placed = np.zeros(plan.graph.vertices, bool)
    is_placed[EMPTY] = True
    for vertex in np.argsort(depth, kind="stable") + 1:
        if found[edges.source[chosen[vertex]]] >= most[vertex - 1]:
            ways = np.arange(edges.in_start[vertex], edges.in_start[vertex + 1])
            source = edges.source[ways]
            ways = ways[is_placed[source] & (found[source] < most[vertex - 1])]
            if len(ways):
                chosen[vertex] = ways[np.argmin(edges.storage[ways])]
        found[vertex] = found[edges.source[chosen[vertex]]] + 1
        is_placed[vertex] = True
    return pose(plan.graph, objective).finish(
        plan.optimizer, chosen, bound=plan.bound, tied=plan.tied
    )
