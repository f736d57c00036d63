"""Tests of `modelhub.pas.known`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.dtypes import numpy_dtype
from modelhub.errors import InputError
from modelhub.pas.encodings import ENCODINGS
from modelhub.pas.known import ORDERED, bounds, known_bits, levels_for


@pytest.mark.parametrize("name", ["levels-rans", "planes-zstd"])
@pytest.mark.parametrize("dtype", ORDERED)
@given(raw=st.binary(min_size=64, max_size=64), levels=st.integers(1, 8))
def test_every_element_lies_within_its_bound(name, dtype, raw, levels):
    """For all bits: signs, zeros, subnormals; what may be infinite has an infinite radius."""
    encoding = ENCODINGS.get(name)
    known = known_bits(encoding, dtype, min(levels, len(encoding.levels(dtype))))
    centre, radius = bounds(raw, dtype, known)
    with np.errstate(invalid="ignore"):
        true = np.frombuffer(raw, numpy_dtype(dtype)).astype(np.float64)
        off = np.abs(true - centre.astype(np.float64))

    assert np.all((off <= radius) | np.isinf(radius))
    assert np.all(np.isinf(radius[~np.isfinite(true)]))


def test_all_levels_are_exact():
    """Nothing is left open."""
    raw = np.float32([1.5, -0.0, 1e-42]).tobytes()
    centre, radius = bounds(raw, "float32", 0xFFFFFFFF)

    assert centre.tolist() == np.float32([1.5, -0.0, 1e-42]).tolist()
    assert not radius.any()


def test_the_radius_is_small():
    """Two levels of float32 leave at most one part in 128."""
    centre, radius = bounds(np.float32([3.3, -7e-5]).tobytes(), "float32", 0xFFFF0000)

    assert np.all(radius <= np.abs(centre) / 128)


def test_a_base_is_read_as_far_as_its_child_needs():
    """The sign is in the second level of one encoding and in the first of the other."""
    first = known_bits(ENCODINGS.get("levels-rans"), "float32", 1)

    assert first == 0xFF800000
    assert levels_for(ENCODINGS.get("levels-rans"), "float32", first) == 1
    assert levels_for(ENCODINGS.get("planes-zstd"), "float32", first) == 2


def test_integers_have_no_bounds():
    """The way out is said."""
    with pytest.raises(InputError, match="whole"):
        bounds(b"", "int8", 0)
