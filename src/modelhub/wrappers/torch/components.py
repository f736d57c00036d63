"""Strongly connected components of a graph of whole numbers."""

from collections.abc import Sequence


def cyclic(successors: Sequence[Sequence[int]]) -> list[list[int]]:
    """The vertices that lie on cycles, component by component; a vertex alone is none.

    Source:
        Tarjan, Depth-first search and linear graph algorithms, 1972; without recursion.

    >>> cyclic([[1], [2], [1], [0]])
    [[2, 1]]
    """
    unseen = -1
    count = len(successors)
    index, low = [unseen] * count, [0] * count
    waiting, is_waiting = [], [False] * count
    found: list[list[int]] = []
    clock = 0
    for root in range(count):
        if index[root] != unseen:
            continue
        path = [(root, 0)]
        while path:
            vertex, step = path.pop()
            if step == 0:
                index[vertex] = low[vertex] = clock
                clock += 1
                waiting.append(vertex)
                is_waiting[vertex] = True
            descended = False
            for position in range(step, len(successors[vertex])):
                following = successors[vertex][position]
                if index[following] == unseen:
                    path += [(vertex, position + 1), (following, 0)]
                    descended = True
                    break
                if is_waiting[following]:
                    low[vertex] = min(low[vertex], index[following])
            if descended:
                continue
            if low[vertex] == index[vertex]:
                component = _popped(waiting, is_waiting, vertex)
                if len(component) > 1:
                    found.append(component)
            if path:
                above = path[-1][0]
                low[above] = min(low[above], low[vertex])
    return found


def _popped(waiting: list[int], is_waiting: list[bool], last: int) -> list[int]:
    component = []
    while True:
        vertex = waiting.pop()
        is_waiting[vertex] = False
        component.append(vertex)
        if vertex == last:
            return component
