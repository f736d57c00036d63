"""Tests of `modelhub.pas.kernels.rans`."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.pas.kernels import rans

counts = st.lists(st.sampled_from([0, 0, 1, 2, 100, 10**6]), min_size=256, max_size=256).filter(
    lambda found: len([c for c in found if c]) > 1
)


@given(counts)
def test_frequencies_add_up_and_leave_nobody_out(found):
    """They make 4,096, and what occurs has one."""
    array = np.array(found)
    frequencies = rans.normalize(array, 8)

    assert frequencies.sum() == 4096
    assert ((frequencies > 0) == (array > 0)).all()


@given(counts)
def test_a_table_comes_back(found):
    """What was written is read, and all of it."""
    frequencies = rans.normalize(np.array(found), 8)
    data = rans.write_table(frequencies, 8)
    again, size = rans.read_table(b"less" + data + b"more", 4, 8)

    assert (again == frequencies).all()
    assert size == 4 + len(data)


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\0", b"\0\1", b"\5\4\1\1", b"\0\0\x90\0", b"\0\1\x88\0\x87"),
        *(b"\0\1\x88\0\x88\1", b"\0\2\x88\0\x88\0\0", b"\0\1\x80\x7f\x8f\x81"),
        b"\0\1\x90\0\0",
    ],
)
def test_what_is_no_table_is_refused(data):
    """Cut off, not adding up, with empty ends, or written too long."""
    with pytest.raises(ValueError, match="frequenc"):
        rans.read_table(data, 0, 8)


def test_a_symbol_of_too_many_bits_is_refused():
    """A table of a stream of one bit has the symbols 0 and 1."""
    table = b"\1\2\x88\0\x88\0"

    assert rans.read_table(table, 0, 2)[1] == 6
    with pytest.raises(ValueError, match="impossible"):
        rans.read_table(table, 0, 1)


def test_costs_are_logarithms():
    """A whole-number cost is within a thousandth of a bit of the real one."""
    for frequency in (1, 2, 3, 100, 1000, 4095):
        counts = np.zeros(256, np.int64)
        counts[7] = 1
        frequencies = np.zeros(256, np.int64)
        frequencies[7] = frequency

        assert abs(rans.cost(counts, frequencies) / 65536 - 12 + math.log2(frequency)) < 1e-3


def test_a_lonely_symbol_leaves_room_for_its_neighbour():
    """A table never gives everything to one symbol, not even to the last one."""
    counts = np.zeros(256, np.int64)
    counts[3] = 10
    frequencies = rans.normalize(counts, 2)

    assert (frequencies[3], frequencies[0]) == (4095, 1)
    assert (rans.read_table(rans.write_table(frequencies, 2), 0, 2)[0] == frequencies).all()


def coded(symbols):
    table = rans.normalize(np.bincount(symbols, minlength=256), 8)
    return table, rans.encode(symbols, [table], np.zeros(symbols.size, np.uint8))


@pytest.mark.parametrize("count", [100, 100_000])
def test_a_stream_takes_what_entropy_asks_for(count):
    """Symbols take at most 1 % more, but for the states of the lanes."""
    symbols = np.random.default_rng(0).geometric(0.4, count).astype(np.uint8)
    share = np.bincount(symbols) / count
    entropy = -(share[share > 0] * np.log2(share[share > 0])).sum() * count / 8
    table, data = coded(symbols)

    assert len(data) < 1.01 * entropy + 4 * rans.lanes_of(count) + 2
    assert (rans.decode(data, count, [table], np.zeros(count, np.uint8)) == symbols).all()


def test_each_symbol_may_have_its_table():
    """Two tables, one for each half of the symbols, are both used."""
    symbols = np.repeat(np.arange(4, dtype=np.uint8), 500)
    which = (symbols > 1).astype(np.uint8)
    halves = [symbols[which == each] for each in (0, 1)]
    tables = [rans.normalize(np.bincount(half, minlength=256), 8) for half in halves]
    data = rans.encode(symbols, tables, which)

    assert len(data) < symbols.size / 8 + 32
    assert (rans.decode(data, symbols.size, tables, which) == symbols).all()


def test_damage_is_found():
    """Other states, other words, fewer or more of them: nothing is decoded silently."""
    symbols = np.random.default_rng(0).integers(0, 3, 1000).astype(np.uint8)
    table, data = coded(symbols)
    broken = [bytearray(data) for _ in data]
    for at, each in enumerate(broken):
        each[at] ^= 1
    for each in (*broken, data[:-2], data + b"\0\0", data[:-1], data[:10]):
        with pytest.raises(ValueError, match=r"\w"):
            rans.decode(bytes(each), symbols.size, [table], np.zeros(symbols.size, np.uint8))
