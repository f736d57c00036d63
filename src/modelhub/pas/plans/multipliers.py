"""Prices of seconds, one for each budget: what the tree program pays to keep it."""

import math

import numpy as np

from modelhub.pas.plans.graph import EMPTY, Groups, Reals, sums
from modelhub.pas.plans.problem import Problem

_GROWING = 6  # rounds in which prices only find their scale
_STALE = 4  # rounds without a better bound, after which steps get shorter
_BETTER = 1 + 1e-5
_FAR = 1.05  # a plan that is further above the bound than this tells nothing
_SHORTER = 0.6
_SHARE = 0.6  # of a new gradient in the direction


class Multipliers:
    """Lagrangian prices λ, improved round by round; the best bound is kept.

    The program's value at λ ≥ 0, less Σ λ × budget, is a bound: whoever keeps the budgets pays
    no more than Σ λ × budget for the seconds.

    Args:
        problem: with budgets of sums.
        bound: one that is known already.

    Source:
        Held and Karp 1971 (bounds by prices), Polyak 1969 (the length of a step).
    """

    def __init__(self, problem: Problem, *, bound: float) -> None:
        self._groups, self._size = problem.sums, problem.graph.vertices
        self._group = np.repeat(np.arange(len(self._groups.budget)), np.diff(self._groups.start))
        self.bound = bound
        self.price = np.zeros(len(self._groups.budget))
        if not problem.is_parallel:  # there, ceilings say all that the budgets say
            self.price += _first_price(problem)
        self.best = self.price.copy()
        self._direction = np.zeros_like(self.price)
        self._length, self._stale, self._round = 1.0, 0, 0

    def weight(self, price: Reals) -> Reals:
        """Bytes that a second of each vertex's recreation costs."""
        return sums(self._groups.member, price[self._group], self._size)

    def learn(self, value: float, reached: Reals, cost: float) -> None:
        """Take in what the program found at the present prices, and choose the next.

        Args:
            value: of the program.
            reached: the recreation of each vertex in it.
            cost: of the best plan that is known; infinite if there is none.
        """
        found = value - math.fsum((self.price * self._groups.budget).tolist())
        if math.isfinite(found) and found > self.bound:
            self._stale = 0 if found > self.bound * _BETTER else self._stale + 1
            self.bound, self.best = found, self.price.copy()
        else:
            self._stale += 1
        found_sums = sums(self._group, reached[self._groups.member], len(self.price))
        self._round += 1
        if self._round <= _GROWING:
            self.price = self.price * _growth(found_sums, self._groups)
            if self._round == _GROWING:
                self.price = self.best.copy()
        elif self._stale >= _STALE:
            self._length, self._stale = self._length * _SHORTER, 0
            self.price, self._direction = self.best.copy(), self._direction * 0
        else:
            self._step(found_sums - self._groups.budget, found, cost)

    def _step(self, over: Reals, found: float, cost: float) -> None:
        over = np.where((self.price <= 0) & (over < 0), 0.0, over)
        self._direction = _SHARE * over + (1 - _SHARE) * self._direction
        target = min(cost, _FAR * self.bound)
        square = max(math.fsum((self._direction * self._direction).tolist()), 1e-30)
        step = self._length * max(target - found, 1e-4 * target) / square
        self.price = np.maximum(0.0, self.price + step * self._direction)


def _growth(found: Reals, groups: Groups) -> Reals:
    """Prices of budgets that are missed rise, others fall; not by more than four times."""
    ratio = np.full(len(found), 4.0)
    np.divide(found, groups.budget, out=ratio, where=groups.budget > 0)
    factor: Reals = np.clip(ratio * np.sqrt(ratio), 0.25, 4.0)
    return factor


def _first_price(problem: Problem) -> float:
    edges = problem.graph.edges
    whole = edges.storage[edges.source == EMPTY]
    second = float(np.median(problem.nearest[1:])) or float(problem.nearest.max())
    return 0.25 * float(np.median(whole)) / second if second else 0.0
