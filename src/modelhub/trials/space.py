"""The settings that trials differ in: what each may be, and the points of all of them."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from modelhub.errors import InputError

Point: TypeAlias = Mapping[str, Any]
MAX_CHOICES = 10_000  # of one setting
MAX_TRIALS = 100_000
_CLOSE = 1e-9  # of a step; its end is met in spite of rounding
MIX = 1_000_003  # makes seeds of trials from that of the run


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """A setting that is one of some."""

    name: str
    values: Sequence[Any]

    def drawn(self, chance: random.Random) -> Any:
        """Any of them."""
        return self.values[chance.randrange(len(self.values))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A setting that is any number between two."""

    name: str
    low: float
    high: float
    is_log: bool = False

    def drawn(self, chance: random.Random) -> float:
        """Any of them; of a logarithmic one, any order of magnitude is as likely."""
        if not self.is_log:
            return chance.uniform(self.low, self.high)
        return math.exp(chance.uniform(math.log(self.low), math.log(self.high)))


Dimension: TypeAlias = Choices | Interval


def ranged(name: str, kind: str, arguments: Sequence[Any]) -> Dimension:
    """What `range(a, b, step)`, `int(a, b)`, `uniform(a, b, n)` or `loguniform(a, b, n)` says.

    Raises:
        InputError: it is none of these, or empty, or too long.
    """
    form = {"range": "range(low, high, step)", "int": "int(low, high)"}.get(
        kind, f"{kind}(low, high[, count])"
    )
    numbers = [v for v in arguments if isinstance(v, int | float) and not isinstance(v, bool)]
    counts = {"range": {3}, "int": {2}}.get(kind, {2, 3})
    if len(numbers) != len(arguments) or len(arguments) not in counts:
        raise InputError(f"{name} is varied as {form}, with numbers")
    low, high, *rest = numbers
    is_log = kind == "loguniform"
    if not low < high or (is_log and low <= 0):
        raise InputError(f"{name}: {low:g} must be less than {high:g}" + " and above 0" * is_log)
    if kind in {"uniform", "loguniform"} and not rest:
        return Interval(name=name, low=float(low), high=float(high), is_log=is_log)
    return Choices(name=name, values=_listed(name, kind, low, high, rest))


def _listed(name: str, kind: str, low: float, high: float, rest: Sequence[float]) -> list[Any]:
    if kind == "int":
        if not (float(low).is_integer() and float(high).is_integer()):
            raise InputError(f"{name}: int takes whole numbers")
        low, high, rest = int(low), int(high), [1]
    if kind in {"int", "range"}:
        step = rest[0]
        if step <= 0 or (high - low) / step >= MAX_CHOICES:
            raise InputError(f"{name}: a step above 0, with at most {MAX_CHOICES:,} choices")
        steps = math.floor((high - low) / step + _CLOSE)
        return [_decimal(low + i * step) for i in range(steps + 1)]
    count = rest[0]
    if not 2 <= count <= MAX_CHOICES or count != int(count):  # noqa: PLR2004 - both ends
        raise InputError(f"{name}: a count from 2 to {MAX_CHOICES:,}")
    parts = [i / (int(count) - 1) for i in range(int(count))]
    if kind == "uniform":
        return [low + (high - low) * part for part in parts]
    return [low * (high / low) ** part for part in parts]


def _decimal(value: float) -> float:
    """The number that people mean: 0.3 where sums give 0.30000000000000004."""
    return value if isinstance(value, int) else float(f"{value:.12g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """All that trials differ in.

    Attributes:
        candidates: how many networks are tried.
        dimensions: the settings that are varied.
    """

    candidates: int
    dimensions: Sequence[Dimension] = ()

    @property
    def size(self) -> int:
        """How many trials a grid has.

        Raises:
            InputError: a setting is any number, or there are too many.
        """
        count = self.candidates
        for each in self.dimensions:
            if isinstance(each, Interval):
                raise InputError(
                    f"{each.name} is any number from {each.low:g} to {each.high:g}, which no grid "
                    "has; say how many as a third argument, or: using random(20)"
                )
            count *= len(each.values)
        if count > MAX_TRIALS:
            raise InputError(f"these are {count:,} trials; at most {MAX_TRIALS:,} can be run")
        return count

    def at(self, number: int) -> tuple[int, Point]:
        """A trial of the grid: its candidate, and its point; the last setting goes fastest."""
        found: dict[str, Any] = {}
        for each in reversed(self.dimensions):
            assert isinstance(each, Choices)
            number, place = divmod(number, len(each.values))
            found[each.name] = each.values[place]
        return number, dict(reversed(found.items()))

    def drawn(self, seed: int, number: int) -> tuple[int, Point]:
        """A random trial; which one depends on the seed and its number alone."""
        chance = random.Random(seed * MIX + number)  # noqa: S311 - no secret
        candidate = chance.randrange(self.candidates)
        return candidate, {each.name: each.drawn(chance) for each in self.dimensions}
