"""Files as they should not be: cut off, changed, or a pipe that nobody writes into."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

PATIENCE = 5.0  # seconds


def damaged(raw: bytes, random: Random) -> bytes:
    """Bytes of which a few places were cut out or written over."""
    data = bytearray(raw)
    for _ in range(random.choice((1, 1, 3))):
        place = random.randrange(len(data) + 1)
        size = random.choice((1, 1, 8))
        data[place : place + size] = random.choice((b"", random.randbytes(size), b"[{\"'(:0"))
    return bytes(data)


def copy_of(folder: Path, path: Path, raw: bytes) -> Path:
    """Other bytes under the same name, so that the name still says what they are."""
    place = folder / "damaged"
    place.mkdir(exist_ok=True)
    copy = place / path.name
    copy.write_bytes(raw)
    return copy


def soon(ask: Callable[[Path], object], pipe: Path) -> object:
    """What is answered about a pipe, without waiting for whoever may write into it.

    Raises:
        AssertionError: it is waited for.
    """
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(ask, pipe)
        try:
            return found.result(timeout=PATIENCE)
        except TimeoutError:
            os.close(os.open(pipe, os.O_RDWR))  # lets go who waits
            raise AssertionError(f"{pipe.name} is a pipe, and is waited for") from None
