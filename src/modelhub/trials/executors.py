"""Where trials are trained: here, one after the other, or in processes beside each other.

Every executor asks the driver for the next trial, hands on what it reports, and says how it
ended; only the driver knows rules, strategies and files.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeAlias

from modelhub.errors import ModelHubError
from modelhub.evaluation import told
from modelhub.plugins import Registry
from modelhub.trials.reporting import FAILED, STOPPED, Ending, Send, StopTrial
from modelhub.trials.rules import Metrics

Work: TypeAlias = Callable[[Any, Send], Ending]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A trial that is to be trained.

    Attributes:
        number: the trial's.
        task: what `Work` is called with; it can be pickled.
    """

    number: int
    task: Any


class Driver(Protocol):
    """Who knows what is to be done, and is told what was."""

    def next(self) -> Job | None:
        """The next trial; None if all have begun."""
        ...

    def report(self, number: int, step: int, metrics: Metrics) -> str | None:
        """What a trial reports; why it is to stop, or None."""
        ...

    def end(self, number: int, ending: Ending) -> None:
        """How a trial ended."""
        ...


class Executor(Protocol):
    """Trains trials until the driver has no more.

    The numbers that a trial reports do not depend on the executor. A trial that raises, or
    whose process dies, is one failed trial.
    """

    def run(self, driver: Driver, work: Work) -> None:
        """Train them all.

        Args:
            driver: asked and told on the thread that calls.
            work: a function of a module, so that other processes find it.

        Raises:
            KeyboardInterrupt: the user wants to stop; no trial goes on.
        """
        ...


class MakeExecutor(Protocol):
    """Makes an executor."""

    def __call__(self, workers: int) -> Executor:
        """One that trains as many trials at once."""
        ...


class Inline:
    """One trial after the other, in this process."""

    def __init__(self, workers: int = 1) -> None:
        """An executor; there is one worker, this process."""

    def run(self, driver: Driver, work: Work) -> None:
        """Train them all."""
        while (job := driver.next()) is not None:
            driver.end(job.number, attempt(work, job.task, partial(driver.report, job.number)))


def attempt(work: Work, task: Any, send: Send) -> Ending:
    """Train one trial; whatever it raises becomes its end."""
    step = 0

    def noted(at: int, metrics: Metrics) -> str | None:
        nonlocal step
        step = at
        return send(at, metrics)

    try:
        return work(task, noted)
    except StopTrial as stop:
        return Ending(state=STOPPED, step=step, reason=str(stop))
    except ModelHubError as error:
        return Ending(state=FAILED, step=step, reason=str(error))
    except (EOFError, BrokenPipeError):
        raise  # the driver is gone
    except Exception as error:  # noqa: BLE001 - code of the user may raise anything
        return Ending(state=FAILED, step=step, reason=told(error))


EXECUTORS: Registry[MakeExecutor] = Registry(
    "modelhub.executors",
    {
        "inline": "modelhub.trials.executors:Inline",
        "process": "modelhub.trials.processes:Processes",
    },
)
