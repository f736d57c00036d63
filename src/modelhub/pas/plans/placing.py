"""New matrices into a plan that stays as it is: what a commit does."""

import numpy as np

from modelhub.errors import BudgetError, InputError
from modelhub.pas.plans.graph import EMPTY, Ids, Reals, StorageGraph, starts
from modelhub.pas.plans.objective import Objective, Retrieval
from modelhub.pas.plans.plan import TOLERANCE, StoragePlan
from modelhub.pas.plans.polish import kick, mend
from modelhub.pas.plans.problem import Problem, pose

_STEPS = 40
_CHEAPEST, _DEAREST = 1e-12, 1e12  # prices of a second, relative to storage by recreation
UNPLACED = -1


def choose_within(
    matrix: Ids, storage: Reals, recreation: Reals, *, budget: float, snapshot: str = "new"
) -> Ids:
    """One option for each matrix, little storage within a budget of summed recreation.

    Args:
        matrix: whose option each is, sorted: 0, 0, 1, 2, 2, …
        storage: bytes of each option.
        recreation: seconds of each option, its base included.
        budget: seconds of all together.
        snapshot: whose budget it is, for a message.

    Returns:
        for each matrix the index of its option.

    Raises:
        BudgetError: the fastest options take longer.

    Cost:
        O(options × log(options)); a fraction of a millisecond for a snapshot.

    Source:
        the multiple-choice knapsack by one price, found by bisection; what is left of the
        budget is spent on the largest savings.
    """
    first = starts(matrix, int(matrix[-1]) + 1 if len(matrix) else 0)[:-1]
    fastest = _least(recreation, storage, first, matrix)
    least = float(recreation[fastest].sum())
    if least > budget * (1 + TOLERANCE):
        raise BudgetError(snapshot, budget=budget, least=least)
    smallest = _least(storage, recreation, first, matrix)
    if not len(matrix) or recreation[smallest].sum() <= budget:
        return smallest
    chosen, scale = fastest, float(storage.max() / max(recreation.max(), 1e-300))
    low, high = _CHEAPEST * scale, _DEAREST * scale
    for _ in range(_STEPS):
        price = float(np.sqrt(low * high))
        found = _least(storage + price * recreation, recreation, first, matrix)
        if recreation[found].sum() <= budget:
            chosen, high = found, price
        else:
            low = price
    return _filled(matrix, storage, recreation, chosen, budget)


def place(
    graph: StorageGraph, chosen: Ids, objective: Objective, *, kicks: int = 100
) -> StoragePlan:
    """Find edges for the matrices that have none, and look a little around them.

    Args:
        graph: of old and new matrices.
        chosen: for matrices 1, 2, …: the edge of each in the order in which they were added;
            `UNPLACED` for the new ones.
        objective: with the budgets of all snapshots, parallel or independent.
        kicks: tries around the new matrices, which may move old ones; 0 moves none, unless a
            new matrix breaks an old budget.

    Raises:
        BudgetError: a budget is below the least possible.
        InputError: the old edges are no tree, or retrieval is reusable.

    Cost:
        O(edges × log(matrices)) to measure; the search itself is local. There is no bound:
        the plan's is 0.
    """
    if objective.retrieval is Retrieval.REUSABLE:
        raise InputError("matrices are placed for independent or parallel retrieval")
    problem = pose(graph, objective)
    plan = _in_order(graph, chosen)
    fresh = _unplaced(plan)
    _Placing(problem, plan).run()
    plan = mend(problem, plan, rounds=0)
    if kicks and len(fresh):
        plan = kick(problem, plan, kicks, near=_around(graph, fresh))
    return problem.finish("placed", plan, bound=0.0)


