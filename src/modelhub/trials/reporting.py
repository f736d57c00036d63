"""What a trial tells while it is trained, and how it ends."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from modelhub.errors import InputError
from modelhub.trials.rules import Metrics

FINISHED, STOPPED, FAILED = "finished", "stopped", "failed"
Send: TypeAlias = Callable[[int, Metrics], str | None]


class StopTrial(Exception):  # noqa: N818 - it is no error
    """Raised in a training that is to stop; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a trial ended.

    Attributes:
        state: `FINISHED`, `STOPPED` or `FAILED`.
        step: the last that it reported.
        reason: why, unless it finished.
    """

    state: str
    step: int
    reason: str = ""


class Report(Protocol):
    """What a training calls, its own or the user's."""

    def __call__(self, step: int, **metrics: float) -> None:
        """Tell metrics at a step.

        Raises:
            StopTrial: the trial is to stop; let it pass.
            InputError: a number is none, or the loss is NaN.
        """
        ...


class Reporter:
    """A report that checks what it is told, and passes it on."""

    def __init__(self, send: Send, watched: Collection[str]) -> None:
        """A reporter.

        Args:
            send: gives None, or why the trial is to stop.
            watched: metrics that must be numbers; losses always must.
        """
        self._send, self._watched = send, watched
        self.step = 0

    def __call__(self, step: Any, **metrics: Any) -> None:
        """Tell metrics at a step.

        Raises:
            StopTrial: the trial is to stop.
            InputError: steps do not rise, a metric is no number, or one that counts is NaN.
        """
        if not isinstance(step, int) or step <= self.step or not metrics:
            raise InputError(f"report takes a step above {self.step}, and metrics; got {step!r}")
        numbers = {name: _number(name, value) for name, value in metrics.items()}
        for name, value in numbers.items():
            if math.isnan(value) and (name in self._watched or name.endswith("loss")):
                raise InputError(f"{name} is NaN at step {step}")
        self.step = step
        reason = self._send(step, numbers)
        if reason is not None:
            raise StopTrial(reason)


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"the metric {name} is {value!r}, no number") from None
