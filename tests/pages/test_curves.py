"""Training curves as geometry."""

import math
import re
import sys

from hypothesis import given
from hypothesis import strategies as st

from modelhub.pages.blocks import Curve, Plot
from modelhub.pages.curves import (
    BOTTOM,
    HEIGHT,
    LEFT,
    MAX_POINTS,
    RIGHT,
    TOP,
    WIDTH,
    Chart,
    chart,
    nice_ticks,
    smoothed,
    thinned,
)

VALUES = st.floats(-1e30, 1e30)


def plotted(metric: str, *points: tuple[float, float]) -> Chart | None:
    return chart(Plot(metric=metric, curves=[Curve(label="a", points=points)]))


def numbers(path: str) -> list[tuple[float, float]]:
    pairs = [each.split() for each in re.split("[ML]", path)[1:]]
    return [(float(x), float(y)) for x, y in pairs]


@given(st.lists(st.tuples(st.integers(0, 10**6), VALUES), min_size=1, max_size=50))
def test_every_point_lies_in_the_frame(points: list[tuple[float, float]]) -> None:
    """Whatever the values, nothing is drawn outside the axes, and more is higher."""
    found = plotted("loss", *points)
    assert found is not None
    drawn = numbers(found.linear.lines[0].raw)

    assert all(LEFT <= x <= WIDTH - RIGHT and TOP <= y <= HEIGHT - BOTTOM for x, y in drawn)
    assert len(drawn) == max(2, len(points))


def test_greater_values_stand_higher() -> None:
    """The vertical axis grows upwards, on both scales, for curves on a common scale."""
    curves = [
        Curve(label="a", points=[(0, 1.0), (1, 10.0)]),
        Curve(label="b", points=[(0, 100.0), (1, 5.0)]),
    ]
    found = chart(Plot(metric="loss", curves=curves))
    assert found is not None
    assert found.logarithmic is not None
    first, second = (numbers(line.raw) for line in found.logarithmic.lines)

    assert first == [(LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, (TOP + HEIGHT - BOTTOM) / 2)]
    assert second[0] == (LEFT, TOP)


def test_a_value_that_is_not_positive_has_no_logarithm() -> None:
    """The logarithmic form is left out where it would have to lie."""
    found = plotted("reward", (0, 0.0), (1, 2.0))

    assert found is not None
    assert found.logarithmic is None


def test_values_that_are_not_finite_are_counted() -> None:
    """NaN and infinity are not drawn, and it is said how many there were."""
    found = plotted("loss", (0, math.nan), (1, 1.0), (2, math.inf))

    assert found is not None
    assert found.left_out == 2
    assert plotted("loss", (0, math.nan)) is None


@given(st.lists(VALUES, min_size=1, max_size=2000))
def test_thinning_keeps_extremes_and_order(values: list[float]) -> None:
    """A long curve keeps its least and greatest value, and stays in order."""
    points = list(enumerate(values))
    kept = thinned(points)

    assert len(kept) <= MAX_POINTS
    assert min(v for _, v in kept) == min(values)
    assert max(v for _, v in kept) == max(values)
    assert sorted(kept) == list(kept)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=100))
def test_smoothing_stays_between_the_extremes(values: list[float]) -> None:
    """An average is never outside of what it averages, and starts at the first value."""
    found = [value for _, value in smoothed(list(enumerate(values)))]

    assert math.isclose(found[0], values[0], abs_tol=1e-9)
    slack = max(1e-9 * max(map(abs, values)), sys.float_info.min)
    assert all(min(values) - slack <= each <= max(values) + slack for each in found)


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_ticks_are_few_and_inside(low: float, span: float) -> None:
    """An axis has a handful of marks, all of them on it."""
    high = low + span
    ticks = nice_ticks(low, high)

    assert 1 <= len(ticks) <= 8
    slack = 1e-9 * max(abs(low), abs(high), 1)
    assert all(low - slack <= each <= high + slack for each in ticks)
