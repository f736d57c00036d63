"""Training curves as geometry: paths of an SVG, linear and logarithmic, raw and smoothed.

All forms of a chart are drawn at once, and the page's style chooses which of them is seen:
a reader without scripts has the same choices.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from modelhub.pages.blocks import Column, Curve, Kind, Plot, Points, Table

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 8, 24
MAX_POINTS = 300  # of a path
SMOOTHING = 0.6  # weight of what came before, as TensorBoard has it
TICKS = 5
MAX_DOTS = 12  # points of a curve that are marked one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark on an axis: where it stands, in units of the picture, and what it says."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A curve as it is drawn.

    Attributes:
        label: whose it is.
        number: its place among the curves; those without a finite value are not drawn.
        raw: the data of an SVG path.
        smooth: the same, smoothed.
        dots: where its points stand, if they are few; a longer curve has none.
    """

    label: str
    number: int
    raw: str
    smooth: str
    dots: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """A chart on one scale."""

    lines: Sequence[Line]
    ticks: Sequence[Tick]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Curves of one metric, overlaid.

    Attributes:
        metric: its name.
        steps: marks on the horizontal axis.
        linear: the chart on a linear scale.
        logarithmic: on a logarithmic one, or None if a value is not above 0.
        left_out: how many values are not finite, and are not drawn.
    """

    metric: str
    steps: Sequence[Tick]
    linear: Scaled
    logarithmic: Scaled | None
    left_out: int


@dataclass(frozen=True, slots=True)
class _Axis:
    """Values between two limits, mapped to a stretch of the picture."""

    low: float
    high: float
    begin: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low
        share = (value - self.low) / span if span else 0.5
        return round(self.begin + share * (self.end - self.begin), 1)


def chart(plot: Plot) -> Chart | None:
    """A plot as a chart, or None if there is no finite value.

    Cost: linear in the points; what it gives is bounded whatever their number.
    """
    finite = [finite_points(each) for each in plot.curves]
    everything = [point for points in finite for point in points]
    if not everything:
        return None
    steps = _Axis(
        min(step for step, _ in everything),
        max(step for step, _ in everything),
        LEFT,
        WIDTH - RIGHT,
    )
    is_positive = all(value > 0 for _, value in everything)
    labels = [each.label for each in plot.curves]
    logs = [[(step, math.log10(value)) for step, value in p] for p in finite] if is_positive else []
    return Chart(
        metric=plot.metric,
        steps=[Tick(at=steps(at), text=_number(at)) for at in nice_ticks(steps.low, steps.high)],
        linear=_scaled(labels, finite, steps, is_logarithmic=False),
        logarithmic=_scaled(labels, logs, steps, is_logarithmic=True) if is_positive else None,
        left_out=sum(len(each.points) for each in plot.curves) - len(everything),
    )


def finite_points(curve: Curve) -> Points:
    """The points of a curve that can be drawn."""
    return [point for point in curve.points if all(map(math.isfinite, point))]


def last_of(curve: Curve) -> str:
    """What a legend says of a curve beside its label."""
    known = finite_points(curve)
    return f"last {known[-1][1]:.4g}" if known else "no finite value"


def courses(plot: Plot) -> Table:
    """What there is to say of each curve in numbers: first, least, greatest and last value."""
    numbers = ("first", "least", "greatest", "last")
    rows = []
    for each in plot.curves:
        values = [value for _, value in finite_points(each)]
        known = (values[0], min(values), max(values), values[-1]) if values else (None,) * 4
        rows.append((plot.metric, each.label, len(each.points), *known))
    return Table(
        columns=[
            Column("metric"),
            Column("version"),
            Column("points", Kind.COUNT),
            *(Column(title, Kind.NUMBER) for title in numbers),
        ],
        rows=rows,
    )


def points(plot: Plot) -> Table:
    """Every point of a plot in a row."""
    rows = [
        (plot.metric, each.label, step, value)
        for each in plot.curves
        for step, value in each.points
    ]
    columns = [Column("metric"), Column("version")]
    return Table(
        columns=[*columns, Column("step", Kind.NUMBER), Column("value", Kind.NUMBER)], rows=rows
    )


def _scaled(
    labels: Sequence[str], curves: Sequence[Points], steps: _Axis, *, is_logarithmic: bool
) -> Scaled:
    values = [value for points in curves for _, value in points]
    axis = _Axis(min(values), max(values), HEIGHT - BOTTOM, TOP)
    lines = [
        Line(
            label=label,
            number=number,
            raw=_path(points, steps, axis),
            smooth=_path(smoothed(points), steps, axis),
            dots=[(steps(s), axis(v)) for s, v in points] if len(points) <= MAX_DOTS else [],
        )
        for number, (label, points) in enumerate(zip(labels, curves, strict=True))
        if points
    ]
    ticks = [
        Tick(at=axis(at), text=_number(10**at if is_logarithmic else at))
        for at in nice_ticks(axis.low, axis.high)
    ]
    return Scaled(lines=lines, ticks=ticks)


def smoothed(points: Points) -> list[tuple[float, float]]:
    """An exponential moving average that starts without a bias towards 0.

    >>> smoothed([(0, 1.0), (1, 1.0)])
    [(0, 1.0), (1, 1.0)]
    """
    found, average, weight = [], 0.0, 0.0
    for step, value in points:
        average = SMOOTHING * average + (1 - SMOOTHING) * value
        weight = SMOOTHING * weight + (1 - SMOOTHING)
        found.append((step, average / weight))
    return found


def thinned(points: Points, most: int = MAX_POINTS) -> Points:
    """At most `most` (≥ 4) points of a curve: its ends, and of each run the least and greatest.

    >>> thinned([(0, 1.0), (1, 5.0), (2, 2.0), (3, 0.0), (4, 2.0), (5, 3.0)], 4)
    [(0, 1.0), (1, 5.0), (3, 0.0), (5, 3.0)]
    """
    if len(points) <= most:
        return points
    runs, inner = most // 2 - 1, len(points) - 2
    found = [points[0]]
    for run in range(runs):
        part = range(1 + run * inner // runs, 1 + (run + 1) * inner // runs)
        extremes = {
            min(part, key=lambda i: points[i][1]),
            max(part, key=lambda i: points[i][1]),
        }
        found += [points[i] for i in sorted(extremes)]
    return [*found, points[-1]]


def _path(points: Points, steps: _Axis, values: _Axis) -> str:
    placed = [f"{steps(step):g} {values(value):g}" for step, value in thinned(points)]
    # A curve of one point is a dot: a line of no length with round ends.
    return "M" + "L".join(placed if len(placed) > 1 else placed * 2)


def nice_ticks(low: float, high: float) -> list[float]:
    """Round numbers between two limits, about `TICKS` of them; the limit if there is only one.

    >>> nice_ticks(0, 23)
    [0.0, 5.0, 10.0, 15.0, 20.0]
    """
    if high <= low:
        return [low]
    rough = (high - low) / TICKS
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(k * step, 12) for k in range(first, last + 1)] or [low, high]


def _number(value: float) -> str:
    return f"{value:.4g}"
