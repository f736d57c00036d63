"""Strategies that learn, by Optuna: asked for points and told of results; it stores nothing."""

import logging
import math

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.trial import TrialState

from modelhub.trials.rules import Metrics
from modelhub.trials.space import Dimension, Interval, Point, Space

_CANDIDATE = "candidate"
_LEAST, _FACTOR = 1, 3  # of asha and hyperband


class OptunaSearch:
    """Points by `tpe` or `gp`, or the grid, of which `asha` or `hyperband` stop trials.

    Choices are told by their places in the list, so that they may be of any kind.
    """

    def __init__(
        self, kind: str, space: Space, *, metric: str, is_falling: bool, options: dict[str, int]
    ) -> None:
        optuna.logging.set_verbosity(logging.WARNING)
        self._space, self._metric = space, metric
        self._is_grid = kind in {"asha", "hyperband"}
        self.count = space.size if self._is_grid else options["n"]
        self._study = optuna.create_study(
            direction="minimize" if is_falling else "maximize",
            sampler=_sampler(kind, options),
            pruner=_pruner(kind, options),
        )
        self._trials: dict[int, optuna.Trial] = {}
        self._last: dict[int, float] = {}
        self._distributions = {
            _CANDIDATE: CategoricalDistribution(range(space.candidates)),
            **{each.name: _distribution(each) for each in space.dimensions},
        }

    def point(self, number: int) -> tuple[int, Point]:
        """What the strategy asks for next."""
        if self._is_grid:
            candidate, point = self._space.at(number)
            self.resume(number, candidate, point)
            return candidate, point
        trial = self._trials[number] = self._study.ask(self._distributions)
        point = {each.name: _value(each, trial) for each in self._space.dimensions}
        return int(trial.params[_CANDIDATE]), point

    def resume(self, number: int, candidate: int, point: Point) -> None:
        """A trial whose point is known."""
        fixed = {_CANDIDATE: candidate}
        for each in self._space.dimensions:
            value = point[each.name]
            fixed[each.name] = value if isinstance(each, Interval) else each.values.index(value)
        self._study.enqueue_trial(fixed)
        self._trials[number] = self._study.ask(self._distributions)

    def refuses(self, number: int, step: int, metrics: Metrics) -> str | None:
        """Whether the strategy stops it."""
        value = metrics.get(self._metric, math.nan)
        if math.isnan(value):
            return None
        self._last[number] = value
        trial = self._trials[number]
        trial.report(value, step)
        if not trial.should_prune():
            return None
        return f"the strategy stops it: its {self._metric} is behind"

    def end(self, number: int, *, has_failed: bool) -> None:
        """Tell the study."""
        value = self._last.get(number)
        state = TrialState.FAIL if has_failed or value is None else TrialState.COMPLETE
        is_done = state is TrialState.COMPLETE
        self._study.tell(self._trials[number], value if is_done else None, state)


def _sampler(kind: str, options: dict[str, int]) -> optuna.samplers.BaseSampler:
    seed = options["seed"]
    if kind == "gp":
        return optuna.samplers.GPSampler(seed=seed)
    if kind == "tpe":
        return optuna.samplers.TPESampler(seed=seed)
    return optuna.samplers.RandomSampler(seed=seed)


def _pruner(kind: str, options: dict[str, int]) -> optuna.pruners.BasePruner:
    least, factor = options.get("min", _LEAST), options.get("factor", _FACTOR)
    if kind == "asha":
        return optuna.pruners.SuccessiveHalvingPruner(min_resource=least, reduction_factor=factor)
    if kind == "hyperband":
        return optuna.pruners.HyperbandPruner(
            min_resource=least, max_resource=options["max"], reduction_factor=factor
        )
    return optuna.pruners.NopPruner()


def _distribution(found: Dimension) -> BaseDistribution:
    if isinstance(found, Interval):
        return FloatDistribution(found.low, found.high, log=found.is_log)
    return CategoricalDistribution(range(len(found.values)))


def _value(found: Dimension, trial: optuna.Trial) -> object:
    value = trial.params[found.name]
    return value if isinstance(found, Interval) else found.values[value]
