"""Simple conditions on versions in a list: `accuracy>0.9`, `tag=best*`, `parameters<=1e6`."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Protocol

from modelhub.errors import InputError

_FORM = re.compile(r"\s*([^<>=!\s]+(?:\s+[^<>=!\s]+)*)\s*(<=|>=|!=|=|<|>)\s*(.*?)\s*")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
TAG, CREATED = "tag", "created"
NUMBERS = ("size", "parameters", "snapshots")


class Filtered(Protocol):
    """What a condition asks of a version."""

    @property
    def metrics(self) -> Mapping[str, float]:
        """Final values."""
        ...

    @property
    def tags(self) -> Sequence[str]:
        """Tags and aliases."""
        ...

    @property
    def created(self) -> str:
        """When, UTC, ISO 8601."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One condition: a name, a comparison, and what to compare with."""

    name: str
    comparison: str
    value: str | float

    def holds(self, version: Filtered) -> bool:
        """Whether it holds of a version; never of one that lacks the metric."""
        if self.name == TAG:
            found = any(fnmatchcase(tag, str(self.value)) for tag in version.tags)
            return found == (self.comparison == "=")
        if self.name == CREATED:
            return _COMPARE[self.comparison](version.created[: len(str(self.value))], self.value)
        number = (
            getattr(version, self.name) if self.name in NUMBERS else version.metrics.get(self.name)
        )
        return number is not None and _COMPARE[self.comparison](number, self.value)


def read_filter(text: str) -> Filter:
    """A condition as people write it.

    Raises:
        InputError: it is none, or compares a text where only = and != have a meaning.

    >>> read_filter("accuracy >= 0.9")
    Filter(name='accuracy', comparison='>=', value=0.9)
    """
    found = _FORM.fullmatch(text)
    if found is None or not found[3]:
        raise InputError(
            f"{text!r} is no condition; say accuracy>0.9, created>=2026-01 or tag=best*"
        )
    name, comparison, value = found[1], found[2], found[3]
    if name == TAG:
        if comparison not in ("=", "!="):
            raise InputError(f"{text!r}: tags are compared by = and != only")
        return Filter(name=name, comparison=comparison, value=value)
    if name == CREATED:
        return Filter(name=name, comparison=comparison, value=value.replace(" ", "T"))
    try:
        return Filter(name=name, comparison=comparison, value=float(value))
    except ValueError:
        raise InputError(f"{text!r}: {value!r} is no number") from None


def check_metrics(filters: Sequence[Filter], versions: Sequence[Filtered]) -> None:
    """Refuse a condition on a metric that no version has.

    Raises:
        InputError: there is such a condition; names the metrics that there are.
    """
    known = {name for each in versions for name in each.metrics}
    for each in filters:
        if each.name not in (TAG, CREATED, *NUMBERS) and each.name not in known:
            there = ", ".join(sorted(known)) or "none"
            raise InputError(f"no version has a metric {each.name!r}; there are: {there}")
