"""The courses of metrics over training, cut to what people look at; and which metrics say most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from modelhub.pages import thinned
from modelhub.values import VersionId

COURSE = 200  # points of a metric's course that are kept
SETTINGS = {"lr", "learning_rate", "epoch", "grad_norm"}  # how it was trained, no result

Points: TypeAlias = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricCourse:
    """A metric's course over training.

    Attributes:
        name: of the metric.
        points: how many values there are.
        first: value.
        least: value.
        greatest: value.
        last: value.
        course: at most `COURSE` of the points, as (step, value): its ends, and what is least and
            greatest between.
    """

    name: str
    points: int
    first: float
    least: float
    greatest: float
    last: float
    course: Points


def course_of(name: str, points: Points) -> MetricCourse:
    """A course in brief; there must be a point."""
    values = [value for _, value in points]
    numbers = [value for value in values if value == value] or values  # noqa: PLR0124 - not NaN
    return MetricCourse(
        name=name,
        points=len(values),
        first=values[0],
        least=min(numbers),
        greatest=max(numbers),
        last=values[-1],
        course=cut(points),
    )


def cut(points: Points) -> Points:
    """At most `COURSE` of them."""
    return thinned(points, COURSE)


def is_setting(name: str) -> bool:
    """Whether a metric tells how the training went on, and not what came out."""
    return name.lower() in SETTINGS


def prominence(name: str) -> tuple[bool, bool, bool]:
    """Sorts metrics: results on test data, on validation data, the rest, then settings."""
    lower = name.lower()
    return (
        is_setting(name),
        not lower.startswith("test"),
        not lower.startswith(("val", "eval")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MainCourses:
    """How one metric went in each of some versions.

    Attributes:
        metric: its name; empty if no version has logged any.
        by_id: its points, of the versions that have it.
    """

    metric: str
    by_id: Mapping[VersionId, Points]
