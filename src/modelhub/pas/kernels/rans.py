"""rANS over a table of frequencies, in plain Python and NumPy (tensor-encoding.md §5 and §6).

The definition that the compiled twin must equal, byte for byte. Every decision is made with
whole numbers, so that no machine decides otherwise.
"""

from collections.abc import Sequence
from struct import Struct
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from modelhub.durable import Buffer

Bytes: TypeAlias = npt.NDArray[np.uint8]
Counts: TypeAlias = npt.NDArray[np.int64]

CHUNK = 1 << 16  # symbols
LANES = 32
SYMBOLS = 256
PRECISION = 12
TOTAL = 1 << PRECISION
LOWEST = 1 << 15  # states are from here to 2^31 - 1
STATES = 4 * LANES  # bytes
_TWO_BYTES = 128  # frequencies from here on take two bytes
_SIZE = Struct("<I")


def normalize(counts: Counts) -> Counts:
    """Frequencies that add up to 4096, of (256,) counts of at least two symbols."""
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
    return frequencies


def _costs() -> npt.NDArray[np.int64]:
    frequencies = np.arange(1, TOTAL + 1, dtype=np.uint64)
    whole = np.array([int(f).bit_length() - 1 for f in frequencies], np.uint64)
    y = frequencies << (np.uint64(31) - whole)
    logarithm = whole
    for _ in range(16):
        y = (y * y) >> np.uint64(31)
        is_over = y >> np.uint64(32)
        y >>= is_over
        logarithm = (logarithm << np.uint64(1)) + is_over
    return np.append(0, (PRECISION << 16) - logarithm.astype(np.int64))


_COSTS = _costs()


def cost(counts: Counts, frequencies: Counts) -> int:
    """What counted symbols take under a table, in 1/65536 bits."""
    return int((counts * _COSTS[frequencies]).sum())


def write_table(frequencies: Counts) -> bytes:
    """The stored form of a table."""
    present = np.flatnonzero(frequencies)
    low, high = int(present[0]), int(present[-1])
    out = bytearray((low, high))
    for frequency in map(int, frequencies[low : high + 1]):
        if frequency >= _TWO_BYTES:
            out.append(_TWO_BYTES | frequency >> 8)
        out.append(frequency & 255)
    return bytes(out)


def read_table(data: Buffer, bits: int) -> tuple[Counts, int]:
    """A table, and how many bytes it took.

    Raises:
        ValueError: it is none.
    """
    frequencies = np.zeros(SYMBOLS, np.int64)
    try:
        low, high, at = data[0], data[1], 2
        for symbol in range(low, high + 1):
            frequency, at = data[at], at + 1
            if frequency >= _TWO_BYTES:
                frequency, at = (frequency & 127) << 8 | data[at], at + 1
                if frequency < _TWO_BYTES:
                    raise ValueError("a frequency is written too long")
            frequencies[symbol] = frequency
    except IndexError:
        raise ValueError("a table of frequencies is cut off") from None
    ends = frequencies[low] and frequencies[high]
    if low >= high or high >> bits or not ends or int(frequencies.sum()) != TOTAL:
        raise ValueError("a table of frequencies is impossible")
    return frequencies, at


def encode(symbols: Bytes, frequencies: Counts) -> bytes:
    """The table, the sizes of the chunks, and the chunks, of (n,) symbols."""
    chunks = [
        _encoded_chunk(symbols[at : at + CHUNK], frequencies)
        for at in range(0, symbols.size, CHUNK)
    ]
    sizes = b"".join(_SIZE.pack(len(chunk)) for chunk in chunks)
    return b"".join((write_table(frequencies), sizes, *chunks))


def decode(data: Buffer, count: int, bits: int) -> Bytes:
    """The (count,) symbols of what `encode` returned.

    Raises:
        ValueError: nothing that `encode` returns.
    """
    data = memoryview(data)
    frequencies, at = read_table(data, bits)
    slots = _Slots(frequencies)
    sizes = data[at : at + _SIZE.size * -(-count // CHUNK)]
    at += len(sizes)
    out = np.empty(count, np.uint8)
    for number, begin in enumerate(range(0, count, CHUNK)):
        head = sizes[_SIZE.size * number :][: _SIZE.size]
        end = at + (_SIZE.unpack(head)[0] if len(head) == _SIZE.size else len(data))
        if end > len(data):
            raise ValueError("a chunk ends before its symbols")
        _decode_chunk(data[at:end], slots, out[begin : begin + CHUNK])
        at = end
    if at != len(data):
        raise ValueError("bytes follow the last chunk")
    return out


def _rows(symbols: Bytes) -> Sequence[Bytes]:
    """Symbols i, i + 1 … i + 31, the first of them by lane 0; the last row may be shorter."""
    return [symbols[at : at + LANES] for at in range(0, symbols.size, LANES)]


def _encoded_chunk(symbols: Bytes, frequencies: Counts) -> bytes:
    starts = np.cumsum(frequencies) - frequencies
    states = np.full(LANES, LOWEST, np.int64)
    words: list[Bytes] = []
    for row in reversed(_rows(symbols)):
        f, x = frequencies[row], states[: row.size]
        is_full = x >= f << (31 - PRECISION)
        words.append((x[is_full] & 0xFFFF).astype("<u2").view(np.uint8))
        x = np.where(is_full, x >> 16, x)
        states[: row.size] = (x // f << PRECISION) + x % f + starts[row]
    return b"".join((states.astype("<u4").tobytes(), *reversed([w.tobytes() for w in words])))


class _Slots:
    """What each of the 4096 low parts of a state means."""

    def __init__(self, frequencies: Counts) -> None:
        self.symbols = np.repeat(np.arange(SYMBOLS), frequencies)
        self.frequencies = frequencies[self.symbols]
        starts = np.cumsum(frequencies) - frequencies
        self.places = np.arange(TOTAL) - starts[self.symbols]


def _decode_chunk(data: memoryview, slots: _Slots, out: Bytes) -> None:
    if len(data) < STATES or len(data) % 2:
        raise ValueError("a chunk ends before its symbols")
    states = np.frombuffer(data[:STATES], "<u4").astype(np.int64)
    words = np.frombuffer(data[STATES:], "<u2").astype(np.int64)
    if ((states < LOWEST) | (states >> 31 > 0)).any():
        raise ValueError("a chunk begins with impossible states")
    at = 0
    for row in _rows(out):
        x = states[: row.size]
        slot = x & (TOTAL - 1)
        row[:] = slots.symbols[slot]
        x = slots.frequencies[slot] * (x >> PRECISION) + slots.places[slot]
        low = np.flatnonzero(x < LOWEST)
        if at + low.size > words.size:
            raise ValueError("a chunk ends before its symbols")
        x[low] = x[low] << 16 | words[at : at + low.size]
        at += low.size
        states[: row.size] = x
    if at != words.size or (states != LOWEST).any():
        raise ValueError("a chunk does not end where its symbols do")
