"""Strongly connected components of a graph of whole numbers."""

from collections.abc import Iterator, Sequence

_UNSEEN = -1


def cyclic(successors: Sequence[Sequence[int]]) -> list[list[int]]:
    """The vertices that lie on cycles, component by component; a vertex alone is none.

    Cost: O(vertices + edges).

    Source:
        Tarjan, Depth-first search and linear graph algorithms, 1972; without recursion.

    >>> cyclic([[1], [2], [1], [0]])
    [[2, 1]]
    """
    search = _Search(successors)
    for root in range(len(successors)):
        if search.index[root] == _UNSEEN:
            search.descend(root)
    return search.found


class _Search:
    def __init__(self, successors: Sequence[Sequence[int]]) -> None:
        self._successors = successors
        self.index = [_UNSEEN] * len(successors)
        self._low = list(self.index)
        self._waiting: list[int] = []
        self._waits = [False] * len(successors)
        self._clock = 0
        self.found: list[list[int]] = []

    def descend(self, root: int) -> None:
        path = [self._entered(root)]
        while path:
            vertex, rest = path[-1]
            following = next((each for each in rest if self._is_new(vertex, each)), None)
            if following is not None:
                path.append(self._entered(following))
            else:
                path.pop()
                self._leave(vertex)
                if path:
                    above = path[-1][0]
                    self._low[above] = min(self._low[above], self._low[vertex])

    def _entered(self, vertex: int) -> tuple[int, Iterator[int]]:
        self.index[vertex] = self._low[vertex] = self._clock
        self._clock += 1
        self._waiting.append(vertex)
        self._waits[vertex] = True
        return vertex, iter(self._successors[vertex])

    def _is_new(self, vertex: int, following: int) -> bool:
        if self.index[following] == _UNSEEN:
            return True
        if self._waits[following]:
            self._low[vertex] = min(self._low[vertex], self.index[following])
        return False

    def _leave(self, vertex: int) -> None:
        if self._low[vertex] != self.index[vertex]:
            return
        component: list[int] = []
        while not component or component[-1] != vertex:
            component.append(self._waiting.pop())
            self._waits[component[-1]] = False
        if len(component) > 1:
            self.found.append(component)
