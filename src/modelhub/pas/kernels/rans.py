"""rANS over tables of frequencies, in plain Python and NumPy (tensor-encoding.md §5 and §8).

The definition that the compiled twin must equal, byte for byte. Every decision is made with
whole numbers, so that no machine decides otherwise.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from modelhub.durable import Buffer

Bytes: TypeAlias = npt.NDArray[np.uint8]
Counts: TypeAlias = npt.NDArray[np.int64]

MANY = 1 << 14  # symbols from which on there are many lanes
LANES, FEW_LANES = 32, 4
SYMBOLS = 256
PRECISION = 12
TOTAL = 1 << PRECISION
LOWEST = 1 << 15  # states are from here to 2^31 - 1
_TWO_BYTES = 128  # frequencies from here on take two bytes


def lanes_of(count: int) -> int:
    """How many states take turns at so many symbols."""
    return LANES if count >= MANY else FEW_LANES


def normalize(counts: Counts, bits: int) -> Counts:
    """Frequencies that add up to 4096, none of them all, of (256,) counts of some symbols."""
    total = int(counts.sum())
    frequencies = (counts * TOTAL + total // 2) // total
    frequencies[(counts > 0) & (frequencies == 0)] = 1
    excess = int(frequencies.sum()) - TOTAL
    if excess < 0:
        frequencies[counts.argmax()] -= excess
    while excess > 0:
        largest = int(frequencies.argmax())
        less = min(excess, max(1, int(frequencies[largest]) // 8))
        frequencies[largest] -= less
        excess -= less
    only = int(frequencies.argmax())
    if frequencies[only] == TOTAL:
        frequencies[only] -= 1
        frequencies[(only + 1) % (1 << bits)] = 1
    return frequencies


def _logarithms() -> npt.NDArray[np.int64]:
    numbers = np.arange(1, TOTAL + 1, dtype=np.uint64)
    whole = np.array([int(f).bit_length() - 1 for f in numbers], np.uint64)
    y = numbers << (np.uint64(31) - whole)
    logarithm = whole
    for _ in range(16):
        y = (y * y) >> np.uint64(31)
        is_over = y >> np.uint64(32)
        y >>= is_over
        logarithm = (logarithm << np.uint64(1)) + is_over
    return np.append(0, logarithm.astype(np.int64))


LOGARITHMS = _logarithms()
"""Of 1 to 4096, to the base 2, in 1/65536; that of 0 is 0."""


def cost(counts: Counts, frequencies: Counts) -> int:
    """What counted symbols take under a table, in 1/65536 bits."""
    return int((counts * ((PRECISION << 16) - LOGARITHMS[frequencies])).sum())


def write_table(frequencies: Counts, bits: int) -> bytes:
    """The stored form of a table: from one symbol on, around the greatest, to another."""
    present = np.flatnonzero(frequencies)
    gaps = (np.roll(present, -1) - present) % (1 << bits)
    last = int(gaps.argmax())  # behind it is the longest way to the next
    low, high = int(present[(last + 1) % present.size]), int(present[last])
    out = bytearray((low, high))
    symbols = (low + np.arange((high - low) % (1 << bits) + 1)) % (1 << bits)
    found = [int(f) for f in frequencies[symbols]]
    at = 0
    while at < len(found):
        frequency = found[at]
        at += 1
        if frequency >= _TWO_BYTES:
            out.append(_TWO_BYTES | frequency >> 8)
        out.append(frequency & 255)
        if frequency == 0:
            more = next(k for k in range(at, len(found)) if found[k]) - at
            out.append(more)
            at += more
    return bytes(out)


def read_frequency(data: Buffer, at: int) -> tuple[int, int]:
    """A frequency of one byte or two, and where it ends."""
    frequency, at = data[at], at + 1
    if frequency >= _TWO_BYTES:
        frequency, at = (frequency & 127) << 8 | data[at], at + 1
        if frequency < _TWO_BYTES:
            raise ValueError("a frequency is written too long")
    return frequency, at


def read_table(data: Buffer, at: int, bits: int) -> tuple[Counts, int]:
    """The table that begins at `at`, and where it ends.

    Raises:
        ValueError: it is none.
    """
    frequencies = np.zeros(SYMBOLS, np.int64)
    try:
        low, high, at = data[at], data[at + 1], at + 2
        if low >> bits or high >> bits:
            raise ValueError("a table of frequencies is impossible")
        size, place = (high - low) % (1 << bits) + 1, 0
        while place < size:
            frequency, at = read_frequency(data, at)
            frequencies[(low + place) % (1 << bits)] = frequency
            place += 1
            if frequency == 0:
                place, at = place + data[at], at + 1
    except IndexError:
        raise ValueError("a table of frequencies is cut off") from None
    if place != size or low == high or not (frequencies[low] and frequencies[high]):
        raise ValueError("a table of frequencies is impossible")
    if int(frequencies.sum()) != TOTAL:
        raise ValueError("a table of frequencies is impossible")
    return frequencies, at


def encode(symbols: Bytes, tables: Sequence[Counts], which: Bytes) -> bytes:
    """States and words of (n,) symbols, each by the table that (n,) `which` names."""
    frequencies = np.stack(tables)
    starts = np.cumsum(frequencies, axis=1) - frequencies
    lanes = lanes_of(symbols.size)
    states = np.full(lanes, LOWEST, np.int64)
    words: list[bytes] = []
    for at in reversed(range(0, symbols.size, lanes)):
        key = which[at : at + lanes], symbols[at : at + lanes]
        f, x = frequencies[key], states[: key[0].size]
        is_full = x >= f << (31 - PRECISION)
        words.append((x[is_full] & 0xFFFF).astype("<u2").tobytes())
        x = np.where(is_full, x >> 16, x)
        states[: x.size] = (x // f << PRECISION) + x % f + starts[key]
    return b"".join((states.astype("<u4").tobytes(), *reversed(words)))


class _Slots:
    """What each of the 4096 low parts of a state means, by each of the tables."""

    def __init__(self, tables: Sequence[Counts]) -> None:
        numbers = np.arange(SYMBOLS)
        self.symbols = np.stack([np.repeat(numbers, table) for table in tables])
        pairs = list(zip(self.symbols, tables, strict=True))
        self.frequencies = np.stack([table[symbols] for symbols, table in pairs])
        starts = [(np.cumsum(table) - table)[symbols] for symbols, table in pairs]
        self.places = np.arange(TOTAL) - np.stack(starts)


def decode(
    data: Buffer, count: int, tables: Sequence[Counts], which: Bytes, *, lanes: int = 0
) -> Bytes:
    """The (count,) symbols of what `encode` returned; by another number of lanes if it is given.

    Raises:
        ValueError: nothing that `encode` returns.
    """
    lanes = lanes or lanes_of(count)
    if len(data) < 4 * lanes or len(data) % 2:
        raise ValueError("a stream ends before its symbols")
    slots = _Slots(tables)
    states = np.frombuffer(data[: 4 * lanes], "<u4").astype(np.int64)
    words = np.frombuffer(data[4 * lanes :], "<u2").astype(np.int64)
    if ((states < LOWEST) | (states >> 31 > 0)).any():
        raise ValueError("a stream begins with impossible states")
    out = np.empty(count, np.uint8)
    at = 0
    for begin in range(0, count, lanes):
        x = states[: min(lanes, count - begin)]
        key = which[begin : begin + lanes], x & (TOTAL - 1)
        out[begin : begin + lanes] = slots.symbols[key]
        x = slots.frequencies[key] * (x >> PRECISION) + slots.places[key]
        low = np.flatnonzero(x < LOWEST)
        if at + low.size > words.size:
            raise ValueError("a stream ends before its symbols")
        x[low] = x[low] << 16 | words[at : at + low.size]
        at += low.size
        states[: x.size] = x
    if at != words.size or (states != LOWEST).any():
        raise ValueError("a stream does not end where its symbols do")
    return out
