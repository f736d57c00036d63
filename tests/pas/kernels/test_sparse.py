"""Tests of `modelhub.pas.kernels.sparse`."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.pas.kernels import sparse


def test_its_examples_run():
    """The examples of the page are true."""
    assert doctest.testmod(sparse).failed == 0


@given(st.sets(st.integers(0, 4999), min_size=1), st.integers(0, 20), st.integers(0, 9))
def test_positions_come_back(found, low_bits, more):
    """Whatever they are, with any number of low bits, in the bytes that were foretold."""
    positions = np.array(sorted(found))
    among = int(positions[-1]) + 1 + more
    data = sparse.encode_positions(positions, among, low_bits)
    again, end = sparse.decode_positions(b"x" + data, 1, positions.size, among, low_bits)

    assert (again == positions).all()
    assert len(data) == sparse.size_of(positions.size, among, low_bits) == end - 1


def test_they_take_little_more_than_entropy():
    """100 among 100,000 take at most 2 bits each above log2 of 1,000."""
    bits = 8 * sparse.size_of(100, 100_000, sparse.best_low_bits(100, 100_000))

    assert bits < 100 * (np.log2(1000) + 2) + 16


@pytest.mark.parametrize(
    ("data", "count", "low_bits"),
    [
        (b"\0\0", 1, 8),  # no bit is set
        (b"\0\3", 1, 8),  # two are
        (b"\0", 1, 8),  # cut off
        (b"\0\xf1", 1, 8),  # bits behind the end
        (b"\x05\5\3", 2, 8),  # twice the same
        (b"\xff\x08", 1, 8),  # not below 1,000
        (b"\0\1", 1, 21),
        (b"\0\1", 0, 8),
        (b"\0\1", 1001, 0),
    ],
)
def test_what_is_no_list_of_positions_is_refused(data, count, low_bits):
    """Nothing is allocated by a count that the bytes do not bear out."""
    with pytest.raises(ValueError, match=r"\w"):
        sparse.decode_positions(data, 0, count, 1000, low_bits)
