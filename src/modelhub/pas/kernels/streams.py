r"""Streams: symbols of one to eight bits, in the mode that is shortest (tensor-encoding.md §4).

In NumPy: the definition. A stream is a pair of its mode and its content.

>>> encode(np.full(5, 3, np.uint8), 8)
(0, b'\x03')
>>> encode(np.array([1, 0, 1, 1], np.uint8), 1)
(1, b'\r')
>>> decode((1, b"\r"), 4, 1).tolist()
[1, 0, 1, 1]
"""

from struct import Struct
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from modelhub.durable import Buffer
from modelhub.pas.kernels import rans, runs, sparse
from modelhub.pas.kernels.clustering import MOST, cluster
from modelhub.pas.kernels.contexts import Contexts

Bytes: TypeAlias = npt.NDArray[np.uint8]
Stream: TypeAlias = tuple[int, Buffer]
"""Mode and content."""

CONSTANT, RAW, RUNS, ZSTD, BY_CONTEXT, SPARSE, BY_BLOCK, RANS = range(8)

BLOCK = 1 << 10  # symbols that share a table
_BLOCKS_FROM, _BLOCKS_TO = 1 << 13, 1 << 20  # symbols
_SAMPLE_FROM, _SAMPLE_STEP, _SAMPLE = 1 << 17, 1 << 14, 1 << 10  # symbols
_WORTH = 985  # thousandths of the raw size that a stream must stay below
_TABLES_HEAD = Struct("<BH")  # tables, top
_SPARSE_HEAD = Struct("<BBI")  # the common symbol, low bits, how many others
_FEW = 16  # others are at most this part of the symbols

_Candidate: TypeAlias = tuple[int, Bytes, list[rans.Counts], bytes]  # mode, tables, head


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


def encode(
    symbols: Bytes, bits: int, contexts: Contexts | None = None, *, is_delta: bool = False
) -> Stream:
    """The stream of (n,) symbols, n > 0.

    Args:
        symbols: each below 2 to the power of `bits`.
        bits: of a symbol.
        contexts: of the symbols, if those of the group's other streams may tell of these.
        is_delta: whether symbols are differences, which are not tried by blocks.
    """
    status = contexts.of_next(0) >> np.uint8(4) if is_delta and contexts else None
    if not _is_promising(symbols, bits, status):
        return RAW, pack(symbols, bits)
    counts = np.bincount(symbols, minlength=rans.SYMBOLS)
    if counts[symbols[0]] == symbols.size:
        return CONSTANT, symbols[:1].tobytes()
    size, chosen = _by_one_table(symbols, counts, bits)
    if contexts is not None:
        size, chosen = _by_context(symbols, bits, contexts, (size, chosen))
    if not is_delta and _BLOCKS_FROM <= symbols.size <= _BLOCKS_TO:
        size, chosen = _by_block(symbols, bits, (size, chosen))
    few = _sparse_size(counts, bits)
    if few and 50 * few <= 51 * size and 1000 * few < _WORTH * packed_size(symbols.size, bits):
        return SPARSE, _sparse(symbols, counts, bits)
    if 1000 * size >= _WORTH * packed_size(symbols.size, bits):
        return RAW, pack(symbols, bits)
    mode, which, tables, head = chosen
    stored = [rans.write_table(table, bits) for table in tables]
    return mode, b"".join((head, *stored, rans.encode(symbols, tables, which)))


def decode(stream: Stream, count: int, bits: int, contexts: Contexts | None = None) -> Bytes:
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
    if mode == SPARSE:
        return _decode_sparse(data, count, bits)
    if mode == RUNS:
        return runs.decode(data, count, bits)
    return _decode_coded(stream, count, bits, contexts)


