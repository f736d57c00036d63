"""PAS-MT: parents are swapped, greatest gain for its storage first."""

from collections.abc import Iterator
from itertools import pairwise

from modelhub.pas.plans.graph import Edges, Groups, Ids
from modelhub.pas.plans.loops.reference.tree import Tree

SLIGHT = 1e-9  # relative: below it, a difference is rounding
EQUAL = 1e-12  # relative: members that share a maximum


def swap_parents(edges: Edges, groups: Groups, plan: Ids, parallel: bool) -> int:
    """Swap parents in `plan` until all budgets hold or no swap has a gain; how many were swapped.

    The gain of a swap is the drop in recreation of the groups over budget: of their sums, or,
    if `parallel`, of their maxima. It is divided by the growth in storage; swaps that store no
    more come first. Of equal swaps the one of the lower edge is taken.

    Source:
        Sec. IV-C, PAS-MT. By Lemma 3 the gain of every edge follows from one number a vertex:
        how many members of groups over budget are below it (or, if `parallel`, how far each
        maximum can drop); so a swap costs O(edges).
    """
    swaps = _Swaps(edges, groups, plan, parallel=parallel)
    count = 0
    while (best := swaps.best()) is not None:
        swaps.tree.hang(int(edges.target[best]), best)
        count += 1
    plan[:] = swaps.tree.plan
    return count


class _Swaps:
    def __init__(self, edges: Edges, groups: Groups, plan: Ids, *, parallel: bool) -> None:
        self.tree = Tree(edges, plan)
        self.parallel = parallel
        self.target = edges.target.tolist()
        self.storage, self.recreation = edges.storage.tolist(), edges.recreation.tolist()
        start, member = groups.start.tolist(), groups.member.tolist()
        self.members = [member[a:b] for a, b in pairwise(start)]
        self.budget = groups.budget.tolist()

    def best(self) -> int | None:
        """The edge to swap to; None if all is within budget, or nothing has a gain."""
        far = self._distances()
        caps = self._caps(far)
        if not any(caps):
            return None
        found: tuple[bool, float] | None = None
        edge_found = None
        for edge, v in enumerate(self.target):
            if caps[v] and self.tree.plan[v] != edge:
                drop = far[v] - far[self.tree.source[edge]] - self.recreation[edge]
                if drop > SLIGHT * far[v] and not self.tree.is_below(self.tree.source[edge], v):
                    rank = self._rank(edge, v, drop, caps[v])
                    if found is None or rank > found:
                        found, edge_found = rank, edge
        return edge_found

    def _rank(self, edge: int, v: int, drop: float, caps: list[float]) -> tuple[bool, float]:
        if self.parallel:
            gain = 0.0
            for cap in caps:
                gain += min(drop, cap)
        else:
            gain = drop * len(caps)
        growth = self.storage[edge] - self.storage[self.tree.plan[v]]
        return (True, gain) if growth <= 0 else (False, gain / growth)

    def _distances(self) -> list[float]:
        far = [0.0] * len(self.tree.plan)
        for v in self.tree.below(0):
            if v:
                far[v] = far[self.tree.parent(v)] + self.recreation[self.tree.plan[v]]
        return far

    def _caps(self, far: list[float]) -> list[list[float]]:
        """For each vertex, how much each group over budget can gain there, in order of groups."""
        caps: list[list[float]] = [[] for _ in far]
        for members, budget in zip(self.members, self.budget, strict=True):
            cost = 0.0
            for v in members:
                cost = max(cost, far[v]) if self.parallel else cost + far[v]
            if cost > budget * (1 + SLIGHT):
                for v, cap in self._drops(members, far, cost):
                    caps[v].append(cap)
        return caps

    def _drops(
        self, members: list[int], far: list[float], cost: float
    ) -> Iterator[tuple[int, float]]:
        if not self.parallel:
            yield from ((x, cost) for v in members for x in self._above(v))
            return
        last = next(v for v in members if far[v] >= cost * (1 - EQUAL))
        for x in self._above(last):
            outside = max((far[v] for v in members if not self.tree.is_below(v, x)), default=0.0)
            if cost - outside > SLIGHT * cost:
                yield x, cost - outside

    def _above(self, v: int) -> Iterator[int]:
        while v:
            yield v
            v = self.tree.parent(v)
