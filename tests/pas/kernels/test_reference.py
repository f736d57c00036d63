"""Tests of `modelhub.pas.kernels.reference`: the definition, compared with the specification."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from modelhub.pas import kernels

SPECIAL = [0, 1 << 31, 0x7F800000, 0xFF800000, 0x7FC00001, 0x7F800001, 1, 0x007FFFFF, 0xFFFFFFFF]


@given(arrays(np.uint32, st.integers(1, 300)))
@settings(max_examples=50)
def test_float32_levels_are_those_of_the_specification(words):
    """pack.md §5: exponent, sign and seven bits, two bytes."""
    words = np.concatenate([words, np.array(SPECIAL, np.uint32)])
    planes = kernels.split_float32(words)

    assert np.array_equal(planes[0], (words >> 23) % 256)
    assert np.array_equal(planes[1], ((words >> 31) << 7) + ((words >> 16) & 127))
    assert np.array_equal(planes[2], (words >> 8) % 256)
    assert np.array_equal(planes[3], words % 256)


@given(arrays(np.uint16, st.integers(1, 300)))
@settings(max_examples=50)
def test_bfloat16_levels_are_those_of_the_specification(words):
    """pack.md §5: exponent, sign and mantissa."""
    planes = kernels.split_bfloat16(words)

    assert np.array_equal(planes[0], (words >> 7) % 256)
    assert np.array_equal(planes[1], ((words >> 15) << 7) + (words & 127))


@given(arrays(np.uint32, st.integers(1, 300)))
@settings(max_examples=50)
def test_float32_comes_back(words):
    """Merging undoes splitting for every pattern of bits."""
    words = np.concatenate([words, np.array(SPECIAL, np.uint32)])
    out = np.empty_like(words)
    kernels.merge_float32(kernels.split_float32(words), out)

    assert np.array_equal(out, words)


def test_every_bfloat16_comes_back():
    """Merging undoes splitting for all 65,536 patterns."""
    words = np.arange(1 << 16, dtype=np.uint16)
    out = np.empty_like(words)
    kernels.merge_bfloat16(kernels.split_bfloat16(words), out)

    assert np.array_equal(out, words)


@pytest.mark.parametrize("width", [1, 2, 4, 8])
def test_bytes_are_split_by_significance(width):
    """The first plane holds the most significant byte of each little-endian element."""
    octets = np.random.default_rng(0).integers(0, 256, 30 * width, np.uint8)
    planes = kernels.split_bytes(octets, width)
    out = np.empty_like(octets)
    kernels.merge_bytes(planes, out)

    assert np.array_equal(planes[0], octets[width - 1 :: width])
    assert np.array_equal(out, octets)
