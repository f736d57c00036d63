"""The minimum arborescence: a tree from nothing to every matrix, of the least weight."""

from modelhub.pas.plans.graph import EMPTY, Edges, Ids, Reals

_NONE = -1


class _Heaps:
    """Skew heaps of edges, with an addend that is handed down late."""

    def __init__(self, weight: Reals) -> None:
        self.key: list[float] = weight.tolist()
        self.late = [0.0] * len(self.key)
        self.left = [_NONE] * len(self.key)
        self.right = [_NONE] * len(self.key)

    def merge(self, a: int, b: int) -> int:
        if a < 0 or b < 0:
            return max(a, b)
        root = last = _NONE
        while a >= 0 and b >= 0:
            if self.key[b] < self.key[a]:
                a, b = b, a
            self._hand_down(a)
            if last < 0:
                root = a
            else:
                self.left[last] = a
            follower = self.right[a]
            self.right[a], self.left[a] = self.left[a], _NONE
            last, a = a, follower
        self.left[last] = a if a >= 0 else b
        return root

    def pop(self, a: int) -> int:
        """The heap without its least edge, which is `a`."""
        self._hand_down(a)
        return self.merge(self.left[a], self.right[a])

    def subtract(self, a: int, amount: float) -> None:
        self.key[a] -= amount
        self.late[a] -= amount

    def _hand_down(self, a: int) -> None:
        late = self.late[a]
        if late != 0.0:
            for child in (self.left[a], self.right[a]):
                if child >= 0:
                    self.key[child] += late
                    self.late[child] += late
            self.late[a] = 0.0


class _Sets:
    """Union by size without compression, so that it can be undone."""

    def __init__(self, size: int) -> None:
        self.up = [_NONE] * size
        self.history: list[tuple[int, int]] = []

    def find(self, x: int) -> int:
        while self.up[x] >= 0:
            x = self.up[x]
        return x

    def join(self, x: int, y: int) -> bool:
        a, b = self.find(x), self.find(y)
        if a == b:
            return False
        if self.up[a] > self.up[b]:
            a, b = b, a
        self.history.append((b, self.up[b]))
        self.up[a] += self.up[b]
        self.up[b] = a
        return True

    def undo(self, until: int) -> None:
        while len(self.history) > until:
            b, size = self.history.pop()
            a = self.up[b]
            self.up[b] = size
            self.up[a] -= size


def arborescence(edges: Edges, weight: Reals, plan: Ids) -> None:
    """Write the edge of each vertex into `plan`; that of nothing is -1.

    Raises:
        ValueError: a matrix cannot be reached from nothing.

    Source:
        Edmonds, "Optimum branchings", 1967, as Tarjan grows it (1977): a path is grown
        backwards, cycles are shrunk as they close and expanded in reverse.
    """
    _Arborescence(edges, weight).write(plan)


class _Arborescence:
    def __init__(self, edges: Edges, weight: Reals) -> None:
        self.source, self.target = edges.source.tolist(), edges.target.tolist()
        self.size = len(edges.in_start) - 1
        self.heaps, self.sets = _Heaps(weight), _Sets(self.size)
        self.heap = [self._heap_of(range(*edges.in_start[v : v + 2])) for v in range(self.size)]
        self.seen = [_NONE] * self.size
        self.seen[EMPTY] = EMPTY
        self.chosen = [_NONE] * self.size
        self.cycles: list[tuple[int, int, list[int]]] = []

    def write(self, plan: Ids) -> None:
        for vertex in range(self.size):
            self._grow(vertex)
        for vertex, time, cycle in reversed(self.cycles):
            self.sets.undo(time)
            entering = self.chosen[vertex]
            for edge in (*cycle, entering):
                self.chosen[self.sets.find(self.target[edge])] = edge
        plan[:] = self.chosen
        plan[EMPTY] = _NONE

    def _heap_of(self, edges: range) -> int:
        row = list(edges)
        while len(row) > 1:
            odd = row[-1:] if len(row) % 2 else []
            pairs = zip(row[::2], row[1::2], strict=False)
            row = [self.heaps.merge(a, b) for a, b in pairs] + odd
        return row[0] if row else _NONE

    def _grow(self, start: int) -> None:
        u = self.sets.find(start)
        path: list[tuple[int, int]] = []
        while self.seen[u] < 0:
            edge, before = self._enter(u)
            path.append((edge, u))
            self.seen[u] = start
            u = before
            if self.seen[u] == start and u != EMPTY:
                u = self._shrink(u, path)
        for edge, _ in path:
            self.chosen[self.sets.find(self.target[edge])] = edge

    def _enter(self, u: int) -> tuple[int, int]:
        """The least edge into what u stands for, and where it comes from."""
        before = u
        edge = _NONE
        while before == u:
            edge = self.heap[u]
            if edge < 0:
                raise ValueError("a matrix cannot be reached")
            self.heap[u] = self.heaps.pop(edge)
            before = self.sets.find(self.source[edge])
        if self.heap[u] >= 0:
            self.heaps.subtract(self.heap[u], self.heaps.key[edge])
        return edge, before

    def _shrink(self, u: int, path: list[tuple[int, int]]) -> int:
        merged, cycle, time = _NONE, [], len(self.sets.history)
        joined = True
        while joined:
            edge, vertex = path.pop()
            cycle.append(edge)
            merged = self.heaps.merge(merged, self.heap[vertex])
            joined = self.sets.join(u, vertex)
        u = self.sets.find(u)
        self.heap[u] = merged
        self.seen[u] = _NONE
        self.cycles.append((u, time, cycle[::-1]))
        return u
