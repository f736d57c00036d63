"""Shortest paths from nothing, and what paths cost in a given tree."""

import math

from modelhub.pas.plans.graph import Edges, Groups, Ids, Reals

_OUTSIDE, _DONE = -1, -2


def shortest_paths(edges: Edges, distance: Reals, plan: Ids) -> None:
    """Write the recreation of each vertex at its least, and the edge that gives it.

    Of edges that are as near, the one that stores less is taken.

    Source:
        Dijkstra, "A note on two problems in connection with graphs", 1959; a binary heap.
    """
    paths = _Paths(edges)
    while paths.heap:
        paths.step()
    distance[:] = paths.distance
    plan[:] = paths.plan


class _Paths:
    def __init__(self, edges: Edges) -> None:
        size = len(edges.in_start) - 1
        self.target, self.out_edge = edges.target.tolist(), edges.out_edge.tolist()
        self.storage, self.recreation = edges.storage.tolist(), edges.recreation.tolist()
        self.out_start = edges.out_start.tolist()
        self.distance, self.plan = [math.inf] * size, [-1] * size
        self.place = [_OUTSIDE] * size
        self.distance[0] = 0.0
        self.place[0] = 0
        self.heap = [0]

    def step(self) -> None:
        u, last = self.heap[0], self.heap.pop()
        if self.heap:
            self._sink(last)
        self.place[u] = _DONE
        for edge in self.out_edge[self.out_start[u] : self.out_start[u + 1]]:
            v, far = self.target[edge], self.distance[u] + self.recreation[edge]
            is_tie = far == self.distance[v] and self.place[v] >= 0
            if far < self.distance[v] or (
                is_tie and self.storage[edge] < self.storage[self.plan[v]]
            ):
                self.distance[v], self.plan[v] = far, edge
                self._rise(v)

    def _sink(self, last: int) -> None:
        heap, far, at = self.heap, self.distance, 0
        while 2 * at + 1 < len(heap):
            child = 2 * at + 1
            if child + 1 < len(heap) and far[heap[child + 1]] < far[heap[child]]:
                child += 1
            if far[heap[child]] >= far[last]:
                break
            heap[at] = heap[child]
            self.place[heap[at]] = at
            at = child
        heap[at] = last
        self.place[last] = at

    def _rise(self, v: int) -> None:
        heap, far, at = self.heap, self.distance, self.place[v]
        if at < 0:
            at = len(heap)
            heap.append(v)
        while at > 0 and far[heap[(at - 1) // 2]] > far[v]:
            heap[at] = heap[(at - 1) // 2]
            self.place[heap[at]] = at
            at = (at - 1) // 2
        heap[at] = v
        self.place[v] = at


def distances(edges: Edges, plan: Ids, distance: Reals) -> None:
    """Write the recreation of each vertex along the tree `plan`.

    Raises:
        ValueError: the plan is no tree from nothing.
    """
    source, recreation, chosen = edges.source.tolist(), edges.recreation.tolist(), plan.tolist()
    far = [-1.0] * len(chosen)
    far[0] = 0.0
    for v in range(1, len(chosen)):
        path, x = [], v
        while far[x] < 0:
            path.append(x)
            if len(path) > len(chosen) or chosen[x] < 0:
                raise ValueError("the plan is no tree")
            x = source[chosen[x]]
        for x in reversed(path):
            far[x] = far[source[chosen[x]]] + recreation[chosen[x]]
    distance[:] = far


def shared_costs(edges: Edges, groups: Groups, plan: Ids, cost: Reals) -> None:
    """Write what each group costs if work that its members share is done once."""
    source, recreation, chosen = edges.source.tolist(), edges.recreation.tolist(), plan.tolist()
    start, member = groups.start.tolist(), groups.member.tolist()
    for at in range(len(start) - 1):
        done, total = {0}, 0.0
        for vertex in member[start[at] : start[at + 1]]:
            x = vertex
            while x not in done:
                done.add(x)
                total += recreation[chosen[x]]
                x = source[chosen[x]]
        cost[at] = total
