"""Members that wait to be written, and how they are put together as packs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from modelhub.durable import Buffer
from modelhub.pas import format as pack_format
from modelhub.pas.footer import BlobMember, CopyEntry, PackFooter, SegmentMember, TensorEntry
from modelhub.pas.pack import WrittenPack, pack_parts
from modelhub.pas.store import PackSink
from modelhub.values import TensorId

_ENTRY = 640  # bytes, more than a member, a copy or a tensor with its statistics takes in a footer
_EXTENT = 20  # bytes, more than one extent takes
_PLACE = 32  # bytes, more than one place in a block takes
_BASE_COST = len(pack_format.HEAD_MAGIC) + pack_format.TAIL.size + _ENTRY


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingSegment:
    """A segment, what it is a segment of, and its bytes.

    The numbers of `entry` and `member` that are indexes or offsets are not yet true.
    """

    tensor: TensorEntry
    entry: CopyEntry
    member: SegmentMember
    parts: Sequence[Buffer]


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingBlob:
    """A blob and its bytes; of a block also its tensors, each with its offset in the raw bytes."""

    member: BlobMember
    parts: Sequence[Buffer]
    tensors: tuple[tuple[TensorEntry, int], ...] = ()


Pending = PendingSegment | PendingBlob


def cost(pending: Pending) -> int:
    """An upper bound of the bytes that it adds to a pack, and to a decoded footer."""
    if isinstance(pending, PendingSegment):
        return pending.member.size + 2 * _ENTRY + _tensor_cost(pending.tensor)
    tensors = sum(_PLACE + _tensor_cost(entry) for entry, _ in pending.tensors)
    return pending.member.size + _ENTRY + tensors


def _tensor_cost(entry: TensorEntry) -> int:
    return _ENTRY + len(entry.info.dtype) + _EXTENT * len(entry.info.shape)


def level_order(pending: Pending) -> int:
    """Segments by level, then blobs; a stable sort keeps the order of tensors and groups."""
    if isinstance(pending, PendingSegment):
        return pending.member.level
    return pack_format.MAX_LEVELS


def batches(members: Iterable[Pending], *, limit: int) -> Iterator[list[Pending]]:
    """Cut members into packs of at most `limit` bytes and of about equal size."""
    ordered = sorted(members, key=level_order)
    room = limit - _BASE_COST
    total = sum(map(cost, ordered))
    target = total / max(1, -(-total // room))
    batch: list[Pending] = []
    size = 0
    for member in ordered:
        if batch and (size >= target or size + cost(member) > room):
            yield batch
            batch, size = [], 0
        batch.append(member)
        size += cost(member)
    if batch:
        yield batch


def write_pack(store: PackSink, members: Sequence[Pending]) -> WrittenPack:
    """Put members, in this order, into one pack and store it."""
    footer = _footer(members)
    parts = pack_parts([part for member in members for part in member.parts], footer)
    return WrittenPack(id=store.put(parts), size=sum(map(len, parts)), footer=footer)


def _footer(members: Sequence[Pending]) -> PackFooter:
    builder = _FooterBuilder()
    for member in members:
        builder.add(member)
    return PackFooter(
        tensors=tuple(builder.tensors),
        copies=tuple(builder.copies),
        members=tuple(builder.members),
    )


class _FooterBuilder:
    """A footer that grows by one member after the other."""

    def __init__(self) -> None:
        self.tensors: list[TensorEntry] = []
        self.copies: list[CopyEntry] = []
        self.members: list[SegmentMember | BlobMember] = []
        self._tensor_indexes: dict[TensorId, int] = {}
        self._copy_indexes: dict[CopyEntry, int] = {}
        self._offset = len(pack_format.HEAD_MAGIC)

    def add(self, pending: Pending) -> None:
        if isinstance(pending, PendingSegment):
            copy = self._copy(replace(pending.entry, tensor=self._tensor(pending.tensor)))
            self.members.append(replace(pending.member, copy=copy, offset=self._offset))
        else:
            tensors = tuple((self._tensor(entry), offset) for entry, offset in pending.tensors)
            self.members.append(replace(pending.member, tensors=tensors, offset=self._offset))
        self._offset += pending.member.size

    def _tensor(self, entry: TensorEntry) -> int:
        index = self._tensor_indexes.setdefault(entry.info.id, len(self.tensors))
        if index == len(self.tensors):
            self.tensors.append(entry)
        return index

    def _copy(self, entry: CopyEntry) -> int:
        index = self._copy_indexes.setdefault(entry, len(self.copies))
        if index == len(self.copies):
            self.copies.append(entry)
        return index
