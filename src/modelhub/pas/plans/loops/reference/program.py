"""The tree program: the best plan within pieces, at given prices."""

import math
from typing import NamedTuple

import numpy as np

from modelhub.pas.plans.graph import Edges, Ids, Reals
from modelhub.pas.plans.loops.reference.pieces import Marks


class Forest(NamedTuple):
    """Pieces in preorder, by place.

    Attributes:
        vertex: at each place.
        parent: the place of its parent, or -1.
        end: the place behind the last one of its subtree.
        first: where each piece starts, and where the last one ends.
        down: the edge from the parent, or -1.
        up: the edge to the parent, or -1.
    """

    vertex: Ids
    parent: Ids
    end: Ids
    first: Ids
    down: Ids
    up: Ids


class Facilities(NamedTuple):
    """Ways to start a path, by place; see `pieces.facilities`."""

    start: Ids
    edge: Ids
    cost: Reals
    distance: Reals


def program(
    edges: Edges,
    forest: Forest,
    ways: Facilities,
    weight: Reals,
    ceiling: Reals,
    plan: Ids,
    reached: Reals,
    value: Reals,
) -> None:
    """Find the least storage + Σ weight × recreation, deltas being those of the pieces only.

    Args:
        edges: of the graph.
        forest: the pieces.
        ways: facilities; their distances are taken as given.
        weight: bytes that a second of each vertex's recreation is worth.
        ceiling: the most that each vertex's recreation may be.
        plan: out, the edge of each vertex; it may contain cycles through facilities.
        reached: out, the recreation of each vertex as the program sees it.
        value: out, one number: what was minimised.

    Cost:
        O(matrices × facilities) for each piece.
    """
    plan[:] = -1
    reached[:] = 0.0
    total = 0.0
    for a, b in zip(forest.first[:-1].tolist(), forest.first[1:].tolist(), strict=True):
        piece = _Piece(edges, forest, ways, a, b)
        piece.measure()
        piece.choose(weight, ceiling)
        piece.write(plan, reached)
        total += piece.best[0]
    value[0] = total


class _Piece:
    """Rows are matrices, columns are the facilities of the piece."""

    def __init__(self, edges: Edges, forest: Forest, ways: Facilities, a: int, b: int) -> None:
        self.edges = edges
        self.vertex = forest.vertex[a:b].tolist()
        self.parent = [p - a for p in forest.parent[a:b].tolist()]
        self.down, self.up = forest.down[a:b].tolist(), forest.up[a:b].tolist()
        first = ways.start[a]
        self.own = (ways.start[a : b + 1] - first).tolist()
        self.last = (ways.start[forest.end[a:b]] - first).tolist()
        here = slice(first, ways.start[b])
        self.edge, self.cost, self.far = ways.edge[here], ways.cost[here], ways.distance[here]
        self.distance = np.zeros((b - a, len(self.edge)))
        self.total = np.zeros((b - a, len(self.edge)))
        self.best = [math.inf] * (b - a)
        self.way = [-1] * (b - a)

    def measure(self) -> None:
        """How far each matrix is from nothing if it is served by each facility."""
        for v in range(len(self.vertex) - 1, -1, -1):
            own = slice(self.own[v], self.own[v + 1])
            self.distance[v, own] = self.far[own]
            if v:
                below = slice(self.own[v], self.last[v])
                step = self._cost(self.edges.recreation, self.up[v])
                self.distance[self.parent[v], below] = self.distance[v, below] + step
        for v in range(1, len(self.vertex)):
            step = self._cost(self.edges.recreation, self.down[v])
            for outside in self._outside(v):
                self.distance[v, outside] = self.distance[self.parent[v], outside] + step

    def choose(self, weight: Reals, ceiling: Reals) -> None:
        """What each subtree costs if its root is served by each facility, and the best."""
        for v in range(len(self.vertex) - 1, -1, -1):
            far, row = self.distance[v], self.total[v]
            limit = min(float(ceiling[self.vertex[v]]), np.finfo(np.float64).max)
            fits = far <= limit
            row[fits] += weight[self.vertex[v]] * far[fits]
            row[~fits] = np.inf
            own = slice(self.own[v], self.own[v + 1])
            row[own] += self.cost[own]
            below = slice(self.own[v], self.last[v])
            if self.own[v] < self.last[v] and row[below].min() < math.inf:
                self.way[v] = self.own[v] + int(np.argmin(row[below]))
                self.best[v] = float(row[self.way[v]])
            if v:
                down = self._cost(self.edges.storage, self.down[v])
                above = self.total[self.parent[v]]
                for outside in self._outside(v):
                    above[outside] += np.minimum(row[outside] + down, self.best[v])
                above[below] += row[below] + self._cost(self.edges.storage, self.up[v])

    def write(self, plan: Ids, reached: Reals) -> None:
        """Trace the choices back from the root."""
        serves = list(self.way)
        for v, vertex in enumerate(self.vertex):
            if v:
                serves[v] = self._served(v, serves[self.parent[v]], plan)
            way = serves[v]
            if way >= 0:
                reached[vertex] = self.distance[v, way]
                if self.own[v] <= way < self.own[v + 1]:
                    plan[vertex] = self.edge[way]

    def _served(self, v: int, theirs: int, plan: Ids) -> int:
        if self.own[v] <= theirs < self.last[v]:
            plan[self.vertex[self.parent[v]]] = self.up[v]
            return theirs
        down = self.down[v]
        if theirs >= 0 and down >= 0:
            inherited = self.total[v, theirs] + self.edges.storage[down]
            if inherited <= self.best[v]:
                plan[self.vertex[v]] = down
                return theirs
        return self.way[v]

    def _outside(self, v: int) -> tuple[slice, slice]:
        return slice(0, self.own[v]), slice(self.last[v], None)

    @staticmethod
    def _cost(costs: Reals, edge: int) -> float:
        return float(costs[edge]) if edge >= 0 else math.inf


def open_cycles(edges: Edges, in_tree: Marks, shortest: Ids, plan: Ids) -> None:
    """Make a tree of what `program` wrote.

    A cycle is opened at an edge that is in no piece, if it has one; the vertex there is put on
    its shortest path, as is every vertex without an edge.
    """
    source, short = edges.source.tolist(), shortest.tolist()
    chosen = [e if e >= 0 else short[v] for v, e in enumerate(plan.tolist())]
    done = [False] * len(chosen)
    done[0] = True
    for v in range(1, len(chosen)):
        while not done[v]:
            path = _walk(v, chosen, source, done)
            x = source[chosen[path[-1]]]
            if done[x]:
                for y in path:
                    done[y] = True
                continue
            y = x
            while in_tree[chosen[y]]:
                y = source[chosen[y]]
                if y == x:
                    break
            while y:
                chosen[y] = short[y]
                y = source[short[y]]
    plan[:] = chosen


def _walk(v: int, chosen: list[int], source: list[int], done: list[bool]) -> list[int]:
    """Vertices from v until one that is done, or that has been met already."""
    path: list[int] = []
    met = set()
    x = v
    while not done[x] and x not in met:
        met.add(x)
        path.append(x)
        x = source[chosen[x]]
    return path
