"""Tensors and blobs of one archive into another, as they are stored (docs/spec/sync.md §4, §6)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from modelhub.errors import IntegrityError
from modelhub.pas import checksum
from modelhub.pas import format as pack_format
from modelhub.pas.chain import chain_of
from modelhub.pas.footer import BlobMember, CopyEntry, SegmentMember, TensorEntry
from modelhub.pas.index import StorageIndex, StoredBlob, StoredTensor
from modelhub.pas.limits import LIMITS, Limits
from modelhub.pas.pack import Location, WrittenPack
from modelhub.pas.packing import Pending, PendingBlob, PendingSegment, batches, write_pack
from modelhub.pas.store import PackSink, PackSource
from modelhub.values import BlobId, TensorId


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A member whose bytes are read when its new pack is written.

    Attributes:
        store: where it lies.
        location: where in it.
        pending: what it is, without its bytes.
    """

    store: PackSource
    location: Location
    pending: Pending


def write_members(
    target: PackSink, members: Iterable[Unread], *, limits: Limits = LIMITS
) -> Iterator[WrittenPack]:
    """Put members, byte for byte, into new packs; the same members make the same packs.

    Raises:
        NotFoundError: a pack is missing.
        IntegrityError: a member is damaged.

    Cost:
        reads each member once; one pack is in memory.
    """
    unread = {each.pending: each for each in members}
    for batch in batches(unread, limit=limits.pack):
        yield write_pack(target, [_read(unread[pending]) for pending in batch])


def _read(unread: Unread) -> Pending:
    place = unread.location
    data = unread.store.read(place.pack, place.offset, place.size)
    if checksum.checksum(data) != place.checksum:
        raise IntegrityError(
            f"a member at offset {place.offset} of pack {place.pack} is damaged; run dlv fsck"
        )
    return replace(unread.pending, parts=(data,))


def tensor_members(store: PackSource, stored: StoredTensor) -> Iterator[Unread]:
    """The segments of a tensor that is not in a block."""
    entry = CopyEntry(
        tensor=0,
        copy=stored.copy,
        encoding=stored.encoding,
        base=stored.base,
        levels=stored.levels,
        groups=stored.groups,
        group_size=stored.group_size,
    )
    for each in stored.segments:
        member = SegmentMember(
            copy=0,
            level=each.level,
            group=each.group,
            groups=each.groups,
            offset=0,
            size=each.location.size,
            checksum=each.location.checksum,
        )
        tensor = TensorEntry(info=stored.info, statistics=stored.statistics)
        pending = PendingSegment(tensor=tensor, entry=entry, member=member, parts=())
        yield Unread(store=store, location=each.location, pending=pending)


def blob_member(store: PackSource, stored: StoredBlob) -> Unread:
    """The frame of a blob that is no block."""
    member = BlobMember(
        id=stored.id,
        role=stored.role,
        raw_size=stored.raw_size,
        base=stored.base,
        offset=0,
        size=stored.location.size,
        checksum=stored.location.checksum,
        file=stored.file,
    )
    pending = PendingBlob(member=member, parts=())
    return Unread(store=store, location=stored.location, pending=pending)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What an archive lacks of what is wanted, and how each of it can come there.

    Attributes:
        tensors: to be copied as they are stored; a base stands before what needs it.
        blobs: likewise.
        tensors_anew: to be decoded, and encoded whole.
        blobs_anew: likewise.
    """

    tensors: Sequence[StoredTensor] = field(default_factory=list)
    blobs: Sequence[StoredBlob] = field(default_factory=list)
    tensors_anew: Sequence[TensorId] = field(default_factory=list)
    blobs_anew: Sequence[BlobId] = field(default_factory=list)


def plan_transfer(
    source: StorageIndex,
    target: StorageIndex,
    tensors: Sequence[TensorId],
    blobs: Sequence[BlobId],
    *,
    limits: Limits = LIMITS,
) -> Transfer:
    """Decide how tensors and blobs get from one archive into another.

    What is stored against a base is copied if the target has that base, or gets it, and the two
    fit (pack.md §7). Everything else that has a base, and every small tensor, is encoded anew.

    Args:
        source: what has all of them.
        target: what lacks some.
        tensors: which are wanted; bases first.
        blobs: which are wanted; bases first.
        limits: of the writer that encodes anew.

    Raises:
        IntegrityError: the source lacks one of them.
    """
    copied: list[StoredTensor] = []
    anew: list[TensorId] = []
    fits = _Fit(target, group_size=limits.group)
    for id_ in dict.fromkeys(tensors):
        if target.find_tensor(id_) is not None:
            continue
        stored = source.find_tensor(id_)
        if stored is None:
            raise IntegrityError(f"tensor {id_} is missing; run dlv fsck where it comes from")
        if stored.block is None and fits.takes(stored):
            copied.append(stored)
        else:
            anew.append(id_)
    copied_blobs, blobs_anew = _plan_blobs(source, target, dict.fromkeys(blobs))
    return Transfer(tensors=copied, tensors_anew=anew, blobs=copied_blobs, blobs_anew=blobs_anew)


class _Fit:
    """Which copies can be read in the target, as tensors come there one after another."""

    def __init__(self, target: StorageIndex, *, group_size: int) -> None:
        self._target = target
        self._group_size = group_size
        self._coming: dict[TensorId, tuple[int, int]] = {}  # depth and group size

    def takes(self, stored: StoredTensor) -> bool:
        """Whether the tensor can be copied; from now on it is in the target in either case."""
        base = None if stored.base is None else self._of(stored.base)
        depth = 0 if base is None else base[0] + 1
        is_taken = stored.base is None or (
            base is not None and base[1] == stored.group_size and depth <= pack_format.MAX_DEPTH
        )
        self._coming[stored.info.id] = (
            (depth, stored.group_size) if is_taken else (0, self._group_size)
        )
        return is_taken

    def _of(self, id_: TensorId) -> tuple[int, int] | None:
        if id_ in self._coming:
            return self._coming[id_]
        found = self._target.find_tensor(id_)
        if found is None or found.block is not None:
            return None
        return len(chain_of(self._target, found)) - 1, found.group_size


def _plan_blobs(
    source: StorageIndex, target: StorageIndex, wanted: Iterable[BlobId]
) -> tuple[list[StoredBlob], list[BlobId]]:
    depths: dict[BlobId, int] = {}
    copied: list[StoredBlob] = []
    anew: list[BlobId] = []
    for id_ in wanted:
        if target.find_blob(id_) is not None:
            continue
        stored = source.find_blob(id_)
        if stored is None:
            raise IntegrityError(f"blob {id_} is missing; run dlv fsck where it comes from")
        depth = _depth(stored, target, depths.get)
        depths[id_] = depth or 0
        if depth is None:
            anew.append(id_)
        else:
            copied.append(stored)
    return copied, anew


def _depth(
    stored: StoredBlob, target: StorageIndex, coming: Callable[[BlobId], int | None]
) -> int | None:
    """How many bases a blob will need in the target; None if it cannot be read there."""
    if stored.base is None:
        return 0
    below = coming(stored.base)
    if below is None:
        if target.find_blob(stored.base) is None:
            return None
        below = target.blob_depth(stored.base)
    return below + 1 if below < pack_format.MAX_DEPTH else None
