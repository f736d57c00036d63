"""Positions of windows, in numbers and in symbols."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.network import evaluate_extent, plus, times, window_extent


@given(
    extent=st.integers(0, 40),
    kernel=st.integers(1, 6),
    stride=st.integers(1, 4),
    padding=st.integers(0, 4),
    dilation=st.integers(1, 3),
)
def test_positions_are_those_that_fit(
    extent: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    """As many as there are starts from which the window does not reach over the end."""
    reach = dilation * (kernel - 1)
    starts = [at for at in range(0, extent + padding, stride) if at + reach < extent + padding]
    found = window_extent(extent, kernel, stride=stride, padding=padding, dilation=dilation)

    assert found == (len(starts) or None)


@given(extent=st.integers(8, 40), kernel=st.integers(1, 6), stride=st.integers(1, 4))
@pytest.mark.parametrize("is_ceil", [False, True])
def test_symbols_say_what_numbers_say(
    extent: int, kernel: int, stride: int, *, is_ceil: bool
) -> None:
    """An expression in a symbol has, at a value, the value of the number."""
    found = window_extent("n", kernel, stride=stride, is_ceil=is_ceil)
    number = window_extent(extent, kernel, stride=stride, is_ceil=is_ceil)

    assert found is not None
    assert evaluate_extent(found, {"n": extent}) == number


@pytest.mark.parametrize(("kernel", "stride"), [(0, 1), (3, 0), (-1, 1)])
def test_impossible_windows_have_no_positions(kernel: int, stride: int) -> None:
    """Neither windows of no elements, nor steps that lead nowhere."""
    assert window_extent(9, kernel, stride=stride) is None


@given(extents=st.lists(st.integers(0, 9), max_size=4))
def test_products(extents: list[int]) -> None:
    """The product of numbers is theirs; with symbols it is an expression that has its value."""
    assert times(extents) == int(np.prod(extents, dtype=int))
    assert evaluate_extent(times([*extents, "n", plus("n", -1)]), {"n": 5}) == times(extents) * 20
