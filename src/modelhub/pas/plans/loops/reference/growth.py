"""PAS-PT: a tree grows by the cheapest edges that keep every group within its budget."""

from modelhub.pas.plans.graph import Edges, Groups, Ids, Reals
from modelhub.pas.plans.loops.reference.tree import Tree

SLIGHT = 1e-9  # relative: below it, a difference is rounding


def grow(
    edges: Edges,
    groups: Groups,
    hope: Reals,
    fallback: Ids,
    parallel: bool,
    plan: Ids,
) -> int:
    """Write a tree; how many vertices were left over and got their `fallback` edge.

    Args:
        edges: of the graph.
        groups: with budgets.
        hope: a bound of the recreation of each vertex that is not in the tree yet.
        fallback: the edge of each vertex that is left over.
        parallel: whether a group costs its maximum, and not its sum.
        plan: out.

    Source:
        Sec. IV-C, PAS-PT; what is done about groups that vertices left over broke, is the
        caller's: PAS-MT's swaps.
    """
    growth = _Growth(edges, groups, hope, parallel=parallel)
    while growth.heap:
        edge = growth.pop()
        if not growth.inside[growth.target[edge]] and growth.fits(edge):
            growth.take(edge)
    left = [v for v in range(1, len(plan)) if not growth.inside[v]]
    plan[:] = growth.tree.plan
    plan[left] = fallback[left]
    return len(left)


class _Growth:
    def __init__(self, edges: Edges, groups: Groups, hope: Reals, *, parallel: bool) -> None:
        self.tree = Tree(edges, None)
        self.target, self.parallel = edges.target.tolist(), parallel
        self.storage, self.recreation = edges.storage.tolist(), edges.recreation.tolist()
        self.out_start: list[int] = edges.out_start.tolist()
        self.out_edge: list[int] = edges.out_edge.tolist()
        self.of_start: list[int] = groups.of_start.tolist()
        self.of_group: list[int] = groups.of_group.tolist()
        self.budget, self.current = groups.budget.tolist(), hope.tolist()
        self.cost = [0.0] * len(self.budget)
        start = groups.start.tolist()
        for s in range(len(self.budget)):
            for v in groups.member[start[s] : start[s + 1]].tolist():
                self.cost[s] += self.current[v]
        self.inside = [False] * len(self.current)
        self.inside[0] = True
        self.heap: list[int] = []
        for edge in self._out_of(0):
            self._push(edge)

    def fits(self, edge: int) -> bool:
        """Whether every group of the edge's target stays within its budget."""
        v = self.target[edge]
        far = self.current[self.tree.source[edge]] + self.recreation[edge]
        return all(
            (far if self.parallel else self.cost[s] + far - self.current[v])
            <= self.budget[s] * (1 + SLIGHT)
            for s in self._groups_of(v)
        )

    def take(self, edge: int) -> None:
        """Hang the edge's target; queue what it leads to; hang others on it that gain by that."""
        v = self.target[edge]
        far = self.current[self.tree.source[edge]] + self.recreation[edge]
        self.inside[v] = True
        for s in self._groups_of(v):
            self.cost[s] += far - self.current[v]
        self.current[v] = far
        self.tree.grow(v, edge)
        for f in self._out_of(v):
            y = self.target[f]
            if not self.inside[y]:
                self._push(f)
                continue
            change = far + self.recreation[f] - self.current[y]
            if self.storage[f] < self.storage[self.tree.plan[y]] and change <= 0:
                self._hang_again(y, f, v, change)

    def _hang_again(self, y: int, edge: int, v: int, change: float) -> None:
        if self.tree.is_below(v, y):
            return
        self.tree.hang(y, edge)
        for x in self.tree.below(y):
            self.current[x] += change
            for s in self._groups_of(x):
                self.cost[s] += change

    def _groups_of(self, v: int) -> list[int]:
        return self.of_group[self.of_start[v] : self.of_start[v + 1]]

    def _out_of(self, v: int) -> list[int]:
        return self.out_edge[self.out_start[v] : self.out_start[v + 1]]

    def _push(self, edge: int) -> None:
        heap, at = self.heap, len(self.heap)
        heap.append(edge)
        while at > 0 and self.storage[heap[(at - 1) // 2]] > self.storage[edge]:
            heap[at] = heap[(at - 1) // 2]
            at = (at - 1) // 2
        heap[at] = edge

    def pop(self) -> int:
        """The edge of the least storage."""
        heap, storage = self.heap, self.storage
        top, last, at = heap[0], heap.pop(), 0
        while 2 * at + 1 < len(heap):
            child = 2 * at + 1
            if child + 1 < len(heap) and storage[heap[child + 1]] < storage[heap[child]]:
                child += 1
            if storage[heap[child]] >= storage[last]:
                break
            heap[at] = heap[child]
            at = child
        if heap:
            heap[at] = last
        return top
