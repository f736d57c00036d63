"""A run: which trial is next, which need not go on, and which are kept."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from modelhub.trials.executors import Job
from modelhub.trials.reporting import FAILED, FINISHED, Ending
from modelhub.trials.rules import Course, Metrics, Rule, Top, at, kept
from modelhub.trials.search import Search
from modelhub.trials.space import Point
from modelhub.trials.store import RunFolder, TrialRecord

RUNNING = "running"


@dataclass(slots=True, kw_only=True)
class Trial:
    """A trial, as far as it has come.

    Attributes:
        number: from 0.
        candidate: its place among the run's.
        point: its own settings.
        state: running, finished, stopped or failed.
        step: the last that it reported.
        reason: why it stopped or failed.
        course: what it reported, by step.
        seconds: that it took.
    """

    number: int
    candidate: int
    point: Point
    state: str = RUNNING
    step: int = 0
    reason: str = ""
    course: list[tuple[int, Metrics]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def metrics(self) -> Metrics:
        """What it reported last."""
        return self.course[-1][1] if self.course else {}


Watch: TypeAlias = Callable[[Trial], None]
MakeTask: TypeAlias = Callable[[Trial], Any]


class Run:
    """Drives the trials of one run; told of everything, it writes down what has ended."""

    def __init__(
        self,
        folder: RunFolder,
        search: Search,
        rules: Sequence[Rule],
        *,
        task: MakeTask,
        watch: Watch,
    ) -> None:
        """A run, gone on with where it was.

        Args:
            folder: held by `driving`.
            search: which trials there are.
            rules: which are kept.
            task: makes of a trial what a worker gets.
            watch: shown each trial that begins, reports or ends; not those of before.
        """
        self._folder, self._search, self._rules = folder, search, rules
        self._task, self._watch = task, watch
        self._begun: dict[int, float] = {}
        self.trials: dict[int, Trial] = {}
        for number, record in sorted(folder.records().items()):
            self._resume(number, record)

    @property
    def count(self) -> int:
        """How many trials there are."""
        return self._search.count

    def next(self) -> Job | None:
        """The first trial that has not begun."""
        number = next((n for n in range(self.count) if n not in self.trials), None)
        if number is None:
            return None
        candidate, point = self._search.point(number)
        trial = Trial(number=number, candidate=candidate, point=point)
        self.trials[number] = trial
        self._begun[number] = time.monotonic()
        self._watch(trial)
        return Job(number=number, task=self._task(trial))

    def report(self, number: int, step: int, metrics: Metrics) -> str | None:
        """Note what a trial reports; why it is to stop, or None."""
        trial = self.trials[number]
        trial.step = step
        trial.course.append((step, metrics))
        self._watch(trial)
        learned = self._search.refuses(number, step, metrics)
        return self._refusal(number) or learned

    def end(self, number: int, ending: Ending) -> None:
        """Write down how a trial ended."""
        trial = self.trials[number]
        trial.state, trial.reason = ending.state, ending.reason
        trial.seconds = time.monotonic() - self._begun[number]
        missing = self._missing(trial) if ending.state == FINISHED else None
        if missing is not None:
            trial.state, trial.reason = FAILED, missing
        self._folder.write_record(number, _record(trial))
        self._search.end(number, has_failed=trial.state == FAILED)
        for each in self.trials.values():
            if each.state not in {RUNNING, FINISHED} or self._refusal(each.number):
                self._discard(each)
        self._watch(trial)

    def kept(self) -> list[int]:
        """The trials that are kept, when all have ended."""
        finished = [each.number for each in self.trials.values() if each.state == FINISHED]
        return kept(self._rules, self._courses(), finished)

    def notes(self) -> list[str]:
        """What the user should know."""
        return [
            f"{rule} of {self.count} trials: all that finish are kept"
            for rule in self._rules
            if isinstance(rule, Top) and rule.count > self.count
        ]

    def _courses(self) -> Mapping[int, Course]:
        return {number: each.course for number, each in self.trials.items()}

    def _refusal(self, number: int) -> str | None:
        courses = self._courses()
        return next((r for rule in self._rules if (r := rule.refuses(number, courses))), None)

    def _missing(self, trial: Trial) -> str | None:
        """Why a trial that ended cannot be judged: what rules need was never reported."""
        for rule in self._rules:
            found = at(trial.course, rule.after)
            for metric in rule.metrics:
                if found is None or metric not in found:
                    there = sorted({name for _, each in trial.course for name in each})
                    when = "" if rule.after is None else f" at step {rule.after} or later"
                    return (
                        f"the metric {metric!r} was never reported{when}; "
                        f"reported were: {', '.join(there) or 'none'}"
                    )
        return None

    def _discard(self, trial: Trial) -> None:
        if trial.state != RUNNING and self._folder.trial(trial.number).exists():
            self._folder.discard(trial.number)

    def _resume(self, number: int, record: TrialRecord) -> None:
        """Take a trial that ended before; the strategy hears of it as it did then."""
        self._search.resume(number, record.candidate, record.point)
        for step, metrics in record.course:
            self._search.refuses(number, step, metrics)
        self._search.end(number, has_failed=record.state == FAILED)
        self.trials[number] = Trial(
            number=number,
            candidate=record.candidate,
            point=record.point,
            state=record.state,
            step=record.step,
            reason=record.reason,
            course=list(record.course),
            seconds=record.seconds,
        )


def _record(trial: Trial) -> TrialRecord:
    return TrialRecord(
        candidate=trial.candidate,
        point=trial.point,
        state=trial.state,
        step=trial.step,
        reason=trial.reason,
        course=trial.course,
        seconds=trial.seconds,
    )
