"""What is kept of the trials, and which of them need not go on (dql.md §10).

A rule is asked of courses: what a trial reported, by step. That of `top` is exact: the k-th best
at a step only improves while others arrive there, so a trial that k others are better than is
never among the best.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

Metrics: TypeAlias = Mapping[str, float]
Course: TypeAlias = Sequence[tuple[int, Metrics]]
Courses: TypeAlias = Mapping[int, Course]
FALLING = ("loss", "error", "perplexity", "mse", "rmse", "mae")


class Rule(Protocol):
    """Decides which trials are kept."""

    @property
    def metrics(self) -> Sequence[str]:
        """What must be reported."""
        ...

    @property
    def after(self) -> int | None:
        """The step that it asks about; None: the end."""
        ...

    def refuses(self, number: int, courses: Courses) -> str | None:
        """Why a trial that goes on, or ended, cannot be kept any more; None if it still may be.

        Args:
            number: the trial's.
            courses: of all trials so far; that of the trial included.
        """
        ...

    def keeps(self, number: int, courses: Courses) -> bool:
        """Whether a trial is kept, when all trials have ended."""
        ...


def is_falling(metric: str) -> bool:
    """Whether less of it is better.

    >>> is_falling("test_loss"), is_falling("accuracy"), is_falling("rmse")
    (True, False, True)
    """
    return metric.lower().endswith(FALLING)


def at(course: Course, step: int | None) -> Metrics | None:
    """What was reported at a step, or first behind it; at the end if there is no step."""
    if step is None:
        return course[-1][1] if course else None
    return next((metrics for when, metrics in course if when >= step), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """The best by a metric.

    Attributes:
        count: how many.
        metric: its name.
        after: the step at which it counts; None: the end.
        is_falling: whether less is better.
    """

    count: int
    metric: str
    after: int | None = None
    is_falling: bool

    def __str__(self) -> str:
        when = "" if self.after is None else f", {self.after}"
        return f"top({self.count}, {self.metric}{when})"

    @property
    def metrics(self) -> Sequence[str]:
        """The one that is ranked."""
        return [self.metric]

    def refuses(self, number: int, courses: Courses) -> str | None:
        """Whether enough trials are better at the step."""
        if self.after is None:
            return None
        own = self._key(number, courses[number])
        if own is None:
            return None
        better = sum(key < own for key in self._keys(courses) if key is not None)
        if better < self.count:
            return None
        others = "another trial has" if better == 1 else f"{better} trials have"
        return f"{others} a better {self.metric} at step {self.after}"

    def keeps(self, number: int, courses: Courses) -> bool:
        """Whether it is one of the best."""
        return number in self.best(courses)

    def best(self, courses: Courses) -> list[int]:
        """The numbers of the best, the very best first."""
        ranked = sorted(key for key in self._keys(courses) if key is not None)
        return [number for _, number in ranked[: self.count]]

    def _keys(self, courses: Courses) -> Iterable[tuple[float, int] | None]:
        return (self._key(number, course) for number, course in courses.items())

    def _key(self, number: int, course: Course) -> tuple[float, int] | None:
        """Sorts trials, the best first; None if it has not come so far."""
        found = at(course, self.after)
        value = None if found is None else found.get(self.metric)
        if value is None or value != value:  # noqa: PLR0124 - NaN
            return None
        return (value if self.is_falling else -value), number


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Those of which a comparison of metrics holds.

    Attributes:
        text: as it was written.
        holds: asked of what was reported.
        metrics: that it needs.
        after: the step at which it counts; None: the end.
    """

    text: str
    holds: Callable[[Metrics], bool]
    metrics: Sequence[str]
    after: int | None = None

    def __str__(self) -> str:
        return self.text

    def refuses(self, number: int, courses: Courses) -> str | None:
        """Whether it does not hold at the step."""
        if self.after is None:
            return None
        found = at(courses[number], self.after)
        is_told = found is not None and all(each in found for each in self.metrics)
        if found is None or not is_told or self.holds(found):
            return None
        return f"{self.text} does not hold"

    def keeps(self, number: int, courses: Courses) -> bool:
        """Whether it holds."""
        found = at(courses[number], self.after)
        return found is not None and self.holds(found)


def kept(rules: Sequence[Rule], courses: Courses, finished: Iterable[int]) -> list[int]:
    """The trials of which all rules hold, the best of the first `top` first, else by number.

    Args:
        rules: joined by `and`.
        courses: of all trials.
        finished: the trials that came to their end.
    """
    done = {each: courses[each] for each in finished}

    def seen(rule: Rule) -> Courses:
        return done if rule.after is None else courses

    found = [each for each in done if all(rule.keeps(each, seen(rule)) for rule in rules)]
    top = next((rule for rule in rules if isinstance(rule, Top)), None)
    if top is None:
        return sorted(found)
    return [each for each in top.best(seen(top)) if each in found]
