r"""Streams: symbols of one to eight bits, as constants, raw or by rANS (tensor-encoding.md §4).

In NumPy: the definition. A stream is a pair of its mode and its content.

>>> import numpy as np
>>> encode(np.full(5, 3, np.uint8), bits=8)
(0, b'\x03')
>>> encode(np.array([1, 0, 1, 1], np.uint8), bits=1)
(1, b'\r')
>>> decode((1, b"\r"), 4, bits=1).tolist()
[1, 0, 1, 1]
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from modelhub.durable import Buffer
from modelhub.pas.kernels import rans

Bytes: TypeAlias = npt.NDArray[np.uint8]
Stream: TypeAlias = tuple[int, Buffer]
"""Mode and content."""

CONSTANT, RAW, RANS = range(3)

_SAMPLE_FROM, _SAMPLE_STEP, _SAMPLE = 1 << 17, 1 << 14, 1 << 10  # symbols
_WORTH = 985  # thousandths of the raw size that a stream must stay below


def pack(symbols: Bytes, bits: int) -> bytes:
    """A little-endian string of bits: symbol i takes bits i * `bits` and those that follow."""
    rows = np.unpackbits(symbols.reshape(-1, 1), axis=1, bitorder="little")
    return np.packbits(rows[:, :bits], bitorder="little").tobytes()


def unpack(data: Buffer, count: int, bits: int) -> Bytes:
    """Undo `pack`.

    Raises:
        ValueError: `data` is not the length of `count` symbols, or has bits behind them.
    """
    if len(data) != packed_size(count, bits):
        raise ValueError("raw symbols have another size")
    string = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    if string[count * bits :].any():
        raise ValueError("bits behind the symbols are set")
    found = np.packbits(string[: count * bits].reshape(count, bits), axis=1, bitorder="little")
    return found.reshape(-1)


def packed_size(count: int, bits: int) -> int:
    """Bytes that `count` symbols take raw."""
    return (count * bits + 7) // 8


def encode(symbols: Bytes, *, bits: int) -> Stream:
    """The stream of (n,) symbols, n > 0."""
    if _is_promising(symbols, bits):
        counts = np.bincount(symbols, minlength=rans.SYMBOLS)
        if counts[symbols[0]] == symbols.size:
            return CONSTANT, symbols[:1].tobytes()
        frequencies = rans.normalize(counts)
        if 1000 * _estimate(counts, frequencies) < _WORTH * packed_size(symbols.size, bits):
            return RANS, rans.encode(symbols, frequencies)
    return RAW, pack(symbols, bits)


def decode(stream: Stream, count: int, *, bits: int) -> Bytes:
    """The (count,) symbols of a stream.

    Raises:
        ValueError: it is none of so many symbols of so many bits.
    """
    mode, data = stream
    if mode == CONSTANT:
        if len(data) != 1 or data[0] >> bits:
            raise ValueError("a constant is impossible")
        return np.full(count, data[0], np.uint8)
    if mode == RAW:
        return unpack(data, count, bits)
    if mode == RANS:
        return rans.decode(data, count, bits)
    raise ValueError("no such mode of a stream")


def _is_promising(symbols: Bytes, bits: int) -> bool:
    """Whether a sample of many symbols says that rANS may pay."""
    if symbols.size < _SAMPLE_FROM:
        return True
    whole = symbols[: (symbols.size - _SAMPLE) // _SAMPLE_STEP * _SAMPLE_STEP + _SAMPLE]
    starts = range(0, whole.size, _SAMPLE_STEP)
    sample = np.concatenate([whole[at : at + _SAMPLE] for at in starts])
    counts = np.bincount(sample, minlength=rans.SYMBOLS)
    cost = rans.cost(counts, rans.normalize(counts))
    return 1000 * cost < _WORTH * (sample.size * bits << 16)


def _estimate(counts: rans.Counts, frequencies: rans.Counts) -> int:
    """Bytes of a stream by rANS."""
    chunks = -(-int(counts.sum()) // rans.CHUNK)
    words = (rans.cost(counts, frequencies) + (1 << 19) - 1) >> 19
    return len(rans.write_table(frequencies)) + chunks * (4 + rans.STATES) + words
