"""Blobs out and in: zstd frames, each perhaps against another blob (pack.md §3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from modelhub.errors import InputError, IntegrityError, NotFoundError
from modelhub.identity import blob_id
from modelhub.pas import checksum, frames
from modelhub.pas import format as pack_format
from modelhub.pas.footer import BlobMember
from modelhub.pas.index import StorageIndex, StoredBlob
from modelhub.pas.limits import Limits
from modelhub.pas.packing import PendingBlob
from modelhub.pas.store import PackSource
from modelhub.values import BlobId, FileId

_LEVEL = 3
_HELPS = 0.9  # a base that does not save a tenth is not worth being needed


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobSpan:
    """Bytes of a blob, [offset, offset + length)."""

    blob: BlobId
    offset: int
    length: int


def read_blob(store: PackSource, index: StorageIndex, wanted: BlobId) -> bytes:
    """The raw bytes of a blob.

    Raises:
        NotFoundError: the index does not have it.
        IntegrityError: it, or a blob that it needs, is damaged or missing.

    Cost:
        at most nine reads; at most two raw blobs in memory.
    """
    chain = _chain(index, wanted)
    try:
        return _read_chain(store, chain)
    except NotFoundError:
        fresh = _chain(index, wanted)  # packs may have been merged since it was looked up
    try:
        return _read_chain(store, fresh)
    except NotFoundError as error:
        raise IntegrityError(f"blob {wanted} is lost: {error}") from error


def _read_chain(store: PackSource, chain: Sequence[StoredBlob]) -> bytes:
    raw: bytes | None = None
    for stored in reversed(chain):
        raw = _decoded(store, stored, raw)
    assert raw is not None
    return raw


def _chain(index: StorageIndex, wanted: BlobId) -> list[StoredBlob]:
    """The blob, its base, the base of that, and so on."""
    found: list[StoredBlob] = []
    next_one: BlobId | None = wanted
    while next_one is not None:
        if len(found) > pack_format.MAX_DEPTH:
            raise IntegrityError(f"blob {wanted} needs too many others; run dlv fsck --rebuild")
        stored = index.find_blob(next_one)
        if stored is None and found:
            raise IntegrityError(f"blob {wanted} needs {next_one}, which is lost; run dlv fsck")
        if stored is None:
            raise NotFoundError(f"blob {wanted} is not stored here")
        found.append(stored)
        next_one = stored.base
    return found


def _decoded(store: PackSource, stored: StoredBlob, base: bytes | None) -> bytes:
    place = stored.location
    try:
        return _raw(stored, store.read(place.pack, place.offset, place.size), base)
    except IntegrityError as error:
        raise IntegrityError(
            f"blob {stored.id} in pack {place.pack} is damaged: {error}; run dlv fsck"
        ) from error


def _raw(stored: StoredBlob, frame: bytes, base: bytes | None) -> bytes:
    if checksum.checksum(frame) != stored.location.checksum:
        raise IntegrityError("stored bytes do not match their checksum")
    if not 0 <= stored.raw_size <= pack_format.MAX_BLOB_RAW:
        raise IntegrityError(f"no blob has {stored.raw_size} bytes")
    raw = frames.decompress(frame, stored.raw_size, base=base)
    if blob_id(raw) != stored.id:
        raise IntegrityError("decoded bytes do not make its id")
    return raw


class BlobWriter:
    """Compresses new blobs; used by one thread.

    Args:
        store: where bases are read.
        index: what is stored already.
        emit: takes the blobs.
        limits: sizes to keep to.
    """

    def __init__(
        self,
        store: PackSource,
        index: StorageIndex,
        *,
        emit: Callable[[PendingBlob], None],
        limits: Limits,
    ) -> None:
        self._store = store
        self._index = index
        self._emit = emit
        self._limits = limits
        self._depths: dict[BlobId, int] = {}
        self._recent: dict[BlobId, bytes] = {}  # in the order of their arrival

    def put(self, raw: bytes, *, role: str, base: BlobId | None, file: FileId | None) -> BlobId:
        """Add a blob, unless it is known."""
        id_ = blob_id(raw)
        if id_ in self._depths or self._index.find_blob(id_) is not None:
            return id_
        frame, used = self._compressed(raw, base)
        member = BlobMember(
            id=id_,
            role=role,
            raw_size=len(raw),
            base=used,
            offset=0,
            size=len(frame),
            checksum=checksum.checksum(frame),
            file=file,
        )
        self._depths[id_] = 0 if used is None else 1 + self._depth(used)
        self._remember(id_, raw)
        self._emit(PendingBlob(member=member, parts=(frame,)))
        return id_

    def _compressed(self, raw: bytes, base: BlobId | None) -> tuple[bytes, BlobId | None]:
        """The smaller frame, and the base that it needs."""
        plain = frames.compress(raw, level=_LEVEL)
        dictionary = None if base is None else self._dictionary(base)
        if dictionary:
            frame = frames.compress(raw, level=_LEVEL, base=dictionary)
            if len(frame) < _HELPS * len(plain):
                return frame, base
        return plain, None

    def _dictionary(self, base: BlobId) -> bytes | None:
        """Raw bytes of a base; a lost or damaged one is no reason not to store what is new."""
        if self._depth(base) >= pack_format.MAX_DEPTH:
            return None
        if base in self._recent:
            return self._recent[base]
        try:
            return read_blob(self._store, self._index, base)
        except (NotFoundError, IntegrityError):
            return None

    def _depth(self, known: BlobId) -> int:
        depth = self._depths.get(known)
        return self._index.blob_depth(known) if depth is None else depth

    def _remember(self, new: BlobId, raw: bytes) -> None:
        self._recent[new] = raw
        while sum(map(len, self._recent.values())) > self._limits.recent:
            del self._recent[next(iter(self._recent))]


def check_blob(raw: bytes, role: str) -> None:
    """Refuse what no blob can be.

    Raises:
        InputError: it is too long, or its role is `block`.
    """
    is_literal = role == pack_format.LITERAL
    most = pack_format.MAX_BLOB_RAW_WRITTEN if is_literal else pack_format.MAX_BLOB_RAW
    if len(raw) > most:
        raise InputError(f"a {role} blob has {len(raw)} bytes; at most {most} are stored as one")
    if role == pack_format.BLOCK:
        raise InputError("blocks are made by put_tensor; give the blob another role")
