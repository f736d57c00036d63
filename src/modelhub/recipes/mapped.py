"""A file as read-only bytes that are fetched where they are touched."""

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from modelhub.errors import DamagedFileError

Buffer: TypeAlias = bytes | mmap.mmap


@contextmanager
def mapped(path: Path) -> Iterator[mmap.mmap]:
    """The bytes of a file; only the pages that are touched take memory.

    Raises:
        DamagedFileError: the file is empty.
    """
    with path.open("rb") as file:
        try:
            found = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            raise DamagedFileError(f"{path} is empty; get it anew") from None
        with found:
            yield found


def text(buffer: Buffer, begin: int, end: int, limit: int) -> str:
    """The first `limit` characters of UTF-8 between two offsets; what is invalid becomes U+FFFD."""
    return buffer[begin : min(end, begin + 4 * limit)].decode("utf-8", "replace")[:limit]
