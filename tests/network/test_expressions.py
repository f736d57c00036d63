"""Extents that are expressions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.errors import InputError
from modelhub.network import evaluate_extent, symbols_of
from modelhub.network.expressions import check_extent

NUMBERS = st.integers(0, 99).map(str) | st.sampled_from(["s0", "s1"])
EXPRESSIONS = st.recursive(
    NUMBERS,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "//", "%"]), inner)
        | st.builds("{}({}, {})".format, st.sampled_from(["Min", "Max"]), inner, inner)
    ),
    max_leaves=8,
)


@given(text=EXPRESSIONS, s0=st.integers(1, 50), s1=st.integers(1, 50))
def test_an_expression_has_the_value_that_python_gives_it(text: str, s0: int, s1: int) -> None:
    """The arithmetic is Python's; what is no extent is refused."""
    try:
        expected = eval(text, {"Min": min, "Max": max, "s0": s0, "s1": s1})
    except ZeroDivisionError:
        expected = -1
    if 0 <= expected <= 1 << 62:
        assert evaluate_extent(text, {"s0": s0, "s1": s1}) == expected
    else:
        with pytest.raises(InputError):
            evaluate_extent(text, {"s0": s0, "s1": s1})


@pytest.mark.parametrize(
    "extent",
    [
        -1,
        True,
        1.5,
        None,
        "",
        "1 +",
        "s0.real",
        "f(1)",
        "s0**9**9",
        "[1]",
        "'a'",
        "lambda: 1",
        "Min(*s)",
        "Min(a=1)",
        "1.5",
        "+" * 2000,
    ],
)
def test_what_is_more_than_arithmetic_is_refused(extent: object) -> None:
    """Nothing but whole numbers, symbols and five operators stands in a shape."""
    with pytest.raises(ValueError, match=r".+"):
        check_extent(extent)


def test_symbols_are_named() -> None:
    """What must be known to compute an extent can be asked."""
    assert symbols_of("Max(s0, 2*s1) // s0") == {"s0", "s1"}
    assert symbols_of(7) == set()


def test_a_missing_symbol_is_said() -> None:
    """An extent whose symbol has no value cannot be computed."""
    with pytest.raises(InputError, match="s3"):
        evaluate_extent("s3 + 1", {})
