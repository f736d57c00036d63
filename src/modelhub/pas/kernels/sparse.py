"""Ascending numbers as Elias and Fano wrote them: low bits, and gaps of the rest in unary.

In NumPy: the definition (tensor-encoding.md §7).

>>> data = encode_positions(np.array([2, 3, 900]), 1000, 8)
>>> decode_positions(data, 0, 3, 1000, 8)[0].tolist()
[2, 3, 900]
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from modelhub.durable import Buffer

Positions: TypeAlias = npt.NDArray[np.int64]

MOST_LOW_BITS = 20


def size_of(count: int, among: int, low_bits: int) -> int:
    """Bytes of `count` positions among `among`."""
    return (count * low_bits + 7) // 8 + (count + (among - 1 >> low_bits) + 7) // 8


def best_low_bits(count: int, among: int) -> int:
    """The number of low bits that takes the fewest bytes, the least of several."""
    return min(range(MOST_LOW_BITS + 1), key=lambda low_bits: size_of(count, among, low_bits))


def encode_positions(positions: Positions, among: int, low_bits: int) -> bytes:
    """The stored form of (n,) ascending positions below `among`."""
    low = positions[:, None] >> np.arange(low_bits) & 1
    high = np.zeros(positions.size + (among - 1 >> low_bits), np.uint8)
    high[(positions >> low_bits) + np.arange(positions.size)] = 1
    strings = (np.packbits(each, bitorder="little") for each in (low.astype(np.uint8), high))
    return b"".join(each.tobytes() for each in strings)


def decode_positions(
    data: Buffer, at: int, count: int, among: int, low_bits: int
) -> tuple[Positions, int]:
    """Positions that begin at `at`, and where they end.

    Raises:
        ValueError: they are none.
    """
    end = at + size_of(count, among, low_bits)
    if low_bits > MOST_LOW_BITS or not 0 < count <= among or end > len(data):
        raise ValueError("positions are impossible")
    between = at + (count * low_bits + 7) // 8
    low = _bits(data[at:between], count * low_bits).reshape(count, low_bits)
    high = np.flatnonzero(_bits(data[between:end], count + (among - 1 >> low_bits)))
    if high.size != count:
        raise ValueError("positions are impossible")
    found = (high - np.arange(count) << low_bits) + low.astype(np.int64) @ (
        1 << np.arange(low_bits)
    )
    if found[-1] >= among or (found[1:] <= found[:-1]).any():
        raise ValueError("positions are impossible")
    return found, end


def _bits(data: Buffer, count: int) -> npt.NDArray[np.uint8]:
    string = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    if string[count:].any():
        raise ValueError("bits behind the positions are set")
    return string[:count]
