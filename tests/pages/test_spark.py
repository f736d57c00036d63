"""Small curves in cells."""

import math
import re

from hypothesis import given
from hypothesis import strategies as st

from modelhub.pages.spark import WIDEST, heights, spark_path, sparkline


@given(st.lists(st.floats(), max_size=100))
def test_a_small_curve_is_small(values: list[float]) -> None:
    """A character for each value, or for each run of many; the greatest is the highest."""
    line = sparkline(values)

    assert len(line) == min(WIDEST, len(values))
    assert all(each is None or 0 <= each <= 1 for each in heights(values))


def test_it_rises_with_its_values() -> None:
    """From the lowest character to the highest; equal values lie in the middle."""
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8]) == "▁▂▃▄▅▆▇█"
    assert sparkline([3, 3]) == "▅▅"
    assert sparkline(range(1000))[0] == "▁"


def test_what_is_not_finite_is_a_gap() -> None:
    """In the characters a dot, in the path a break."""
    assert sparkline([0, math.nan, 1]) == "▁·█"
    assert spark_path([0, math.nan, 1, 0], 30, 10) == "M0.0 10.0h0M20.0 0.0h0L30.0 10.0"


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=60))
def test_a_path_stays_in_its_picture(values: list[float]) -> None:
    """Whatever the values, no point lies outside."""
    found = re.findall(r"[ML]([-\d.]+) ([-\d.]+)", spark_path(values, 72, 14))

    assert len(found) == min(WIDEST, len(values))
    assert all(0 <= float(x) <= 72 and 0 <= float(y) <= 14 for x, y in found)
