"""Memory is given out again, and never while somebody has it."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from modelhub.pas.memory import ReusedMemory


def address(memory: memoryview) -> int:
    return np.frombuffer(memory, np.uint8).ctypes.data


def test_what_was_dropped_is_given_out_again() -> None:
    """If as many bytes are asked for."""
    memory = ReusedMemory(4)
    first = memory.take(100)
    place = address(first)
    assert address(memory.take(101)) != place
    del first
    assert address(memory.take(100)) == place


def test_a_slice_keeps_all_of_it() -> None:
    """Whoever holds a part, or an array over it, keeps the bytes from changing."""
    memory = ReusedMemory(4)
    part = memory.take(100)[10:20]
    array = np.frombuffer(memory.take(100), np.uint8)[::3]
    places = {address(memory.take(100)) for _ in range(3)}
    assert len(places) == 1
    assert address(part) - 10 not in places
    assert array.ctypes.data not in places


def test_only_some_are_kept() -> None:
    """What is given out beyond that number is the caller's alone."""
    memory = ReusedMemory(2)
    held = [memory.take(10) for _ in range(5)]
    assert len({address(each) for each in held}) == 5
    assert len(memory._arrays) == 2


def test_threads_never_have_the_same() -> None:
    """Each finds its own number in what it holds, however the others hurry."""
    memory = ReusedMemory(8)

    def work(number: int) -> bool:
        held: deque[tuple[memoryview, int]] = deque(maxlen=3)
        for turn in range(300):
            taken = memory.take(64)
            mark = (number * 31 + turn) % 256
            taken[:] = bytes([mark]) * 64
            held.append((taken, mark))
            if any(bytes(each) != bytes([m]) * 64 for each, m in held):
                return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(8)))
