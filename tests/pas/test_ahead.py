"""Tests of `modelhub.pas.ahead`."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event, Lock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelhub.pas.ahead import in_order


@given(st.lists(st.tuples(st.binary(max_size=3), st.booleans())), st.integers(0, 5))
@settings(max_examples=50, deadline=None)
def test_results_keep_the_order(pieces, ahead):
    """Bytes, and bytes that a thread makes, come in the order in which they were given."""
    given_ones = [partial(memoryview, raw) if made else memoryview(raw) for raw, made in pieces]
    with ThreadPoolExecutor(3) as pool:
        found = [bytes(piece) for piece in in_order(pool, given_ones, ahead=ahead)]

    assert found == [raw for raw, _ in pieces]


def test_only_a_few_are_made_ahead():
    """Who takes one piece has at most `ahead` more of them made."""
    asked = []

    def pieces():
        for number in range(100):
            asked.append(number)
            yield partial(memoryview, b"x")

    with ThreadPoolExecutor(2) as pool:
        made = in_order(pool, pieces(), ahead=3)
        next(made)
        made.close()

    assert asked == [0, 1, 2, 3]


def test_an_error_comes_in_its_turn():
    """What was made before an error is given out first."""

    def fail():
        raise ValueError("third")

    pieces = [memoryview(b"1"), partial(memoryview, b"2"), fail, memoryview(b"4")]
    with ThreadPoolExecutor(2) as pool:
        made = in_order(pool, pieces, ahead=4)

        assert [bytes(next(made)), bytes(next(made))] == [b"1", b"2"]
        with pytest.raises(ValueError, match="third"):
            next(made)


def test_nothing_is_made_when_it_has_ended():
    """An error, or a caller who stops, waits for threads that still write to memory."""
    started, running, lock = Event(), set(), Lock()

    def slow(number):
        with lock:
            running.add(number)
        started.set()
        Event().wait(0.05)
        with lock:
            running.discard(number)
        return memoryview(b"")

    with ThreadPoolExecutor(2) as pool:
        made = in_order(pool, [memoryview(b"1"), *(partial(slow, n) for n in range(4))], ahead=3)
        next(made)
        started.wait(5)
        made.close()

        assert not running
