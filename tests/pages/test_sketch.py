"""Plots in a terminal."""

import math

from hypothesis import given
from hypothesis import strategies as st

from modelhub.pages.blocks import Curve, Plot
from modelhub.pages.sketch import ROWS, WIDEST, sketched

VALUES = st.floats(-1e300, 1e300)


def plot(*values: float, label: str = "a") -> Plot:
    return Plot(metric="loss", curves=[Curve(label=label, points=list(enumerate(values)))])


def test_a_falling_curve_falls() -> None:
    """The first dot stands in the top line at the left, the last one at the bottom right."""
    title, *lines, steps = sketched(plot(*range(100, 0, -1)))

    assert title == "loss"
    assert len(lines) == ROWS
    assert lines[0].startswith("100 ⠉")
    assert lines[-1].startswith("  1  ")
    assert len(lines[0]) < len(lines[-1]) == 4 + WIDEST
    assert steps == "    step 0 … 99"


@given(st.lists(VALUES, min_size=1, max_size=400), st.integers(30, 200))
def test_a_picture_fits_the_terminal(values: list[float], width: int) -> None:
    """Whatever the values, nothing is wider than asked for."""
    lines = list(sketched(plot(*values), width=width))

    assert max(map(len, lines)) <= width
    assert len(lines) == ROWS + 2


def test_each_curve_of_several_is_named() -> None:
    """Two versions have a picture each, with its own scale."""
    curves = [Curve(label=each, points=[(0, 1.0), (1, 2.0)]) for each in ("a@1", "b\n@2")]
    lines = list(sketched(Plot(metric="loss", curves=curves)))

    assert "loss of a@1" in lines
    assert "loss of b\\n@2" in lines


def test_a_curve_without_a_finite_value_says_so() -> None:
    """There is nothing to draw of NaN."""
    assert list(sketched(plot(math.nan))) == ["loss: no finite value"]
