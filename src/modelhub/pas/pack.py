"""Packs as objects: their layout, how they are opened, and how they are checked (pack.md §1)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from modelhub.durable import Buffer
from modelhub.errors import IntegrityError
from modelhub.pas import checksum
from modelhub.pas import format as pack_format
from modelhub.pas.footer import PackFooter
from modelhub.pas.footer_parser import parse_footer
from modelhub.pas.store import PackSource
from modelhub.values import PackId

_CHUNK = 4 * pack_format.MIB
_HEAD = len(pack_format.HEAD_MAGIC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where stored bytes lie: `size` bytes at `offset` of a pack, and their XXH3-64."""

    pack: PackId
    offset: int
    size: int
    checksum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPack:
    """A pack that is durable; `size` is in bytes."""

    id: PackId
    size: int
    footer: PackFooter


def pack_parts(members: Sequence[Buffer], footer: PackFooter) -> list[Buffer]:
    """The bytes of a pack, in pieces; `footer` says where in it each member lies."""
    frame = footer.to_bytes()
    tail = pack_format.TAIL.pack(len(frame), checksum.number(frame), pack_format.TAIL_MAGIC)
    return [pack_format.HEAD_MAGIC, *members, frame, tail]


def read_footer(store: PackSource, pack: PackId) -> PackFooter:
    """What lies in a pack.

    Raises:
        NotFoundError: there is no such pack.
        IntegrityError: it is no pack, or its footer is damaged.
        NewerFormatError: it is of a later format.

    Cost:
        three reads, of which the footer is the largest.
    """
    size = store.size(pack)
    least = _HEAD + pack_format.TAIL.size
    if not least <= size <= pack_format.MAX_PACK:
        raise IntegrityError(f"pack {pack} has {size} bytes, which no pack has; run dlv fsck")
    tail = store.read(pack, size - pack_format.TAIL.size, pack_format.TAIL.size)
    length, expected, magic = pack_format.TAIL.unpack(tail)
    head = store.read(pack, 0, _HEAD)
    if magic != pack_format.TAIL_MAGIC or head != pack_format.HEAD_MAGIC or length > size - least:
        raise IntegrityError(f"object {pack} is no pack or is cut off; run dlv fsck")
    end = size - pack_format.TAIL.size - length
    frame = store.read(pack, end, length)
    if checksum.number(frame) != expected:
        raise IntegrityError(f"pack {pack}: the footer is damaged; run dlv fsck")
    return parse_footer(frame, pack=pack, end=end)


def check_pack(store: PackSource, pack: PackId) -> None:
    """Compare the SHA-256 of a pack's bytes with its name.

    Raises:
        NotFoundError: there is no such pack.
        IntegrityError: it is damaged.

    Cost:
        reads the pack once, 4 MiB at a time.
    """
    size = store.size(pack)
    found = hashlib.sha256()
    for offset in range(0, size, _CHUNK):
        found.update(store.read(pack, offset, min(_CHUNK, size - offset)))
    if found.hexdigest() != pack:
        raise IntegrityError(f"pack {pack} is damaged: its bytes make another name; run dlv fsck")
