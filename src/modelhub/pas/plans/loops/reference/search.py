"""Search from a plan: repair what is over budget, sweep for savings, kick and mend."""

import math

import numpy as np

from modelhub.pas.plans.graph import Edges, Groups, Ids, Reals
from modelhub.pas.plans.loops.reference.tree import Tree

SLIGHT = 1e-9  # relative: below it, a difference is rounding
_MOST_GROUPS, _MOST_NEAR = 64, 4000  # that one kick looks at
_MASK = (1 << 64) - 1

Journal = list[tuple[int, int]]  # vertices, and the edges that they had


class _Random:
    """splitmix64: the same numbers everywhere."""

    def __init__(self, seed: int) -> None:
        self.state = seed & _MASK

    def below(self, limit: int) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) & _MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return (((z ^ (z >> 31)) >> 32) * limit) >> 32


def repair(
    edges: Edges, groups: Groups, weight: Reals, shortest: Ids, least: float, plan: Ids, order: Ids
) -> int:
    """Bring the groups in `order` within their budgets; how many vertices were moved.

    The cheapest move for each second of violation that it removes is made, until none is left:
    moves that remove more than is needed are not paid for it. What no move mends, is put on
    shortest paths.

    Args:
        edges: of the graph.
        groups: with budgets of sums.
        weight: bytes that a second of each vertex's recreation is worth.
        shortest: the edges of the shortest paths.
        least: bytes; smaller gains are rounding.
        plan: changed in place.
        order: groups.
    """
    search = _Search(edges, groups, weight, shortest, least, plan)
    journal: Journal = []
    cost = 0.0
    for s in order.tolist():
        cost = search.repair_group(s, journal, cost, math.inf)
    plan[:] = search.tree.plan
    return len(journal)


def sweep(
    edges: Edges,
    groups: Groups,
    weight: Reals,
    shortest: Ids,
    least: float,
    plan: Ids,
    order: Ids,
    rounds: int,
) -> int:
    """Hang each vertex in `order` by its best edge within budget, `rounds` times at most.

    How many were moved. Arguments are those of `repair`; `order` is of vertices.
    """
    search = _Search(edges, groups, weight, shortest, least, plan)
    moves = 0
    for _ in range(rounds):
        found = sum(search.improve(v) for v in order.tolist())
        moves += found
        if not found:
            break
    plan[:] = search.tree.plan
    return moves


def kicks(
    edges: Edges,
    groups: Groups,
    weight: Reals,
    shortest: Ids,
    least: float,
    plan: Ids,
    near: Ids,
    seed: int,
    times: int,
) -> int:
    """Take some edge that is shorter or stores less; mend and use what follows; keep what saves.

    How many kicks saved something. Arguments are those of `repair`; `near` are the vertices to
    kick, all if it is empty.
    """
    search = _Search(edges, groups, weight, shortest, least, plan)
    chosen, random, hits = near.tolist(), _Random(seed), 0
    if len(plan) > 1:
        for _ in range(times):
            v = chosen[random.below(len(chosen))] if chosen else 1 + random.below(len(plan) - 1)
            first, last = search.in_start[v], search.in_start[v + 1]
            hits += search.kick(v, first + random.below(last - first), random)
    plan[:] = search.tree.plan
    return hits


def _ids(array: Ids) -> list[int]:
    return list(array.tolist())


def _reals(array: Reals) -> list[float]:
    return list(array.tolist())