def _decode_coded(stream: Stream, count: int, bits: int, contexts: Contexts | None) -> Bytes:
    mode, data = stream
    if mode == RANS:
        return _decode_rans(memoryview(data), np.zeros(count, np.uint8), bits)
    if mode == BY_BLOCK and len(data):
        at = 1
        blocks = -(-count // BLOCK)
        names = _unpack_map(data, at, blocks, data[0])
        which = np.repeat(names, BLOCK)[:count]
        return _decode_rans(memoryview(data)[at + (blocks + 1) // 2 :], which, bits, data[0])
    if mode == BY_CONTEXT and contexts is not None and len(data) >= _TABLES_HEAD.size:
        tables, top = _TABLES_HEAD.unpack_from(data)
        names = _unpack_map(data, _TABLES_HEAD.size, contexts.count, tables)
        which = names[contexts.of_next(top)]
        at = _TABLES_HEAD.size + contexts.count // 2
        return _decode_rans(memoryview(data)[at:], which, bits, tables)
    raise ValueError("no such mode of a stream")


def _is_promising(symbols: Bytes, bits: int, status: Bytes | None) -> bool:
    """Whether a sample of many symbols says that rANS may pay."""
    if symbols.size < _SAMPLE_FROM:
        return True
    if status is None:
        status = np.zeros(symbols.size, np.uint8)
    whole = (symbols.size - _SAMPLE) // _SAMPLE_STEP * _SAMPLE_STEP + _SAMPLE
    is_sample = np.arange(whole) % _SAMPLE_STEP < _SAMPLE
    keys = status[:whole][is_sample].astype(np.int64) << 8 | symbols[:whole][is_sample]
    counts = np.bincount(keys, minlength=6 * rans.SYMBOLS).reshape(6, rans.SYMBOLS)
    of_each = [each for each in counts if each.any()]
    cost = sum(rans.cost(each, rans.normalize(each, bits)) for each in of_each)
    cost += (len(of_each) - 1) * (3 << bits >> 2) << 16
    return 1000 * cost < _WORTH * (keys.size * bits << 16)


def _size(symbols: int, costs: int, tables: list[rans.Counts], bits: int) -> int:
    """Bytes of rANS: tables, states, words."""
    stored = sum(len(rans.write_table(table, bits)) for table in tables)
    return stored + 4 * rans.lanes_of(symbols) + (costs + (1 << 19) - 1 >> 19)


def _by_one_table(symbols: Bytes, counts: rans.Counts, bits: int) -> tuple[int, _Candidate]:
    table = rans.normalize(counts, bits)
    size = _size(symbols.size, rans.cost(counts, table), [table], bits)
    return size, (RANS, np.zeros(symbols.size, np.uint8), [table], b"")


def _by_several(
    symbols: Bytes, groups: npt.NDArray[np.int64], many: int, bits: int
) -> tuple[int, Bytes, list[rans.Counts]]:
    """Size without the map, table of each context, and the tables."""
    keys = groups << 8 | symbols
    counts = np.bincount(keys, minlength=many << 8).reshape(many, rans.SYMBOLS)
    names, sums, frequencies = cluster(counts, bits)
    tables = list(frequencies)
    cost = sum(rans.cost(*pair) for pair in zip(sums, tables, strict=True))
    return _size(symbols.size, cost, tables, bits), names, tables


def _by_context(
    symbols: Bytes, bits: int, contexts: Contexts, best: tuple[int, _Candidate]
) -> tuple[int, _Candidate]:
    top = contexts.top()
    found = contexts.of_next(top)
    size, names, tables = _by_several(symbols, found.astype(np.int64), contexts.count, bits)
    head = _TABLES_HEAD.pack(len(tables), top) + _pack_map(names)
    if 100 * (size + len(head)) >= 99 * best[0]:
        return best
    return size + len(head), (BY_CONTEXT, names[found], tables, head)


def _by_block(symbols: Bytes, bits: int, best: tuple[int, _Candidate]) -> tuple[int, _Candidate]:
    blocks = np.arange(symbols.size) // BLOCK
    size, names, tables = _by_several(symbols, blocks, int(blocks[-1]) + 1, bits)
    head = bytes((len(tables),)) + _pack_map(names)
    if 100 * (size + len(head)) >= 99 * best[0]:
        return best
    return size + len(head), (BY_BLOCK, names[blocks], tables, head)


def _pack_map(names: Bytes) -> bytes:
    return pack(names, 4)


def _unpack_map(data: Buffer, at: int, count: int, tables: int) -> Bytes:
    size = packed_size(count, 4)
    if not 1 <= tables <= MOST or len(data) < at + size:
        raise ValueError("a map of tables is impossible")
    names = unpack(memoryview(data)[at : at + size], count, 4)
    if names.max() >= tables:
        raise ValueError("a map of tables is impossible")
    return names


def _decode_rans(data: memoryview, which: Bytes, bits: int, many: int = 1) -> Bytes:
    tables, at = [], 0
    for _ in range(many):
        table, at = rans.read_table(data, at, bits)
        tables.append(table)
    return rans.decode(data[at:], which.size, tables, which)


def _sparse_size(counts: rans.Counts, bits: int) -> int:
    """Bytes of the common symbol and its exceptions; 0 if they are too many."""
    rest = counts.copy()
    rest[counts.argmax()] = 0
    few, total = int(rest.sum()), int(counts.sum())
    if few > total // _FEW:
        return 0
    places = sparse.size_of(few, total, sparse.best_low_bits(few, total))
    return _SPARSE_HEAD.size + places + 1 + _value_size(rest, bits)


def _value_size(rest: rans.Counts, bits: int) -> int:
    few = int(rest.sum())
    if rest.max() == few:
        return 1
    table = rans.normalize(rest, bits)
    size = _size(few, rans.cost(rest, table), [table], bits)
    raw = packed_size(few, bits)
    return size if 1000 * size < _WORTH * raw else raw


def _sparse(symbols: Bytes, counts: rans.Counts, bits: int) -> bytes:
    common = int(counts.argmax())
    positions = np.flatnonzero(symbols != common)
    low_bits = sparse.best_low_bits(positions.size, symbols.size)
    mode, content = _values(symbols[positions], bits)
    head = _SPARSE_HEAD.pack(common, low_bits, positions.size)
    places = sparse.encode_positions(positions, symbols.size, low_bits)
    return b"".join((head, places, bytes((mode,)), content))


def _values(symbols: Bytes, bits: int) -> Stream:
    """By one table at most."""
    counts = np.bincount(symbols, minlength=rans.SYMBOLS)
    if counts[symbols[0]] == symbols.size:
        return CONSTANT, symbols[:1].tobytes()
    size, (mode, which, (table,), _) = _by_one_table(symbols, counts, bits)
    if 1000 * size >= _WORTH * packed_size(symbols.size, bits):
        return RAW, pack(symbols, bits)
    return mode, rans.write_table(table, bits) + rans.encode(symbols, [table], which)


def _decode_sparse(data: Buffer, count: int, bits: int) -> Bytes:
    if len(data) < _SPARSE_HEAD.size:
        raise ValueError("a stream ends before its symbols")
    common, low_bits, few = _SPARSE_HEAD.unpack_from(data)
    if common >> bits:
        raise ValueError("a constant is impossible")
    positions, at = sparse.decode_positions(data, _SPARSE_HEAD.size, few, count, low_bits)
    if at >= len(data) or data[at] not in (CONSTANT, RAW, RANS):
        raise ValueError("no such mode of a stream")
    out = np.full(count, common, np.uint8)
    out[positions] = decode((data[at], memoryview(data)[at + 1 :]), few, bits)
    return out
