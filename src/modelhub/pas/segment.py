"""Segments: the chunks of one level of some groups, behind a head that finds them (pack.md §5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from modelhub.durable import Buffer
from modelhub.errors import IntegrityError
from modelhub.pas import checksum
from modelhub.pas import format as pack_format
from modelhub.pas.encodings import Chunk
from modelhub.values import PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where one chunk lies in its segment.

    Attributes:
        mode: of the chunk.
        offset: from the beginning of the segment.
        size: stored bytes.
        checksum: XXH3-64 of them.
    """

    mode: int
    offset: int
    size: int
    checksum: int


def head_size(groups: int) -> int:
    """Bytes before the first chunk."""
    return pack_format.SEGMENT_HEAD.size + groups * pack_format.SEGMENT_ENTRY.size


def segment_parts(chunks: Sequence[Chunk]) -> list[Buffer]:
    """The bytes of a segment, in pieces."""
    entries = b"".join(
        pack_format.SEGMENT_ENTRY.pack(chunk.mode, len(chunk.data), checksum.number(chunk.data))
        for chunk in chunks
    )
    head = pack_format.SEGMENT_HEAD.pack(len(chunks), checksum.number(entries))
    return [head + entries, *(chunk.data for chunk in chunks)]


def parse_head(head: bytes, *, groups: int, size: int, pack: PackId) -> list[Entry]:
    """The chunks of a segment.

    Args:
        head: its first `head_size(groups)` bytes.
        groups: how many chunks the index says it has.
        size: its bytes.
        pack: named in errors.

    Raises:
        IntegrityError: the head is damaged, or speaks of other bytes than there are.
    """
    known, expected = pack_format.SEGMENT_HEAD.unpack_from(head)
    entries = memoryview(head)[pack_format.SEGMENT_HEAD.size :]
    if known != groups or checksum.number(entries) != expected:
        raise IntegrityError(f"the head of a segment in pack {pack} is damaged")
    found = []
    offset = len(head)
    for mode, length, number in pack_format.SEGMENT_ENTRY.iter_unpack(entries):
        found.append(Entry(mode=mode, offset=offset, size=length, checksum=number))
        offset += length
    if offset != size:
        raise IntegrityError(f"a segment in pack {pack} does not add up to its size")
    return found


def check_chunk(chunk: Chunk, entry: Entry, pack: PackId) -> None:
    """Compare stored bytes with their checksum.

    Raises:
        IntegrityError: they are damaged.
    """
    if checksum.number(chunk.data) != entry.checksum:
        raise IntegrityError(f"stored bytes in pack {pack} do not match their checksum")