class _Search:
    def __init__(
        self,
        edges: Edges,
        groups: Groups,
        weight: Reals,
        shortest: Ids,
        least: float,
        plan: Ids,
    ) -> None:
        self.tree = Tree(edges, plan)
        self.in_start, self.target = _ids(edges.in_start), _ids(edges.target)
        self.out_start, self.out_edge = _ids(edges.out_start), _ids(edges.out_edge)
        self.storage, self.recreation = _reals(edges.storage), _reals(edges.recreation)
        self.start, self.member = _ids(groups.start), _ids(groups.member)
        self.of_start, self.of_group = _ids(groups.of_start), _ids(groups.of_group)
        self.budget, self.weight = _reals(groups.budget), _reals(weight)
        self.weighted = bool(np.any(weight > 0))
        self.shortest, self.least = shortest.tolist(), least
        self.far = [0.0] * len(plan)
        for v in self.tree.below(0):
            if v:
                self.far[v] = self._reach(self.tree.plan[v])
        self.cost = [0.0] * len(self.budget)
        for s in range(len(self.cost)):
            for v in self._members(s):
                self.cost[s] += self.far[v]

    def improve(self, v: int) -> bool:
        """Hang v by its best edge; whether it has a better one than now."""
        edge = self._best_edge(v)
        if edge >= 0:
            self._apply(v, edge)
        return edge >= 0

    def repair_group(self, s: int, journal: Journal, cost: float, limit: float) -> float:
        """Bring group s within its budget; what has been paid, infinite if above the limit."""
        tries = 1000 + 8 * len(self._members(s))
        while self.cost[s] > self.budget[s] * (1 + SLIGHT):
            found = self._best_repair(s)
            if cost > limit:
                return math.inf
            if found < 0 or tries <= 0:
                for v in self._members(s):
                    cost = self._put_on_shortest(v, journal, cost)
                break
            cost += self._move(self.target[found], found, journal)
            tries -= 1
        return cost if cost <= limit else math.inf

    def kick(self, v: int, edge: int, random: _Random) -> bool:
        """Whether the kick saved something; if it did not, all may be as before."""
        change = self._reach(edge) - self.far[v]
        if self.tree.plan[v] == edge or self.tree.is_below(self.tree.source[edge], v):
            return False
        before, after = self.storage[self.tree.plan[v]], self.storage[edge]
        if change >= 0 and after - before >= 0:
            return False
        counts, below = self._below(v)
        over = [s for s, c in counts.items() if change > 0 and self._breaks(s, change * c)]
        near = [m for s in list(counts)[:_MOST_GROUPS] for m in self._members(s)][:_MOST_NEAR]
        grown = self._growth(v, edge, change, below)
        journal: Journal = [(v, self.tree.plan[v])]
        self._apply(v, edge)
        if over:
            grown = self._mend(over, journal, grown)
            if grown > 0.5 * (before + after):
                self._undo(journal)
                return False
        moved = [x for x, _ in journal]
        for x in moved:
            for f in self.out_edge[self.out_start[x] : self.out_start[x + 1]]:
                grown += self._hang(self.target[f], journal)
        for y in near:
            grown += self._hang(y, journal)
        if grown < -self.least:
            return True
        if grown > self.least or random.below(2):
            self._undo(journal)
        return False

    def _mend(self, over: list[int], journal: Journal, grown: float) -> float:
        """Repair the groups for less than was saved; what the plan grew, infinite if it failed."""
        cost = 0.0
        for s in over:
            cost = self.repair_group(s, journal, cost, -grown)
            if cost == math.inf:
                break
        return grown + cost

    def _breaks(self, s: int, change: float) -> bool:
        return self.cost[s] + change > self.budget[s]

    def _reach(self, edge: int) -> float:
        return self.far[self.tree.source[edge]] + self.recreation[edge]

    def _members(self, s: int) -> list[int]:
        return self.member[self.start[s] : self.start[s + 1]]

    def _apply(self, v: int, edge: int) -> None:
        change = self._reach(edge) - self.far[v]
        self.tree.hang(v, edge)
        if change:
            for x in self.tree.below(v):
                self.far[x] += change
                for s in self.of_group[self.of_start[x] : self.of_start[x + 1]]:
                    self.cost[s] += change

    def _below(self, v: int) -> tuple[dict[int, int], float]:
        """How many members each group has below v, and the weight there."""
        counts: dict[int, int] = {}
        weight = 0.0
        for x in self.tree.below(v):
            weight += self.weight[x]
            for s in self.of_group[self.of_start[x] : self.of_start[x + 1]]:
                counts[s] = counts.get(s, 0) + 1
        return counts, weight

    def _growth(self, v: int, edge: int, change: float, below: float) -> float:
        """What the plan costs more if v's edge becomes `edge`."""
        grown = self.storage[edge] - self.storage[self.tree.plan[v]]
        return grown + (below * change if self.weighted else 0.0)

    def _best_edge(self, v: int) -> int:
        saved, found = -self.least, -1
        room = below = -1.0
        for edge in range(self.in_start[v], self.in_start[v + 1]):
            grown = self.storage[edge] - self.storage[self.tree.plan[v]]
            if not self.weighted and grown >= saved:
                continue
            change = self._reach(edge) - self.far[v]
            if room < 0 and (change > 0 or self.weighted):
                counts, below = self._below(v)
                rooms = [(self.budget[s] - self.cost[s]) / c for s, c in counts.items()]
                room = max(min(rooms, default=math.inf), 0.0)
            if change > 0 and change > room:
                continue
            grown = self._growth(v, edge, change, below)
            if grown < saved and not self.tree.is_below(self.tree.source[edge], v):
                found, saved = edge, grown
        return found

    def _best_repair(self, s: int) -> int:
        """The cheapest move for the violation that it removes, on the paths of a group."""
        best, found = math.inf, -1
        for v in self._members(s):
            a = v
            while a:
                counts, below = self._below(a)
                for edge in range(self.in_start[a], self.in_start[a + 1]):
                    score = self._score(a, edge, counts, below)
                    if score < best:
                        best, found = score, edge
                a = self.tree.parent(a)
        return found

    def _score(self, a: int, edge: int, counts: dict[int, int], below: float) -> float:
        drop = self.far[a] - self.far[self.tree.source[edge]] - self.recreation[edge]
        if drop <= SLIGHT * self.far[a] or self.tree.is_below(self.tree.source[edge], a):
            return math.inf
        gain = 0.0
        for t, count in counts.items():
            over = self.cost[t] - self.budget[t]
            if over > 0:
                gain += min(over, drop * count)
        grown = self._growth(a, edge, -drop, below)
        return grown / gain if grown > 0 else grown * gain

    def _put_on_shortest(self, v: int, journal: Journal, cost: float) -> float:
        path, x = [], v
        while x:
            path.append(x)
            x = self.tree.source[self.shortest[x]]
        for x in reversed(path):
            if self.tree.plan[x] != self.shortest[x]:
                cost += self._move(x, self.shortest[x], journal)
        return cost

    def _move(self, v: int, edge: int, journal: Journal) -> float:
        """Hang v by an edge; what the plan costs more."""
        below = self._below(v)[1] if self.weighted else 0.0
        grown = self._growth(v, edge, self._reach(edge) - self.far[v], below)
        journal.append((v, self.tree.plan[v]))
        self._apply(v, edge)
        return grown

    def _hang(self, y: int, journal: Journal) -> float:
        edge = self._best_edge(y)
        return self._move(y, edge, journal) if edge >= 0 else 0.0

    def _undo(self, journal: Journal) -> None:
        for v, edge in reversed(journal):
            self._apply(v, edge)
