"""Tests of `modelhub.pas.statistics`."""

import math
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from modelhub.dtypes import NUMPY, numpy_dtype
from modelhub.pas.statistics import NOTHING, combine, has_statistics, moments, statistics_of
from modelhub.values import Statistics

ORDERED = [name for name in NUMPY if not name.startswith("complex")]


def measure(array, dtype=None, pieces=1):
    total = NOTHING
    for piece in np.array_split(array, pieces):
        total = combine(total, moments(piece.tobytes(), dtype or array.dtype.name))
    return statistics_of(total)


def expected(array):
    with np.errstate(all="ignore"):
        wide = array.astype(np.float64)
    finite = wide[np.isfinite(wide)]
    return {
        "min": finite.min() if finite.size else None,
        "max": finite.max() if finite.size else None,
        "mean": finite.mean() if finite.size else None,
        "std": finite.std() if finite.size else None,
        "zeros": int((wide == 0).sum()),
        "nans": int(np.isnan(wide).sum()),
        "infinities": int(np.isinf(wide).sum()),
    }


@pytest.mark.parametrize("dtype", ORDERED)
@pytest.mark.parametrize("pieces", [1, 7])
def test_numbers_of_every_ordered_dtype(dtype, pieces):
    """They are those that NumPy computes in double precision, however the stream is cut."""
    octets = np.random.default_rng(1).integers(0, 256, 3000 * 8, np.uint8)
    if dtype == "bool":
        octets %= 2
    if dtype in ("float32", "float64"):  # random bits make numbers whose squares overflow
        array = np.random.default_rng(1).standard_normal(3000).astype(dtype)
        array[::100] = np.nan
        array[1::100] = -np.inf
        array[2::100] = -0.0
    else:
        array = octets.view(numpy_dtype(dtype))
    found, wanted = measure(array, dtype, pieces), expected(array)

    for name, value in wanted.items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-9), name


def test_results_are_plain_numbers():
    """Floats and ints of Python, not of NumPy, so that they become JSON."""
    found = astuple(measure(np.arange(5, dtype=np.int16)))

    assert [type(value) for value in found] == [float] * 4 + [int] * 3


def test_extremes_of_int64_are_no_overflow():
    """The extremes of 64-bit integers are measured in double precision."""
    limits = np.iinfo(np.int64)
    found = measure(np.array([limits.min, limits.max], np.int64))

    assert (found.min, found.max) == (-(2.0**63), 2.0**63)
    assert found.std == pytest.approx(2.0**63)


def test_what_overflows_is_none():
    """Squares that exceed a double give no deviation, and sums that do no mean."""
    assert measure(np.array([1e200, -1e200])).std is None
    assert measure(np.array([1e200, -1e200])).mean == 0
    assert measure(np.array([1.7e308, 1.7e308])).mean is None
    assert measure(np.array([1.7e308] * 4), pieces=4).max == 1.7e308


def test_overflow_in_one_piece_does_not_become_a_number_later():
    """Once not finite, a deviation stays None."""
    found = measure(np.concatenate([np.full(10, 1.7e308), np.zeros(10)]), pieces=2)

    assert found.std is None


def test_nothing_finite_has_no_numbers():
    """Without a finite element the four numbers are None, and the others are counted."""
    nothing = Statistics(min=None, max=None, mean=None, std=None, zeros=0, nans=2, infinities=1)

    assert measure(np.array([np.nan, np.nan, np.inf], np.float32)) == nothing
    assert measure(np.zeros(0, np.float32)).min is None


def test_equal_elements_have_no_deviation():
    """The mean of equal elements is that element, and their deviation is zero."""
    found = measure(np.full(200_001, 0.1, np.float64), pieces=3)

    assert (found.min, found.mean, found.max) == (0.1, 0.1, 0.1)
    assert found.std == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("dtype", ["complex64", "complex128", "opaque:q4_0", "float4_e2m1fn_x2"])
def test_what_has_no_order_has_no_statistics(dtype):
    """Complex and opaque elements are not measured."""
    assert not has_statistics(dtype)


@given(arrays(np.float64, st.integers(1, 50)), st.integers(1, 8))
@settings(max_examples=100)
def test_any_doubles_are_measured_without_a_warning(array, pieces):
    """Whatever the bits, there is no warning, and a number that is given is finite and in range."""
    found = measure(array, pieces=pieces)

    assert found.zeros + found.nans + found.infinities <= array.size
    for value in (found.min, found.max, found.mean, found.std):
        assert value is None or math.isfinite(value)
    if found.mean is not None:
        assert found.min <= found.mean <= found.max
