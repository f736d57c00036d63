"""The storage index: how each tensor and blob is stored, and where (repository.md §5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from modelhub.dtypes import size_bytes
from modelhub.errors import NotFoundError
from modelhub.pas import format as pack_format
from modelhub.pas.choice import choose, tile
from modelhub.pas.encodings import ENCODINGS
from modelhub.pas.footer import BlobMember, CopyEntry, PackFooter, SegmentMember, TensorEntry
from modelhub.pas.pack import Location
from modelhub.values import BlobId, FileId, PackId, Statistics, TensorId, TensorInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSegment:
    """One level of `groups` consecutive groups, the first of which is `group`."""

    level: int
    group: int
    groups: int
    location: Location

    @property
    def cost(self) -> int:
        """Stored bytes."""
        return self.location.size

    @property
    def order(self) -> tuple[str | int, ...]:
        """Decides between segments that hold the same groups."""
        return self.groups, self.location.checksum, self.location.pack, self.location.offset


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTensor:
    """A tensor and the one copy of it that is read.

    Attributes:
        info: what it is.
        statistics: its numbers, or None where the dtype has no order.
        encoding: name of the encoding; `block` for a small tensor.
        base: the tensor that it is a delta against, or None.
        copy: tells apart copies of one encoding and base.
        levels: how many levels a group has; 0 in a block, as are the next two.
        groups: how many groups the tensor has.
        group_size: elements of a group.
        segments: where its levels lie; none in a block.
        block: the blob that holds a small tensor, and the offset in its raw bytes.
    """

    info: TensorInfo
    statistics: Statistics | None
    encoding: str
    base: TensorId | None
    copy: int = 0
    levels: int
    groups: int
    group_size: int
    segments: tuple[StoredSegment, ...]
    block: tuple[BlobId, int] | None

    @property
    def cost(self) -> int:
        """Stored bytes; those of a tensor in a block count as they are."""
        if self.block is not None:
            return size_bytes(self.info.dtype, self.info.shape)
        return sum(each.location.size for each in self.segments)

    @property
    def order(self) -> tuple[str | int, ...]:
        """Decides between copies of one depth and cost."""
        rest = self.block or (self.group_size, self.levels)
        return self.encoding, self.base or "", self.copy, *rest


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBlob:
    """A blob and where its frame lies; `base` is its dictionary, `file` what a recipe makes."""

    id: BlobId
    role: str
    raw_size: int
    base: BlobId | None
    location: Location
    file: FileId | None = None

    @property
    def cost(self) -> int:
        """Stored bytes."""
        return self.location.size

    @property
    def order(self) -> tuple[str | int, ...]:
        """Decides between places of one depth and cost."""
        return self.base or "", self.location.pack, self.location.offset


class StorageIndex(Protocol):
    """What a reader and a writer ask; threads may ask together."""

    def find_tensor(self, id: TensorId) -> StoredTensor | None:  # noqa: A002 - it is one
        """How a tensor is stored, or None if it is not."""
        ...

    def find_blob(self, id: BlobId) -> StoredBlob | None:  # noqa: A002 - it is one
        """Where a blob lies, or None if it is not stored."""
        ...

    def blob_depth(self, id: BlobId) -> int:  # noqa: A002 - it is one
        """How many bases must be read before this blob; 0 if it needs none or is unknown."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _CopyKey:
    """What identifies a copy over all packs; two that differ in their cut are two copies."""

    tensor: TensorId
    encoding: str
    base: TensorId | None
    copy: int
    levels: int
    group_size: int


