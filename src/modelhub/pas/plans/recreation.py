"""What reading each snapshot costs in a plan."""

import numpy as np

from modelhub.pas.plans.graph import Ids, Reals, StorageGraph, group_arrays, sums
from modelhub.pas.plans.loops import loops
from modelhub.pas.plans.objective import Retrieval


def path_costs(graph: StorageGraph, plan: Ids) -> Reals:
    """The recreation of each vertex, in seconds.

    Raises:
        ValueError: the plan is no tree from nothing.
    """
    found = np.empty(graph.vertices)
    loops().distances(graph.edges, plan, found)
    return found


def recreation_costs(graph: StorageGraph, plan: Ids, retrieval: Retrieval) -> Reals:
    """The recreation of each snapshot, in seconds.

    Args:
        graph: with the snapshots.
        plan: the edge of each vertex.
        retrieval: how the snapshots are read.

    Raises:
        ValueError: the plan is no tree from nothing.
    """
    far = path_costs(graph, plan)
    if retrieval is Retrieval.REUSABLE:
        return _shared(graph, plan)
    return by_snapshot(graph, far, retrieval)


def recreation_of(graph: StorageGraph, given: Ids, retrieval: Retrieval) -> Reals:
    """The recreation of each snapshot, in seconds, if matrices are stored in given ways.

    Args:
        graph: with the snapshots.
        given: for matrices 1, 2, …: an edge, as it was counted when it was added.
        retrieval: how the snapshots are read.

    Raises:
        ValueError: these are no tree from nothing.
    """
    return recreation_costs(graph, edges_of(graph, given), retrieval)


def edges_of(graph: StorageGraph, given: Ids) -> Ids:
    """The edge of each vertex, of edges as they were counted when they were added."""
    place = np.empty(len(graph.given), np.int32)
    place[graph.given] = np.arange(len(graph.given), dtype=np.int32)
    return np.concatenate(([np.int32(-1)], place[given])).astype(np.int32)


def by_snapshot(graph: StorageGraph, far: Reals, retrieval: Retrieval) -> Reals:
    """Sums or maxima over the members of each snapshot, in their order."""
    count = len(graph.snapshots)
    if retrieval is Retrieval.INDEPENDENT:
        return sums(graph.group_of, far[graph.member], count)
    found = np.zeros(count)
    np.maximum.at(found, graph.group_of, far[graph.member])
    return found


def _shared(graph: StorageGraph, plan: Ids) -> Reals:
    cost = np.zeros(len(graph.snapshots))
    groups = group_arrays(graph.vertices, graph.start, graph.member, cost.copy())
    loops().shared_costs(graph.edges, groups, plan, cost)
    return cost
