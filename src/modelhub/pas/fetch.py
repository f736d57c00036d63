"""Stored bytes of groups, in few reads: heads of segments first, then ranges of chunks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from modelhub.errors import IntegrityError
from modelhub.pas import format as pack_format
from modelhub.pas.encodings import Chunk
from modelhub.pas.index import StoredSegment, StoredTensor
from modelhub.pas.segment import Entry, check_chunk, head_size, parse_head
from modelhub.pas.store import PackSource
from modelhub.values import PackId

_WINDOW = pack_format.MIB  # decoded bytes of the widest level that are fetched at once


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredGroup:
    """One group of a tensor as it is stored.

    Attributes:
        group: its number.
        chunks: one a level that was read, not yet checked.
        entries: what the heads of the segments say about the chunks.
        packs: where the chunks lie.
    """

    group: int
    chunks: tuple[Chunk, ...]
    entries: tuple[Entry, ...]
    packs: tuple[PackId, ...]

    def check(self) -> None:
        """Compare the stored bytes with their checksums.

        Raises:
            IntegrityError: they are damaged.
        """
        for chunk, entry, pack in zip(self.chunks, self.entries, self.packs, strict=True):
            check_chunk(chunk, entry, pack)


def fetch(
    store: PackSource,
    stored: StoredTensor,
    groups: range,
    *,
    width: int,
    levels: int | None = None,
) -> Iterator[StoredGroup]:
    """Some consecutive groups of a tensor, in order.

    Args:
        store: where packs are.
        stored: the tensor.
        groups: their numbers.
        width: decoded bytes an element of the widest level.
        levels: how many levels are read, from the first on; all if None.

    Raises:
        NotFoundError: a pack is missing.
        IntegrityError: stored bytes are damaged, or the index is.
    """
    wanted = range(stored.levels if levels is None else levels)
    columns_of = [_LevelFetch(store, stored, level) for level in wanted]
    window = max(1, _WINDOW // (stored.group_size * width))
    for begin in groups[::window]:
        end = min(groups.stop, begin + window)
        columns = [level.groups(begin, end) for level in columns_of]
        for number, row in enumerate(zip(*columns, strict=True), begin):
            chunks, entries, packs = zip(*row, strict=True)
            yield StoredGroup(group=number, chunks=chunks, entries=entries, packs=packs)


_Found: TypeAlias = tuple[Chunk, Entry, PackId]


class _LevelFetch:
    """The segments of one level, read from front to back."""

    def __init__(self, store: PackSource, stored: StoredTensor, level: int) -> None:
        mine = (each for each in stored.segments if each.level == level)
        self._store = store
        self._segments: Sequence[StoredSegment] = sorted(mine, key=lambda each: each.group)
        self._position = 0  # no segment before it will be needed again
        self._head: list[Entry] | None = None  # of the segment at the position

    def groups(self, first: int, last: int) -> list[_Found]:
        """Chunks of some groups, after those that were asked for before."""
        found: list[_Found] = []
        while first < last:
            segment = self._segment_with(first)
            begin, end = first - segment.group, min(last - segment.group, segment.groups)
            found += self._chunks(segment, begin, end)
            first = segment.group + end
        return found

    def _segment_with(self, group: int) -> StoredSegment:
        while self._position < len(self._segments):
            segment = self._segments[self._position]
            if segment.group <= group < segment.group + segment.groups:
                return segment
            self._position += 1
            self._head = None
        raise IntegrityError(f"the index has no place for group {group}")

    def _chunks(self, segment: StoredSegment, first: int, last: int) -> list[_Found]:
        whole = self._whole(segment) if last - first == segment.groups else None
        entries = self._entries(segment, whole)[first:last]
        start, stop = entries[0].offset, entries[-1].offset + entries[-1].size
        data = whole[start:stop] if whole else memoryview(self._read(segment, start, stop))
        pack = segment.location.pack
        return [
            (Chunk(each.mode, data[each.offset - start :][: each.size]), each, pack)
            for each in entries
        ]

    def _whole(self, segment: StoredSegment) -> memoryview:
        """A segment that is needed as a whole is read in one go."""
        return memoryview(self._read(segment, 0, segment.location.size))

    def _entries(self, segment: StoredSegment, whole: memoryview | None) -> list[Entry]:
        if self._head is None:
            place = segment.location
            length = head_size(segment.groups)
            if length > place.size:
                raise IntegrityError(f"a segment in pack {place.pack} is shorter than its head")
            head = self._read(segment, 0, length) if whole is None else bytes(whole[:length])
            self._head = parse_head(head, groups=segment.groups, size=place.size, pack=place.pack)
        return self._head

    def _read(self, segment: StoredSegment, start: int, stop: int) -> bytes:
        place = segment.location
        return self._store.read(place.pack, place.offset + start, stop - start)
