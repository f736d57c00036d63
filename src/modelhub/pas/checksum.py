"""XXH3-64 of stored bytes."""

from collections.abc import Iterable

import xxhash

from modelhub.durable import Buffer


def checksum(*parts: Buffer) -> str:
    """16 hex digits over the concatenation of some buffers."""
    return digest(parts).hexdigest()


def digest(parts: Iterable[Buffer]) -> "xxhash.xxh3_64":
    """A digest that has seen some buffers."""
    found = xxhash.xxh3_64()
    for part in parts:
        found.update(part)
    return found


def number(data: Buffer) -> int:
    """The checksum as an unsigned integer."""
    return xxhash.xxh3_64_intdigest(data)
