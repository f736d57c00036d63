"""A graph and an objective as arrays that optimizers work on."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from modelhub.errors import BudgetError, NotFoundError
from modelhub.pas.plans.graph import EMPTY, Groups, Ids, Reals, StorageGraph, group_arrays
from modelhub.pas.plans.loops import loops
from modelhub.pas.plans.objective import Objective, Retrieval
from modelhub.pas.plans.plan import TOLERANCE, StoragePlan
from modelhub.pas.plans.recreation import by_snapshot, path_costs, recreation_costs

_SOME = 3  # names that a message shows
_ROUNDING = 1e-12  # of the largest storage cost: gains below it are rounding


@dataclass(frozen=True, slots=False, kw_only=True, eq=False)
class Problem:
    """What is known before a plan is sought.

    Attributes:
        graph: of the storage.
        objective: as it was asked for.
        nearest: the least recreation of each vertex.
        shortest: the edges of the shortest paths.
        least: recreation by snapshot on shortest paths.
        budget: by snapshot, infinite where there is none.
        groups: the snapshots that have budgets.
        sums: groups whose sums have the same budgets: for parallel retrieval each matrix alone,
            since a maximum is within a budget if every member is.
        ceiling: the most that the recreation of each vertex can be in a plan within budget.
        weight: bytes that a second of each vertex's recreation is worth.
        rounding: bytes; gains below are rounding.
    """

    graph: StorageGraph
    objective: Objective
    nearest: Reals
    shortest: Ids
    least: Reals
    budget: Reals
    groups: Groups
    sums: Groups
    ceiling: Reals
    weight: Reals
    rounding: float

    @cached_property
    def tree(self) -> Ids:
        """The edges of the minimum arborescence."""
        found = np.empty(self.graph.vertices, np.int32)
        loops().arborescence(self.graph.edges, self.graph.edges.storage, found)
        return found

    @property
    def is_parallel(self) -> bool:
        """Whether a snapshot costs its longest path."""
        return self.objective.retrieval is Retrieval.PARALLEL

    def storage(self, plan: Ids) -> float:
        """Bytes of a plan, rounded once."""
        return math.fsum(self.graph.edges.storage[plan[1:]].tolist())

    def cost(self, plan: Ids) -> float:
        """What is to be little, of a plan."""
        if not self.weight.any():
            return self.storage(plan)
        paid = self.weight * path_costs(self.graph, plan)
        return math.fsum([self.storage(plan), *paid.tolist()])

    def is_within(self, plan: Ids) -> bool:
        """Whether every budget holds."""
        found = recreation_costs(self.graph, plan, self.objective.retrieval)
        return bool((found <= self.budget * (1 + TOLERANCE)).all())

    def finish(
        self,
        optimizer: str,
        plan: Ids,
        *,
        bound: float | None = None,
        tied: tuple[str, ...] = (),
    ) -> StoragePlan:
        """The plan with all that is to be told of it.

        Args:
            optimizer: who made it.
            plan: the edge of each vertex.
            bound: that the optimizer has proved; without one, the simple bound.
            tied: see `StoragePlan`.
        """
        cost = self.cost(plan)
        proved = self.simple_bound() if bound is None else bound
        found = recreation_costs(self.graph, plan, self.objective.retrieval)
        is_within = bool((found <= self.budget * (1 + TOLERANCE)).all())
        return StoragePlan(
            optimizer=optimizer,
            graph=self.graph,
            edge=plan,
            storage=self.storage(plan),
            cost=cost,
            bound=min(proved, cost) if is_within else proved,  # they may differ by rounding
            recreation=found,
            budget=self.budget,
            least=self.least,
            tied=tied,
        )

    def simple_bound(self) -> float:
        """The least storage, and the least recreation."""
        return math.fsum([self.storage(self.tree), *(self.weight * self.nearest).tolist()])


def pose(graph: StorageGraph, objective: Objective) -> Problem:
    """Find what a plan starts from, and whether there can be one.

    Raises:
        BudgetError: a budget is below the least possible. For reusable retrieval, whose least
            is not known, below that of shortest paths.
        NotFoundError: the objective names a snapshot that is not there.

    Cost:
        O(edges × log(matrices)).
    """
    nearest, shortest = np.empty(graph.vertices), np.empty(graph.vertices, np.int32)
    loops().shortest_paths(graph.edges, nearest, shortest)
    least = recreation_costs(graph, shortest, objective.retrieval)
    budget = _budgets(graph, objective, least)
    groups = _budgeted(graph, budget)
    sums = groups
    ceiling = _ceilings(graph, objective, nearest, budget)
    if objective.retrieval is Retrieval.PARALLEL:
        sums = _alone(graph, ceiling)
    weight = np.zeros(graph.vertices)
    by_name = _by_name(graph, objective.weights, 0.0, "weight")
    np.add.at(weight, graph.member, by_name[graph.group_of])
    return Problem(
        graph=graph,
        objective=objective,
        nearest=nearest,
        shortest=shortest,
        least=least,
        budget=budget,
        groups=groups,
        sums=sums,
        ceiling=ceiling,
        weight=weight,
        rounding=float(graph.edges.storage.max(initial=0.0)) * _ROUNDING,
    )


def _budgets(graph: StorageGraph, objective: Objective, least: Reals) -> Reals:
    alpha = math.inf if objective.alpha is None else objective.alpha
    general = np.full(len(least), math.inf) if math.isinf(alpha) else alpha * least
    given = _by_name(graph, objective.budgets, math.nan, "budget")
    budget = np.where(np.isnan(given), general, given)
    late = np.flatnonzero(least > budget + TOLERANCE * np.abs(budget))
    if len(late):
        at = int(late[np.argmax(least[late] - budget[late])])
        raise BudgetError(graph.snapshots[at], budget=float(budget[at]), least=float(least[at]))
    return np.maximum(budget, least)  # they may differ by rounding


def _by_name(graph: StorageGraph, numbers: Mapping[str, float], other: float, what: str) -> Reals:
    found = np.full(len(graph.snapshots), other)
    for name, number in numbers.items():
        if name not in graph.position:
            some = ", ".join(graph.snapshots[:_SOME]) or "none"
            more = " …" if len(graph.snapshots) > _SOME else ""
            raise NotFoundError(
                f"a {what} is given for snapshot {name!r}, which is not in the graph; "
                f"there are {len(graph.snapshots)}: {some}{more}"
            )
        found[graph.position[name]] = number
    return found


def _budgeted(graph: StorageGraph, budget: Reals) -> Groups:
    kept = np.isfinite(budget)
    sizes = np.diff(graph.start)[kept]
    return group_arrays(
        graph.vertices,
        np.concatenate(([0], np.cumsum(sizes))).astype(np.int32),
        graph.member[kept[graph.group_of]],
        budget[kept],
    )


def _ceilings(graph: StorageGraph, objective: Objective, nearest: Reals, budget: Reals) -> Reals:
    """Members of a snapshot share what its budget leaves above shortest paths."""
    ceiling = np.full(graph.vertices, math.inf)
    if objective.retrieval is Retrieval.INDEPENDENT:
        spare = budget - by_snapshot(graph, nearest, Retrieval.INDEPENDENT)
        limit = np.maximum(spare, 0.0)[graph.group_of] + nearest[graph.member]
    else:  # no path is longer than all that is done
        limit = budget[graph.group_of]
    np.minimum.at(ceiling, graph.member, limit)
    return ceiling * (1 + TOLERANCE)


def _alone(graph: StorageGraph, ceiling: Reals) -> Groups:
    member = np.flatnonzero(np.isfinite(ceiling)).astype(np.int32)
    member = member[member != EMPTY]
    start = np.arange(len(member) + 1, dtype=np.int32)
    return group_arrays(graph.vertices, start, member, ceiling[member] / (1 + TOLERANCE))
