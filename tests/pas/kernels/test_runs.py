"""Tests of `modelhub.pas.kernels.runs`; whole groups of version 1 are in tests/format."""

import numpy as np
import pytest

from modelhub.pas.kernels import rans, runs

TABLE = b"\0\2\x88\0\0\x88\0"  # symbols 0 and 2, half each


def stream(symbols):
    """Written as version 1 wrote it: always 32 lanes."""
    states = np.full(rans.LANES, rans.LOWEST, np.int64)
    for at in reversed(range(0, symbols.size, rans.LANES)):
        row = symbols[at : at + rans.LANES]
        states[: row.size] = (states[: row.size] >> 11 << 12) + states[: row.size] % 2048
        states[: row.size] += 1024 * row.astype(np.int64)
    return TABLE + (128).to_bytes(4, "little") + states.astype("<u4").tobytes()


def test_a_run_comes_back():
    """Few symbols still have 32 lanes, and a zero in the table takes one byte."""
    symbols = np.tile(np.array([0, 2, 2, 0, 2], np.uint8), 30)

    assert (runs.decode(stream(symbols), symbols.size, 8) == symbols).all()


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\0", b"\0\1", b"\5\4\1\1", b"\0\0\x90\0", b"\0\1\x88\0\x87"),
        *(b"\0\1\x88\0\x88\1", b"\0\2\x88\0\x88\0\0", b"\0\1\x80\x7f\x8f\x81"),
        *(TABLE, TABLE + b"\xff\xff\xff\xff", stream(np.zeros(9, np.uint8)) + b"\0\0"),
    ],
)
def test_what_is_no_stream_is_refused(data):
    """Tables that are none, sizes that are not there or too great, and bytes that follow."""
    with pytest.raises(ValueError, match=r"\w"):
        runs.decode(data, 9, 8)