class MemoryIndex:
    """An index made from footers alone.

    Args:
        outside: an index whose blobs may be bases of blobs in the registered packs.
    """

    def __init__(self, *, outside: StorageIndex | None = None) -> None:
        self._outside = outside
        self._entries: dict[TensorId, TensorEntry] = {}
        self._segments: dict[_CopyKey, set[StoredSegment]] = {}
        self._in_blocks: dict[TensorId, set[tuple[BlobId, int]]] = {}
        self._places: dict[BlobId, set[StoredBlob]] = {}
        self._blobs: dict[BlobId, tuple[int, StoredBlob]] | None = None
        self._tensors: dict[TensorId, tuple[int, StoredTensor]] | None = None

    def register(self, pack: PackId, footer: PackFooter) -> None:
        """Take notice of what a pack holds; the order of calls does not matter."""
        self._blobs = self._tensors = None
        for entry in footer.tensors:
            self._entries[entry.info.id] = _preferred(entry, self._entries.get(entry.info.id))
        keys = [_key(copy, footer) for copy in footer.copies]
        for key in keys:
            self._segments.setdefault(key, set())
        for member in footer.members:
            if isinstance(member, SegmentMember):
                self._segments[keys[member.copy]].add(_stored_segment(pack, member))
            else:
                self._add_blob(pack, member, footer)

    def find_tensor(self, id: TensorId) -> StoredTensor | None:  # noqa: A002 - it is one
        """How a tensor is stored, or None if it is not."""
        found = self._chosen_tensors().get(id)
        return found[1] if found else None

    def find_blob(self, id: BlobId) -> StoredBlob | None:  # noqa: A002 - it is one
        """Where a blob lies, or None if it is not stored."""
        found = self._chosen_blobs().get(id)
        return found[1] if found else None

    def blob_depth(self, id: BlobId) -> int:  # noqa: A002 - it is one
        """How many bases must be read before this blob; 0 if it needs none or is unknown."""
        found = self._chosen_blobs().get(id)
        return found[0] if found else 0

    def tensors(self) -> Iterator[StoredTensor]:
        """All tensors that can be read, each after its base."""
        return (stored for _, stored in self._chosen_tensors().values())

    def blobs(self) -> Iterator[StoredBlob]:
        """All blobs that can be read, each after its base."""
        return (stored for _, stored in self._chosen_blobs().values())

    def copies(self) -> Iterator[StoredTensor]:
        """Every complete copy of every tensor, those in blocks left out."""
        return self._complete_copies()

    def lost(self) -> tuple[set[TensorId], set[BlobId]]:
        """Tensors and blobs of which something is there, but not enough to read them."""
        tensors = self._entries.keys() - self._chosen_tensors().keys()
        return tensors, self._places.keys() - self._chosen_blobs().keys()

    def _add_blob(self, pack: PackId, member: BlobMember, footer: PackFooter) -> None:
        stored = StoredBlob(
            id=member.id,
            role=member.role,
            raw_size=member.raw_size,
            base=member.base,
            file=member.file,
            location=_location(pack, member),
        )
        self._places.setdefault(member.id, set()).add(stored)
        for tensor, offset in member.tensors:
            id_ = footer.tensors[tensor].info.id
            self._in_blocks.setdefault(id_, set()).add((member.id, offset))

    def _chosen_blobs(self) -> dict[BlobId, tuple[int, StoredBlob]]:
        if self._blobs is None:
            places = {id_: sorted(found, key=_blob_order) for id_, found in self._places.items()}
            self._blobs = choose(places, outside=self._depth_outside)
        return self._blobs

    def _depth_outside(self, base: str) -> int | None:
        if self._outside is None or self._outside.find_blob(BlobId(base)) is None:
            return None
        return self._outside.blob_depth(BlobId(base))

    def _chosen_tensors(self) -> dict[TensorId, tuple[int, StoredTensor]]:
        if self._tensors is None:
            ways: dict[TensorId, list[StoredTensor]] = {}
            for stored in chain(self._complete_copies(), self._block_copies()):
                ways.setdefault(stored.info.id, []).append(stored)
            self._tensors = choose(ways, outside=self._tensor_outside)
        return self._tensors

    def _tensor_outside(self, base: str) -> int | None:
        # Depths of tensors are not recorded: one that is outside needs nothing from in here.
        is_there = self._outside is not None and self._outside.find_tensor(TensorId(base))
        return 0 if is_there else None

    def _complete_copies(self) -> Iterator[StoredTensor]:
        for key, found in self._segments.items():
            entry = self._entries[key.tensor]
            stored = _complete(key, entry, found) if _is_readable(key, entry) else None
            if stored is not None:
                yield stored

    def _block_copies(self) -> Iterator[StoredTensor]:
        blobs = self._chosen_blobs()
        for id_, places in self._in_blocks.items():
            for place in places:
                if place[0] in blobs:
                    yield _in_block(self._entries[id_], place)


def _blob_order(stored: StoredBlob) -> tuple[str | int, ...]:
    return stored.order


def _preferred(entry: TensorEntry, known: TensorEntry | None) -> TensorEntry:
    """Footers agree about a tensor unless one was forged; then the choice must not vary."""
    return entry if known is None else min(entry, known, key=repr)


def _key(copy: CopyEntry, footer: PackFooter) -> _CopyKey:
    return _CopyKey(
        tensor=footer.tensors[copy.tensor].info.id,
        encoding=copy.encoding,
        base=copy.base,
        copy=copy.copy,
        levels=copy.levels,
        group_size=copy.group_size,
    )


def _location(pack: PackId, member: SegmentMember | BlobMember) -> Location:
    return Location(pack=pack, offset=member.offset, size=member.size, checksum=member.checksum)


def _stored_segment(pack: PackId, member: SegmentMember) -> StoredSegment:
    return StoredSegment(
        level=member.level,
        group=member.group,
        groups=member.groups,
        location=_location(pack, member),
    )


def _is_readable(key: _CopyKey, entry: TensorEntry) -> bool:
    """Whether this version knows the encoding, and agrees about its levels."""
    try:
        encoding = ENCODINGS.get(key.encoding)
    except NotFoundError:
        return False
    return len(encoding.levels(entry.info.dtype)) == key.levels


def _complete(key: _CopyKey, entry: TensorEntry, found: set[StoredSegment]) -> StoredTensor | None:
    groups = -(-element_count(entry.info) // key.group_size)
    levels: list[list[StoredSegment]] = [[] for _ in range(key.levels)]
    for segment in found:
        levels[segment.level].append(segment)
    tiles = [tile(level, groups) for level in levels]
    if any(each is None for each in tiles):
        return None
    return StoredTensor(
        info=entry.info,
        statistics=entry.statistics,
        encoding=key.encoding,
        base=key.base,
        copy=key.copy,
        levels=key.levels,
        groups=groups,
        group_size=key.group_size,
        segments=tuple(chain.from_iterable(each for each in tiles if each)),
        block=None,
    )


def element_count(info: TensorInfo) -> int:
    """Elements of a tensor, taken flat; bytes of an opaque one."""
    return size_bytes(info.dtype, info.shape) // size_bytes(info.dtype, ())


def _in_block(entry: TensorEntry, place: tuple[BlobId, int]) -> StoredTensor:
    return StoredTensor(
        info=entry.info,
        statistics=entry.statistics,
        encoding=pack_format.BLOCK,
        base=None,
        levels=0,
        groups=0,
        group_size=0,
        segments=(),
        block=place,
    )