class _Placing:
    """The edges found so far (`plan`), and what the placed matrices cost (`far`)."""

    def __init__(self, problem: Problem, plan: Ids) -> None:
        self.problem, self.plan = problem, plan
        self.far = _known_costs(problem.graph, plan)

    def run(self) -> None:
        """Snapshot by snapshot, and then what is in none."""
        graph = self.problem.graph
        for at in range(len(graph.snapshots)):
            members = graph.member[graph.start[at] : graph.start[at + 1]]
            is_new = self.plan[members] == UNPLACED
            if is_new.any():
                used = float(self.far[members[~is_new]].sum())
                self._place(members[is_new], float(self.problem.budget[at]), used)
        self._place(_unplaced(self.plan), np.inf, 0.0)

    def _place(self, fresh: Ids, budget: float, used: float) -> None:
        """Within a budget of which some is used; what does not fit goes on shortest paths."""
        edges, ceiling = self.problem.graph.edges, self.problem.ceiling
        options = np.concatenate(
            [np.arange(*edges.in_start[v : v + 2]) for v in fresh] or [np.empty(0, int)]
        )
        reached = self.far[edges.source[options]] + edges.recreation[options]
        fits = np.isfinite(reached) & (reached <= ceiling[edges.target[options]])
        options, reached = options[fits], reached[fits]
        have, matrix = np.unique(edges.target[options], return_inverse=True)
        total = np.inf if self.problem.is_parallel else budget - used
        fastest = np.full(len(have), np.inf)
        np.minimum.at(fastest, matrix, reached)
        if len(have) < len(fresh) or fastest.sum() > total:
            for v in fresh:
                self._put_on_shortest(int(v))
            return
        found = choose_within(
            matrix.astype(np.int32), edges.storage[options], reached, budget=total
        )
        self.plan[have], self.far[have] = options[found], reached[found]

    def _put_on_shortest(self, v: int) -> None:
        while v != EMPTY:
            self.plan[v], self.far[v] = self.problem.shortest[v], self.problem.nearest[v]
            v = int(self.problem.graph.edges.source[self.problem.shortest[v]])


def _unplaced(plan: Ids) -> Ids:
    return np.flatnonzero(plan[1:] == UNPLACED).astype(np.int32) + np.int32(1)


def _in_order(graph: StorageGraph, chosen: Ids) -> Ids:
    """The edges of all vertices as the graph counts them."""
    given = np.asarray(chosen)
    if given.shape != (graph.matrices,) or not np.issubdtype(given.dtype, np.integer):
        raise InputError("a plan to place into has one edge for every matrix")
    if len(given) and not UNPLACED <= given.min() <= given.max() < len(graph.given):
        raise InputError("a plan to place into has edges that are not in the graph")
    where = np.empty(len(graph.given) + 1, np.int32)
    where[graph.given] = np.arange(len(graph.given))
    where[-1] = UNPLACED
    plan = np.concatenate(([UNPLACED], where[given])).astype(np.int32)
    old = np.flatnonzero(plan != UNPLACED)
    if (graph.edges.target[plan[old]] != old).any():
        raise InputError("a plan to place into has edges that lead to other matrices")
    return plan


def _known_costs(graph: StorageGraph, plan: Ids) -> Reals:
    """The recreation of placed matrices; infinite for others."""
    far = np.full(graph.vertices, np.inf)
    far[EMPTY] = 0.0
    old = np.flatnonzero(plan != UNPLACED)
    base, step = graph.edges.source[plan[old]], graph.edges.recreation[plan[old]]
    left = len(old)
    while left:
        found = far[base] + step
        is_new = np.isfinite(found) & np.isinf(far[old])
        if not is_new.any():
            raise InputError("the plan to place into is no tree from nothing")
        far[old[is_new]] = found[is_new]
        left -= int(is_new.sum())
    return far


def _around(graph: StorageGraph, fresh: Ids) -> Ids:
    """The new matrices, and those that have edges from or to them."""
    edges = graph.edges
    is_fresh = np.zeros(graph.vertices, np.bool_)
    is_fresh[fresh] = True
    near = is_fresh.copy()
    near[edges.target[is_fresh[edges.source]]] = True
    near[edges.source[is_fresh[edges.target]]] = True
    near[EMPTY] = False
    return np.flatnonzero(near).astype(np.int32)


def _least(score: Reals, then: Reals, first: Ids, matrix: Ids) -> Ids:
    """For each matrix its option of the least score; of equal ones, by `then`, then the first."""
    order = np.lexsort((then, score, matrix))
    found: Ids = order[first].astype(np.int32)
    return found


def _filled(matrix: Ids, storage: Reals, recreation: Reals, chosen: Ids, budget: float) -> Ids:
    """Spend what is left of the budget, on the largest savings first."""
    chosen, used = chosen.copy(), float(recreation[chosen].sum())
    saving = storage[chosen[matrix]] - storage
    for option in np.argsort(-saving, kind="stable"):
        now = chosen[matrix[option]]
        grown = used + float(recreation[option] - recreation[now])
        if storage[option] < storage[now] and grown <= budget:
            chosen[matrix[option]], used = option, grown
    return chosen
