"""Small curves in the cells of tables: a few characters, or the path of a picture."""

import math
from collections.abc import Iterator, Sequence

WIDEST = 16  # values of a small curve; of more, the mean of each run
_LEVELS = "▁▂▃▄▅▆▇█"
_GAP = "·"  # where a value is NaN or infinite


def sparkline(values: Sequence[float]) -> str:
    """Numbers as characters whose heights show them, least to greatest.

    >>> sparkline([0, 1, 2, 7, float("nan")])
    '▁▂▃█·'
    """
    return "".join(_GAP if h is None else _LEVELS[round(h * 7)] for h in heights(values))


def heights(values: Sequence[float]) -> list[float | None]:
    """At most `WIDEST` heights from 0 to 1; None where no value is finite; ½ if all are equal."""
    found = list(_runs(values))
    finite = [each for each in found if each is not None]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    return [None if each is None else _between(each, low, high) for each in found]


def spark_path(values: Sequence[float], width: float, height: float) -> str:
    """The data of an SVG path in a picture of that size; it is broken where a value is missing."""
    found = heights(values)
    stride = width / max(1, len(found) - 1)
    path, is_down = [], False
    for place, each in enumerate(found):
        if each is not None:
            point = f"{place * stride:.1f} {(1 - each) * height:.1f}"
            path.append(f"L{point}" if is_down else f"M{point}h0")  # h0: a lone point is a dot
        is_down = each is not None
    return "".join(path)


def _runs(values: Sequence[float]) -> Iterator[float | None]:
    count = min(WIDEST, len(values))
    for run in range(count):
        part = values[run * len(values) // count : (run + 1) * len(values) // count]
        finite = [each for each in part if math.isfinite(each)]
        yield sum(each / len(finite) for each in finite) if finite else None


def _between(value: float, low: float, high: float) -> float:
    span = high / 2 - low / 2  # of halves, as the difference itself may be infinite
    return min(1.0, (value / 2 - low / 2) / span) if span > 0 else 0.5
