"""Small plots."""

from math import inf, nan

from hypothesis import given
from hypothesis import strategies as st

from modelhub.pages.course import sparkline


def test_a_rise_rises() -> None:
    """From the lowest bar to the highest."""
    assert sparkline(list(range(8))) == "▁▂▃▄▅▆▇█"


def test_many_values_are_averaged() -> None:
    """A thousand points fit into the width."""
    assert sparkline([each // 100 for each in range(800)], width=8) == "▁▂▃▄▅▆▇█"


def test_what_is_not_finite_is_a_gap() -> None:
    """A loss that was NaN is seen as a hole."""
    assert sparkline([0, nan, 1]) == "▁ █"
    assert sparkline([inf, nan]) == "  "
    assert sparkline([]) == ""


@given(st.lists(st.floats(), max_size=100), st.integers(1, 30))
def test_any_numbers_have_a_plot(values: list[float], width: int) -> None:
    """Of at most the width."""
    assert len(sparkline(values, width)) == min(width, len(values))
