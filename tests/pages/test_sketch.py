"""Plots in a terminal."""

import math

from hypothesis import given
from hypothesis import strategies as st

from modelhub.pages.blocks import Curve, Plot
from modelhub.pages.sketch import LETTER_ROWS, ROWS, WIDEST, sketched

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


def overlaid(*curves: list[tuple[float, float]], width: int | None = None) -> list[str]:
    named = [Curve(label=f"v\n@{i}", points=points) for i, points in enumerate(curves)]
    return list(sketched(Plot(metric="loss", curves=named), width=width))


def test_several_curves_are_letters_in_one_picture() -> None:
    """One rises and one falls on a common scale; where they meet stands a star."""
    lines = overlaid([(0, 1.0), (5, 1.5), (10, 2.0)], [(0, 2.0), (5, 1.5), (10, 1.0)])
    rows = lines[1 : 1 + LETTER_ROWS]

    assert lines[0] == "loss"
    assert (rows[0][2], rows[0][-1]) == ("b", "a")
    assert (rows[-1][2], rows[-1][-1]) == ("a", "b")
    assert "*" in "".join(rows[LETTER_ROWS // 2 - 1 : LETTER_ROWS // 2 + 1])
    assert lines[-2:] == ["  a  v\\n@0  last 2", "  b  v\\n@1  last 1"]


def test_a_curve_without_a_value_keeps_its_letter() -> None:
    """The legend says so, and the others are drawn."""
    lines = overlaid([(0, math.nan)], [(0, 1.0), (1, 2.0)])

    assert "a  v\\n@0  no finite value" in lines[-2]
    assert not any("a" in row for row in lines[1 : 1 + LETTER_ROWS])


def test_values_far_apart_are_drawn_on_a_logarithmic_scale() -> None:
    """A curve over three decades is a line there, and its title says so."""
    lines = overlaid([(0, 1000.0), (3, 1.0)], [(0, 1.0), (3, 1.0)])
    straight = list(sketched(plot(1000.0, 100.0, 10.0, 1.0)))

    assert lines[0] == "loss (log scale)"
    assert straight[0].endswith("(log scale)")
    assert all(row.strip("10 ") for row in straight[1 : 1 + ROWS])


@given(st.lists(VALUES, min_size=1, max_size=50), st.integers(40, 120))
def test_an_overlay_fits_the_terminal(values: list[float], width: int) -> None:
    """Whatever the values, nothing is wider than asked for."""
    points = list(enumerate(values))

    assert max(map(len, overlaid(points, points[::-1], width=width))) <= width


def test_a_curve_without_a_finite_value_says_so() -> None:
    """There is nothing to draw of NaN."""
    assert list(sketched(plot(math.nan))) == ["loss: no finite value"]
