"""Work is done ahead, on threads, and its results are handed out in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from typing import TypeAlias

Piece: TypeAlias = memoryview | Callable[[], memoryview]
"""Bytes, or what makes them."""


def in_order(pool: Executor, pieces: Iterable[Piece], *, ahead: int) -> Iterator[memoryview]:
    """The bytes of some pieces, in their order, while up to `ahead` of the next ones are made.

    However it ends, none is being made any more when it has ended.
    """
    waiting: deque[Future[memoryview]] = deque()
    try:
        for piece in pieces:
            waiting.append(pool.submit(piece) if callable(piece) else _done(piece))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
        wait(waiting)


def _done(piece: memoryview) -> Future[memoryview]:
    future: Future[memoryview] = Future()
    future.set_result(piece)
    return future
