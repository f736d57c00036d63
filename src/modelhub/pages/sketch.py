"""Plots in a terminal: a curve in braille dots, two wide and four high a character.

Several curves are lines of letters, which say which is which without colour.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10
from string import ascii_lowercase

from modelhub.pages.blocks import Plot, Points
from modelhub.pages.characters import cells, shortened, visible
from modelhub.pages.curves import finite_points, last_of, thinned

ROWS, WIDEST, NARROWEST = 4, 60, 12
LETTER_ROWS = 10
FAR = 100  # times the least value: what is so far apart is drawn on a logarithmic scale
_SEVERAL = "*"  # a place that two curves go through
_BLANK = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # by row and column of a cell


def sketched(plot: Plot, *, width: int | None = None) -> Iterator[str]:
    """The lines of a plot: a title and a small picture for each of its curves.

    Args:
        plot: its curves, on a common scale; several are drawn with a letter each.
        width: columns of the terminal; None for what is usual.
    """
    curves = [(each.label, finite_points(each)) for each in plot.curves]
    drawn = [(label, points) for label, points in curves if points]
    if not drawn:
        yield f"{visible(plot.metric)}: no finite value"
        return
    values = [value for _, points in drawn for _, value in points]
    ends = [f"{max(values):.4g}", f"{min(values):.4g}"]
    if is_logarithmic := min(values) > 0 and max(values) / min(values) > FAR:
        curves = [(label, [(s, log10(v)) for s, v in points]) for label, points in curves]
    frame = _Frame.around([point for _, points in curves for point in points])
    margin = max(map(len, ends))
    room = WIDEST if width is None else width - margin - 2
    across = max(NARROWEST, min(WIDEST, room))
    yield visible(plot.metric) + (" (log scale)" if is_logarithmic else "")
    if len(curves) == 1:
        lines = _dots(curves[0][1], frame, across)
    else:
        lines = _letters([points for _, points in curves], frame, across)
    for row, line in enumerate(lines):
        label = ends[0] if row == 0 else ends[1] if row == len(lines) - 1 else ""
        yield f"{label:>{margin}} {line}".rstrip()
    steps = f"step {frame.first:g} … {frame.last:g}"
    yield " " * (margin + 1) + shortened(steps, max(across, cells("step")))
    if len(curves) > 1:
        for number, each in enumerate(plot.curves):
            label = f"{_letter(number)}  {visible(each.label)}  {last_of(each)}"
            yield " " * (margin + 1) + shortened(label, max(across, room))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """The limits of what is drawn."""

    first: float
    last: float
    low: float
    high: float

    @classmethod
    def around(cls, points: Points) -> "_Frame":
        """The least frame that holds all points."""
        steps, values = zip(*points, strict=True)
        return cls(first=min(steps), last=max(steps), low=min(values), high=max(values))


def _dots(points: Points, frame: _Frame, across: int) -> list[str]:
    grid = [[0] * across for _ in range(ROWS)]
    for x, value in _columns(points, frame, 2 * across):
        y = 4 * ROWS - 1 - _place(value, frame.low, frame.high, 4 * ROWS)
        grid[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
    return ["".join(chr(_BLANK + cell) if cell else " " for cell in row) for row in grid]


def _letters(curves: Sequence[Points], frame: _Frame, across: int) -> list[str]:
    """Curves as lines of letters; where two meet, a star."""
    grid = [[" "] * across for _ in range(LETTER_ROWS)]
    for number, points in enumerate(curves):
        letter = _letter(number)
        for x, value in _columns(points, frame, across):
            y = LETTER_ROWS - 1 - _place(value, frame.low, frame.high, LETTER_ROWS)
            grid[y][x] = letter if grid[y][x] in (" ", letter) else _SEVERAL
    return ["".join(row) for row in grid]


def _letter(number: int) -> str:
    return ascii_lowercase[number % len(ascii_lowercase)]


def _columns(points: Points, frame: _Frame, across: int) -> Iterator[tuple[int, float]]:
    """The values of a curve by column: those of its points, and between two on their line."""
    before: tuple[int, float] | None = None
    for step, value in thinned(points):
        x = _place(step, frame.first, frame.last, across)
        if before is not None:
            for between in range(before[0] + 1, x):
                share = (between - before[0]) / (x - before[0])
                yield between, before[1] * (1 - share) + value * share
        yield x, value
        before = x, value


def _place(value: float, low: float, high: float, cells_: int) -> int:
    span = high / 2 - low / 2  # of halves, as the difference itself may be infinite
    if span <= 0:
        return 0
    return min(cells_ - 1, int((value / 2 - low / 2) / span * cells_))
