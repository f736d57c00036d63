"""Streams as version 1 wrote them: one table, a run of lanes every 65,536 symbols (§5.1).

In NumPy: the definition. They are read only; what is written is shorter.
"""

from struct import Struct

import numpy as np

from modelhub.durable import Buffer
from modelhub.pas.kernels import rans
from modelhub.pas.kernels.rans import Bytes, Counts

RUN = 1 << 16  # symbols
_SIZE = Struct("<I")


def read_plain_table(data: Buffer, bits: int) -> tuple[Counts, int]:
    """A table in which every frequency is written, and how many bytes it took.

    Raises:
        ValueError: it is none.
    """
    frequencies = np.zeros(rans.SYMBOLS, np.int64)
    try:
        low, high, at = data[0], data[1], 2
        for symbol in range(low, high + 1):
            frequencies[symbol], at = rans.read_frequency(data, at)
    except IndexError:
        raise ValueError("a table of frequencies is cut off") from None
    ends = frequencies[low] and frequencies[high]
    if low >= high or high >> bits or not ends or int(frequencies.sum()) != rans.TOTAL:
        raise ValueError("a table of frequencies is impossible")
    return frequencies, at


def decode(data: Buffer, count: int, bits: int) -> Bytes:
    """The (count,) symbols of a stream of version 1.

    Raises:
        ValueError: it is none.
    """
    data = memoryview(data)
    table, at = read_plain_table(data, bits)
    sizes = data[at : at + _SIZE.size * -(-count // RUN)]
    at += len(sizes)
    out = np.empty(count, np.uint8)
    for number, begin in enumerate(range(0, count, RUN)):
        head = sizes[_SIZE.size * number :][: _SIZE.size]
        end = at + (_SIZE.unpack(head)[0] if len(head) == _SIZE.size else len(data))
        if end > len(data):
            raise ValueError("a stream ends before its symbols")
        run = out[begin : begin + RUN]
        one = np.zeros(run.size, np.uint8)
        run[:] = rans.decode(data[at:end], run.size, [table], one, lanes=rans.LANES)
        at = end
    if at != len(data):
        raise ValueError("bytes follow the last run")
    return out
