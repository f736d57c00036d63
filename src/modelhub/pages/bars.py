"""Bars beside numbers: how long each is, and how it is drawn in a terminal."""

import math
from collections.abc import Iterable, Sequence
from typing import TypeGuard

from modelhub.pages.blocks import Column, Diagram, Kind, Table

WIDTH = 10  # columns of a terminal for the longest bar
_FULL, _PARTS = "█", " ▏▎▍▌▋▊▉"


def longest(block: Table | Diagram) -> list[float]:
    """For each column, the number whose bar is the longest: the greatest, or 1 for shares."""
    rows: Sequence[Sequence[object]] = (
        block.rows if isinstance(block, Table) else [each.values for _, each in block.unfolded()]
    )
    found = [
        _greatest(column, [row[place] for row in rows if place < len(row)])
        for place, column in enumerate(block.columns)
    ]
    if isinstance(block, Table) and block.has_one_scale:
        drawn = [most for most, column in zip(found, block.columns, strict=True) if column.has_bar]
        return [max(drawn, default=0.0)] * len(found)
    return found


def _greatest(column: Column, values: Iterable[object]) -> float:
    if column.kind is Kind.SHARE:
        return 1.0
    if not column.has_bar:
        return 0.0
    return max((each for each in values if _is_drawn(each)), default=0.0)


def length(value: object, most: float) -> float | None:
    """How long the bar of a value is, from 0 to 1; None for what has none.

    >>> length(1, 4), length("a", 4), length(float("nan"), 4)
    (0.25, None, None)
    """
    if not _is_drawn(value):
        return None
    return min(1.0, max(0.0, value) / most) if most > 0 else 0.0


def _is_drawn(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and math.isfinite(value)


def block_bar(share: float, width: int = WIDTH) -> str:
    """A bar of block characters, in eighths of a column; what is above 0 is seen.

    >>> block_bar(0.55, 4), block_bar(1e-9, 4)
    ('██▎', '▏')
    """
    eighths = max(round(share * width * 8), 1 if share > 0 else 0)
    whole, part = divmod(eighths, 8)
    return _FULL * whole + (_PARTS[part] if part else "")
