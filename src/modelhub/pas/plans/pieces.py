"""Deltas cut into small trees, within which the best plan is found exactly."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from modelhub.pas.plans.graph import EMPTY, Ids, Reals, StorageGraph, starts
from modelhub.pas.plans.loops import Facilities, Forest, loops
from modelhub.pas.plans.problem import Problem

Marks = npt.NDArray[np.bool_]

_AWAY = 4.0  # a delta that exists in one direction only weighs as this many largest ones


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """The deltas as pairs of matrices, with the cheapest edge of each direction.

    Attributes:
        a: the lower matrix of each pair.
        b: the higher one.
        down: the edge from a to b, or -1.
        up: the edge from b to a, or -1.
        has_rivals: whether there are several edges of a pair and direction: other stores.
    """

    a: Ids
    b: Ids
    down: Ids
    up: Ids
    has_rivals: bool

    @classmethod
    def of(cls, graph: StorageGraph, prefer: Marks | None = None) -> Self:
        """All pairs of a graph; of rivals, those that are marked go first."""
        storage = graph.edges.storage if prefer is None else graph.edges.storage - prefer * 1e300
        edge = np.flatnonzero(graph.edges.source != EMPTY)
        source = graph.edges.source[edge].astype(np.int64)
        target = graph.edges.target[edge].astype(np.int64)
        pair = np.minimum(source, target) * graph.vertices + np.maximum(source, target)
        key = pair * 2 + (source > target)
        order = np.lexsort((storage[edge], key))
        first = np.ones(len(order), np.bool_)
        first[1:] = key[order[1:]] != key[order[:-1]]
        kept = order[first]
        pairs, at = np.unique(pair[kept], return_inverse=True)
        down, up = (np.full(len(pairs), -1, np.int32) for _ in range(2))
        forward = source[kept] < target[kept]
        down[at[forward]], up[at[~forward]] = edge[kept[forward]], edge[kept[~forward]]
        a, b = (part.astype(np.int32) for part in np.divmod(pairs, graph.vertices))
        return cls(a=a, b=b, down=down, up=up, has_rivals=len(kept) < len(order))

    def weight(self, graph: StorageGraph) -> Reals:
        """Bytes of both directions: pairs of little weight are worth to be in one piece."""
        storage = graph.edges.storage
        away = _AWAY * float(storage.max(initial=0.0))
        sides = (np.where(edge >= 0, storage[edge], away) for edge in (self.down, self.up))
        return next(sides) + next(sides)

    def mark(self, chosen: Marks) -> Marks:
        """The pairs that have a marked edge."""
        return (chosen[self.down] & (self.down >= 0)) | (chosen[self.up] & (self.up >= 0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """A forest whose trees have few matrices.

    Attributes:
        forest: the trees.
        in_tree: the edges that are in one.
    """

    forest: Forest
    in_tree: Marks

    @classmethod
    def cut(cls, graph: StorageGraph, pairs: Pairs, weight: Reals, most: int) -> Self:
        """Join matrices by the lightest pairs into trees of at most `most`."""
        taken = np.zeros(len(pairs.a), np.bool_)
        order = np.argsort(weight, kind="stable").astype(np.int32)
        loops().join_pairs(graph.vertices, pairs.a, pairs.b, order, most, taken)
        forest = _laid_out(graph.vertices, pairs, np.flatnonzero(taken).astype(np.int32))
        in_tree = np.zeros(len(graph.given), np.bool_)
        for edge in (forest.down, forest.up):
            in_tree[edge[edge >= 0]] = True
        return cls(forest=forest, in_tree=in_tree)

    def solve(
        self, problem: Problem, price: Reals, weight: Reals, ways: Facilities | None = None
    ) -> tuple[float, Ids, Reals]:
        """The program's value, its plan, which may have cycles, and its recreation.

        Args:
            problem: with ceilings.
            price: the recreation at which each vertex is to be had by edges of no piece.
            weight: bytes that a second of each vertex's recreation is worth.
            ways: `facilities` of the price, if they are known.
        """
        plan = np.empty(problem.graph.vertices, np.int32)
        reached, value = np.empty(problem.graph.vertices), np.empty(1)
        ways = ways or self.facilities(problem.graph, price)
        loops().program(
            problem.graph.edges,
            self.forest,
            ways,
            weight,
            problem.ceiling,
            plan,
            reached,
            value,
        )
        return float(value[0]), plan, reached

    def facilities(self, graph: StorageGraph, price: Reals) -> Facilities:
        """The edges of no piece that are worth to be looked at, at a price."""
        size = len(graph.given)
        start, edge = np.empty(graph.vertices, np.int32), np.empty(size, np.int32)
        cost, distance = np.empty(size), np.empty(size)
        count = loops().facilities(
            graph.edges, self.forest.vertex, self.in_tree, price, start, edge, cost, distance
        )
        return Facilities(start, edge[:count].copy(), cost[:count].copy(), distance[:count].copy())

    def opened(self, problem: Problem, plan: Ids) -> Ids:
        """A tree of a plan that the program found."""
        found = plan.copy()
        loops().open_cycles(problem.graph.edges, self.in_tree, problem.shortest, found)
        return found


def _laid_out(vertices: int, pairs: Pairs, taken: Ids) -> Forest:
    here = np.concatenate((pairs.a[taken], pairs.b[taken]))
    there = np.concatenate((pairs.b[taken], pairs.a[taken]))
    order = np.argsort(here, kind="stable")
    near = np.ascontiguousarray(there[order])
    pair = np.ascontiguousarray(np.concatenate((taken, taken))[order])
    vertex, parent, by, end = (np.empty(vertices - 1, np.int32) for _ in range(4))
    first = np.empty(vertices, np.int32)
    count = loops().lay_out(starts(here, vertices), near, pair, vertex, parent, by, end, first)
    down, up = (np.full(vertices - 1, -1, np.int32) for _ in range(2))
    joined = np.flatnonzero(by >= 0)
    forward = pairs.a[by[joined]] == vertex[parent[joined]]
    down[joined] = np.where(forward, pairs.down[by[joined]], pairs.up[by[joined]])
    up[joined] = np.where(forward, pairs.up[by[joined]], pairs.down[by[joined]])
    return Forest(vertex, parent, end, first[: count + 1].copy(), down, up)
