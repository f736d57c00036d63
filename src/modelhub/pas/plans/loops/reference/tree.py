"""A plan as a tree whose vertices can be hung elsewhere."""

from collections.abc import Iterator

from modelhub.pas.plans.graph import Edges, Ids


class Tree:
    """Who is whose child, in the order in which the loops meet them.

    Args:
        edges: of the graph.
        plan: the edge of each vertex; None for a tree that has only nothing yet.
    """

    def __init__(self, edges: Edges, plan: Ids | None) -> None:
        size = len(edges.in_start) - 1
        self.source: list[int] = edges.source.tolist()
        self.plan = [-1] * size if plan is None else plan.tolist()
        self._child, self._next, self._previous = ([-1] * size for _ in range(3))
        if plan is not None:
            for v in range(size - 1, 0, -1):
                self._put(v, self.source[self.plan[v]])

    def children(self, v: int) -> Iterator[int]:
        """The children of v, the one that came last first."""
        child = self._child[v]
        while child >= 0:
            yield child
            child = self._next[child]

    def parent(self, v: int) -> int:
        """The base of v in the plan."""
        return self.source[self.plan[v]]

    def below(self, v: int) -> Iterator[int]:
        """The vertex and all that hang on it, each before its children."""
        stack = [v]
        while stack:
            x = stack.pop()
            yield x
            stack.extend(self.children(x))

    def is_below(self, x: int, top: int) -> bool:
        """Whether x is `top` or hangs on it."""
        while x:
            if x == top:
                return True
            x = self.source[self.plan[x]]
        return False

    def grow(self, v: int, edge: int) -> None:
        """Hang v, which was nowhere, by an edge."""
        self.plan[v] = edge
        self._put(v, self.source[edge])

    def hang(self, v: int, edge: int) -> None:
        """Hang v, and all below it, by another edge."""
        self._take(v, self.parent(v))
        self.grow(v, edge)

    def _put(self, v: int, parent: int) -> None:
        first = self._child[parent]
        self._previous[v], self._next[v] = -1, first
        if first >= 0:
            self._previous[first] = v
        self._child[parent] = v

    def _take(self, v: int, parent: int) -> None:
        before, after = self._previous[v], self._next[v]
        if before >= 0:
            self._next[before] = after
        else:
            self._child[parent] = after
        if after >= 0:
            self._previous[after] = before
