"""Plots in a terminal: a few lines of braille dots, two wide and four high a character."""

from collections.abc import Iterator

from modelhub.pages.blocks import Plot, Points
from modelhub.pages.characters import cells, shortened, visible
from modelhub.pages.curves import finite_points, thinned

ROWS, WIDEST, NARROWEST = 4, 60, 12
_BLANK = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # by row and column of a cell


def sketched(plot: Plot, *, width: int | None = None) -> Iterator[str]:
    """The lines of a plot: a title and a small picture for each of its curves.

    Args:
        plot: curves, each drawn on a scale of its own.
        width: columns of the terminal; None for what is usual.
    """
    for each in plot.curves:
        points = finite_points(each)
        title = plot.metric if len(plot.curves) == 1 else f"{plot.metric} of {each.label}"
        if not points:
            yield f"{visible(title)}: no finite value"
            continue
        low, high = min(v for _, v in points), max(v for _, v in points)
        ends = [f"{high:.4g}", f"{low:.4g}"]
        margin = max(map(len, ends))
        room = WIDEST if width is None else width - margin - 2
        across = max(NARROWEST, min(WIDEST, room))
        first, last = points[0][0], points[-1][0]
        yield visible(title)
        lines = _dots(points, across)
        for row, line in enumerate(lines):
            label = ends[0] if row == 0 else ends[1] if row == ROWS - 1 else ""
            yield f"{label:>{margin}} {line}".rstrip()
        steps = f"step {first:g} … {last:g}"
        yield " " * (margin + 1) + shortened(steps, max(across, cells("step")))


def _dots(points: Points, across: int) -> list[str]:
    grid = [[0] * across for _ in range(ROWS)]
    low, high = min(v for _, v in points), max(v for _, v in points)
    first, last = min(s for s, _ in points), max(s for s, _ in points)
    for step, value in thinned(points):
        x = _place(step, first, last, 2 * across)
        y = 4 * ROWS - 1 - _place(value, low, high, 4 * ROWS)
        grid[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
    return ["".join(chr(_BLANK + cell) if cell else " " for cell in row) for row in grid]


def _place(value: float, low: float, high: float, cells_: int) -> int:
    if high <= low:
        return 0
    return min(cells_ - 1, int((value / 2 - low / 2) / (high / 2 - low / 2) * cells_))
