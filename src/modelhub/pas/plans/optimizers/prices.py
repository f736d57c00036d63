"""Our own: the tree program under prices of seconds, repaired, swept and kicked."""

import math
from dataclasses import dataclass

import numpy as np

from modelhub.pas.plans.graph import Ids, Reals, StorageGraph
from modelhub.pas.plans.loops import loops
from modelhub.pas.plans.multipliers import Multipliers
from modelhub.pas.plans.objective import Effort, Objective, Retrieval
from modelhub.pas.plans.optimizers.pas_mt import swapped
from modelhub.pas.plans.optimizers.pas_pt import grown
from modelhub.pas.plans.pieces import Pairs, Pieces
from modelhub.pas.plans.plan import StoragePlan
from modelhub.pas.plans.polish import kick, mend, sweep
from modelhub.pas.plans.problem import Problem, pose
from modelhub.pas.plans.reusable import inflate

_LARGE, _HUGE = 20_000, 300_000  # matrices from which on some steps do not pay
_OFFER = 10_000  # matrices up to which the paper's plans are tried, too
_SMALL = 400  # matrices below which kicks are not fewer
_GIVE_UP = 4  # other pieces in a row that found nothing better
_BETTER = 1 - 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How many steps are taken.

    Attributes:
        rounds: of prices.
        every: after so many rounds, a plan is made of what the program found.
        most: matrices of a piece.
        others: times that pieces are cut anew around the best plan.
        kicks: a matrix.
    """

    rounds: int
    every: int
    most: int
    others: int
    kicks: int


def schedule_for(effort: Effort, matrices: int) -> Schedule:
    """The steps of an effort; beyond 300,000 matrices kicks cost more than they bring."""
    is_huge = matrices >= _HUGE
    if effort is Effort.FAST:
        return Schedule(rounds=0, every=1, most=64, others=0, kicks=0 if is_huge else 3)
    if effort is Effort.THOROUGH:
        return Schedule(rounds=120, every=20, most=256, others=9, kicks=50)
    if is_huge:
        return Schedule(rounds=40, every=20, most=64, others=3, kicks=0)
    return Schedule(rounds=40, every=10, most=64, others=9, kicks=12)


def prices(graph: StorageGraph, objective: Objective) -> StoragePlan:
    """Near the least storage within all budgets, with a proved bound of how near.

    Deltas are cut into pieces, small trees in which a dynamic program finds the best plan under
    prices of seconds; prices rise where budgets are missed. What the program finds is repaired
    and swept; pieces are cut anew around the best plan; kicks search on from there. With
    `Effort.FAST` only: repair of the minimum arborescence, sweep and kicks. Up to 10,000
    matrices the plans of PAS-MT and PAS-PT are tried as well, but for `Effort.FAST`.

    Cost:
        a round O(matrices × facilities in a piece); a kick what it touches. 8,640 matrices take
        about a second, a million about a minute.

    Source:
        docs/explanation/plans.md; tree programs under prices are ours.
    """
    problem = pose(graph, objective)
    if objective.retrieval is Retrieval.REUSABLE:
        return inflate(problem, prices)
    return Planner(problem).run()


class Planner:
    """The best plan so far, and the bound so far."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.schedule = schedule_for(problem.objective.effort, problem.graph.matrices)
        self.best, self.cost = problem.shortest, math.inf
        self.bound = problem.simple_bound()
        self.tried: list[Ids] = []

    def run(self) -> StoragePlan:
        """Take all steps of the schedule."""
        problem = self.problem
        if not problem.weight.any() and problem.is_within(problem.tree):
            return problem.finish("prices", problem.tree, bound=problem.storage(problem.tree))
        self.offer(self._start())
        if self.schedule.rounds:
            self.offer(problem.shortest)
        if self.schedule.rounds:
            self._offer_the_papers()
            self._search_by_prices()
        self._kick()
        return problem.finish("prices", self.best, bound=self.bound)

    def offer(self, plan: Ids) -> bool:
        """Mend a plan, and keep it if it is the best; whether it is better by more than a bit."""
        mended = mend(self.problem, plan)
        if self.problem.graph.matrices <= _SMALL:
            self.tried.append(mended)
        cost, before = self.problem.cost(mended), self.cost
        if cost < self.cost - self.problem.rounding:
            self.best, self.cost = mended, cost
        return self.cost < before * _BETTER

    def _start(self) -> Ids:
        """The minimum arborescence; where it is large, repair takes long unless it is chopped."""
        problem = self.problem
        if problem.graph.matrices < _LARGE:
            return problem.tree
        found = np.empty_like(problem.tree)
        loops().chop(
            problem.graph.edges,
            problem.tree,
            problem.ceiling,
            problem.nearest,
            problem.shortest,
            found,
        )
        return found

    def _offer_the_papers(self) -> None:
        if self.problem.graph.matrices <= _OFFER and not self.problem.weight.any():
            self.offer(swapped(self.problem, self.problem.tree))
            self.offer(grown(self.problem))

    def _search_by_prices(self) -> None:
        graph = self.problem.graph
        pairs = Pairs.of(graph)
        weight = pairs.weight(graph)
        pieces = Pieces.cut(graph, pairs, weight, self.schedule.most)
        multipliers = Multipliers(self.problem, bound=self.bound)
        self._improve_prices(pieces, multipliers)
        self.bound = multipliers.bound
        self._cut_anew(pairs, weight, multipliers.weight(multipliers.best))

    def _improve_prices(self, pieces: Pieces, multipliers: Multipliers) -> None:
        problem = self.problem
        ways = pieces.facilities(problem.graph, problem.nearest)
        rounds = self.schedule.rounds if multipliers.price.any() else 1
        for number in range(1, rounds + 1):
            weight = problem.weight + multipliers.weight(multipliers.price)
            value, plan, reached = pieces.solve(problem, problem.nearest, weight, ways)
            if number % self.schedule.every == 0 or number == rounds:
                self.offer(pieces.opened(problem, plan))
            multipliers.learn(value, reached, self.cost)

    def _cut_anew(self, pairs: Pairs, weight: Reals, price: Reals) -> None:
        """Other pieces around the best plan, at the recreation that it gives."""
        problem, graph = self.problem, self.problem.graph
        failures = 0
        noise = np.random.PCG64(1)
        for number in range(self.schedule.others):
            if failures == _GIVE_UP or not len(pairs.a):
                return
            chosen = np.zeros(len(graph.given), np.bool_)
            chosen[self.best[1:]] = True
            if pairs.has_rivals:  # the pieces use the store that the plan uses
                pairs = Pairs.of(graph, chosen)
                weight = pairs.weight(graph)
            favour = np.where(pairs.mark(chosen), 0.3 if number % 2 == 0 else 0.6, 1.0)
            pieces = Pieces.cut(
                graph, pairs, weight * favour * _shaken(noise, len(weight)), self.schedule.most
            )
            seconds = problem.weight + price * (1.0, 0.6, 1.6)[number % 3]
            _, plan, _ = pieces.solve(problem, self._recreation(), seconds)
            failures = 0 if self.offer(pieces.opened(problem, plan)) else failures + 1

    def _recreation(self) -> Reals:
        found = np.empty(self.problem.graph.vertices)
        loops().distances(self.problem.graph.edges, self.best, found)
        return found

    def _kick(self) -> None:
        times = self.schedule.kicks * max(self.problem.graph.matrices, _SMALL)
        self._keep_if_better(self.best, times)
        if self.problem.graph.matrices <= _SMALL:  # there, kicks soon find all that is near
            for plan in self.tried:
                self._keep_if_better(plan, times // 4)

    def _keep_if_better(self, start: Ids, times: int) -> None:
        if times:
            kicked = sweep(self.problem, kick(self.problem, start, times), rounds=2)
            cost = self.problem.cost(kicked)
            if cost < self.cost:
                self.best, self.cost = kicked, cost


def _shaken(noise: np.random.PCG64, size: int) -> Reals:
    """Factors from 0.65 to 1.45, the same on every machine."""
    shares = (noise.random_raw(size) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return 0.65 + 0.8 * shares
