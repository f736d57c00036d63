"""A file as read-only bytes that are fetched where they are touched.

It is not mapped into memory: a process dies of SIGBUS when it touches a page of a file that
another one has cut off meanwhile.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeAlias, overload

from modelhub.errors import DamagedFileError, StorageError

WINDOW = 1 << 16  # bytes that are read at once, and held


class Mapped:
    """The bytes of an open file: indexed, sliced and searched like `bytes`, never written.

    Cost: one window in memory; a read of the file for each window that is touched anew, and for
    each slice that is longer than one.

    Raises:
        DamagedFileError: by any use, if the file has been cut off since it was opened.
        StorageError: by any use, if the system cannot read it.
    """

    __slots__ = ("_begin", "_descriptor", "_path", "_size", "_window")

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._descriptor = file.fileno()
        self._size = os.fstat(self._descriptor).st_size
        self._begin, self._window = 0, b""

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, place: int) -> int: ...

    @overload
    def __getitem__(self, place: slice) -> bytes: ...

    def __getitem__(self, place: int | slice) -> int | bytes:
        if isinstance(place, slice):
            begin, end = place.start, place.stop
            if place.step is None and begin is not None and end is not None and begin >= 0:
                at, stop = begin - self._begin, end - self._begin
                if 0 <= at <= stop <= len(self._window):
                    return self._window[at:stop]  # nearly always
            return self._between(*place.indices(self._size))
        at = place - self._begin
        if not 0 <= at < len(self._window):
            self._move(range(self._size)[place])
            at = place % self._size - self._begin
        return self._window[at]

    def find(self, byte: bytes, begin: int, end: int) -> int:
        """Where one byte stands first between two offsets; -1 if it does not."""
        end = min(end, self._size)
        while begin < end:
            if not self._begin <= begin < self._begin + len(self._window):
                self._move(begin)
            found = self._window.find(byte, begin - self._begin, end - self._begin)
            if found >= 0:
                return self._begin + found
            begin = self._begin + len(self._window)
        return -1

    def _between(self, begin: int, end: int, step: int) -> bytes:
        at, stop = begin - self._begin, end - self._begin
        if not 0 <= at <= stop <= len(self._window):
            if end - begin > WINDOW:
                return self._read(begin, end - begin)[::step]
            if begin >= end:
                return b""
            self._move(begin)
            at, stop = 0, end - begin
        return self._window[at:stop:step]

    def _move(self, begin: int) -> None:
        self._window = self._read(begin, min(WINDOW, self._size - begin))
        self._begin = begin

    def _read(self, begin: int, size: int) -> bytes:
        try:
            data = os.pread(self._descriptor, size, begin)
        except OSError as error:
            raise StorageError(f"cannot read {self._path}: {error.strerror}") from error
        if len(data) < size:
            raise DamagedFileError(
                f"{self._path} was cut off while it was read; wait until it is written, "
                "then try again"
            )
        return data


Buffer: TypeAlias = bytes | Mapped


@contextmanager
def mapped(path: Path) -> Iterator[Mapped]:
    """The bytes of a file.

    Raises:
        DamagedFileError: the file is empty.
    """
    with path.open("rb", buffering=0) as file:
        found = Mapped(path, file)
        if not len(found):
            raise DamagedFileError(f"{path} is empty; get it anew")
        yield found


def text(buffer: Buffer, begin: int, end: int, limit: int) -> str:
    """The first `limit` characters of UTF-8 between two offsets; what is invalid becomes U+FFFD."""
    return buffer[begin : min(end, begin + 4 * limit)].decode("utf-8", "replace")[:limit]
