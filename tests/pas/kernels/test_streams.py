"""Tests of `modelhub.pas.kernels.streams`."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.pas.kernels import streams


def test_its_examples_run():
    """The examples of the page are true."""
    assert doctest.testmod(streams).failed == 0


@given(st.integers(1, 8), st.integers(1, 100), st.randoms(use_true_random=False))
def test_symbols_are_packed_and_come_back(bits, count, random):
    """A string of bits has the length that it must, and the symbols in it."""
    symbols = np.array([random.randrange(1 << bits) for _ in range(count)], np.uint8)
    packed = streams.pack(symbols, bits)

    assert len(packed) == streams.packed_size(count, bits)
    assert (streams.unpack(packed, count, bits) == symbols).all()
    value = sum(int(s) << (bits * i) for i, s in enumerate(symbols))
    assert int.from_bytes(packed, "little") == value


@pytest.mark.parametrize(
    ("symbols", "mode"),
    [
        ([5] * 100, streams.CONSTANT),
        (range(128), streams.RAW),
        ([1] * 2000 + [2], streams.SPARSE),
        ([1, 1, 2] * 700, streams.RANS),
        ([1, 2] * 5000 + [5, 6] * 5000, streams.BY_BLOCK),
    ],
)
def test_the_mode_is_the_one_that_pays(symbols, mode):
    """Equal symbols are a constant, noise is raw, the rest is coded."""
    array = np.array(symbols, np.uint8)
    stream = streams.encode(array, bits=7)

    assert stream[0] == mode
    assert (streams.decode(stream, array.size, bits=7) == array).all()


def test_a_sample_can_say_that_noise_is_noise():
    """Symbols outside of the sample are not looked at, so the stream is raw."""
    symbols = np.zeros(1 << 17, np.uint8)
    rows = symbols.reshape(-1, 1 << 14)
    rows[:, :1024] = np.random.default_rng(0).integers(0, 256, (8, 1024))

    assert streams.encode(symbols, bits=8)[0] == streams.RAW
    assert streams.encode(symbols[:-1], bits=8)[0] != streams.RAW


@pytest.mark.parametrize(
    "stream", [(0, b""), (0, b"\2"), (0, b"\1\1"), (1, b""), (1, b"\xff\xff"), (2, b""), (9, b"")]
)
def test_what_is_no_stream_is_refused(stream):
    """Nine symbols of one bit: a constant of two bits, another length, bits behind them."""
    with pytest.raises(ValueError, match=r"\w"):
        streams.decode(stream, 9, bits=1)
