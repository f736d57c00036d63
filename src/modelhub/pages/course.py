"""A course of numbers as a small plot of block characters."""

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite

BARS = "▁▂▃▄▅▆▇█"
GAP = " "  # where no number is finite


def sparkline(values: Sequence[float], width: int = 24) -> str:
    """At most `width` characters, the least value lowest; each stands for a mean of neighbours.

    >>> sparkline([1, 2, 3, 4]), sparkline([5, 5])
    ('▁▃▆█', '▄▄')
    """
    shown = [_mean(part) for part in _parts(values, width)]
    finite = [each for each in shown if each is not None]
    if not finite:
        return GAP * len(shown)
    least, most = min(finite), max(finite)
    return "".join(GAP if each is None else _bar(each, least, most) for each in shown)


def _parts(values: Sequence[float], width: int) -> list[Sequence[float]]:
    count = min(width, len(values))
    edges = [number * len(values) // count for number in range(count + 1)] if count else []
    return [values[a:b] for a, b in pairwise(edges)]


def _mean(part: Sequence[float]) -> float | None:
    finite = [each for each in part if isfinite(each)]
    return sum(each / len(finite) for each in finite) if finite else None


def _bar(value: float, least: float, most: float) -> str:
    if not least < most:
        return BARS[len(BARS) // 2 - 1]
    # Halves, so that the span of the greatest doubles is finite.
    share = (value / 2 - least / 2) / (most / 2 - least / 2)
    return BARS[min(len(BARS) - 1, int(share * len(BARS)))]
