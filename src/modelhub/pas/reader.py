"""Tensors and blobs out: only the groups that are needed, every stored byte checked."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self, cast

from modelhub.dtypes import size_bytes
from modelhub.errors import InputError, IntegrityError, NotFoundError
from modelhub.identity import tensor_hasher
from modelhub.pas.ahead import Piece, in_order
from modelhub.pas.blobs import BlobSpan, read_blob
from modelhub.pas.chain import chain_of
from modelhub.pas.decoding import GroupDecoder, Span, element_width, fresh_memory, unreadable
from modelhub.pas.fetch import fetch
from modelhub.pas.index import StorageIndex, StoredTensor, element_count
from modelhub.pas.memory import ReusedMemory
from modelhub.pas.store import PackSource
from modelhub.values import BlobId, PackId, TensorId


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelsRead:
    """The first levels of a tensor.

    Attributes:
        data: its elements; bits of other levels are zero.
        known: a mask of the bits that were read.
        bytes_read: stored bytes that were read for it, those of bases included.
        bytes_stored: stored bytes that reading all levels would have taken.
    """

    data: memoryview
    known: int
    bytes_read: int
    bytes_stored: int


_HELD = 8  # groups that whoever asked for them has not done with, as a file that is written


class ArchiveReader:
    """Reads what an index knows; threads may use it together.

    It is a context manager, and `close` ends its threads. A pack that is gone was perhaps merged
    into another one since its place was looked up: the index is asked again before that is an
    error. No method but `join` ever returns bytes that are not the tensor's.

    Args:
        store: where packs are.
        index: where in them tensors and blobs lie.
        threads: how many threads decode.
    """

    def __init__(self, store: PackSource, index: StorageIndex, *, threads: int = 2) -> None:
        self._store = store
        self._index = index
        self._ahead = 2 * threads
        self._memory = ReusedMemory(2 * threads + _HELD)
        self._pool = ThreadPoolExecutor(threads, "modelhub-decode")
        self._block: tuple[BlobId, bytes] | None = None  # the one that was read last

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)

    def read(
        self,
        id: TensorId,  # noqa: A002 - it is one
        *,
        start: int = 0,
        stop: int | None = None,
    ) -> memoryview:
        """Elements `start` … `stop` - 1 of a tensor taken flat, as bytes in fresh memory.

        Raises:
            InputError: the tensor has no such elements.
            NotFoundError: the index does not have the tensor.
            IntegrityError: stored bytes are damaged or missing.

        Cost:
            reads the groups that hold the elements, and the heads of their segments. Only what
            is read as a whole is compared with the tensor's id; for a part the checksums of the
            stored bytes must do.
        """
        stored = self._find(id)
        count = element_count(stored.info)
        stop = count if stop is None else stop
        if not 0 <= start <= stop <= count:
            raise InputError(f"tensor {id} has {count} elements, and no {start} … {stop} of them")
        out = fresh_memory((stop - start) * element_width(stored))
        self._fill(stored, Span(start=start, stop=stop, width=element_width(stored), out=out))
        return out

    def read_levels(self, id: TensorId, levels: int) -> LevelsRead:  # noqa: A002 - it is one
        """The first levels of a tensor, and of what it is a delta against.

        They are compared with the checksums of stored bytes; only the whole tensor has an id.

        Raises:
            InputError: there is no level.
            NotFoundError: the index does not have the tensor.
            IntegrityError: stored bytes are damaged or missing.

        Cost: reads these levels and no others.
        """
        stored = self._find(id)
        if levels < 1:
            raise InputError(f"{levels} levels of tensor {id} cannot be read; read at least 1")
        span = Span.whole(stored, fresh_memory(size_bytes(stored.info.dtype, stored.info.shape)))
        counting = _Counting(self._store)
        chain = self._chain(stored)
        known = (1 << 8 * span.width) - 1
        if stored.block is None:
            known = GroupDecoder(stored, span, bases=chain[1:], levels=levels).known
        for _ in self._made(
            self._pieces(stored, span, store=cast("PackSource", counting), levels=levels)
        ):
            pass
        assert span.out is not None
        return LevelsRead(
            data=span.out,
            known=known,
            bytes_read=counting.total,
            bytes_stored=sum(each.cost for each in chain),
        )

    def read_into(self, id: TensorId, out: memoryview) -> None:  # noqa: A002 - it is one
        """A whole tensor, into memory of the caller's.

        Raises:
            InputError: `out` is read-only or not exactly as large as the tensor.
            NotFoundError: the index does not have the tensor.
            IntegrityError: stored bytes are damaged or missing; `out` holds anything.
        """
        stored = self._find(id)
        size = size_bytes(stored.info.dtype, stored.info.shape)
        if out.nbytes != size or out.readonly or not out.c_contiguous:
            raise InputError(f"tensor {id} needs {size} writable contiguous bytes of memory")
        self._fill(stored, Span.whole(stored, out.cast("B") if size else fresh_memory(0)))

    def stream(self, id: TensorId) -> Iterator[memoryview]:  # noqa: A002 - it is one
        """The bytes of a tensor, group by group; a few groups are in memory.

        Raises:
            NotFoundError: the index does not have the tensor.
            IntegrityError: stored bytes are damaged or missing. That decoded bytes do not make
                the tensor's id is known, and raised, after the last of them.
        """
        stored = self._find(id)
        return _verified(stored, self._made(self._pieces(stored, Span.whole(stored, None))))

    def join(self, parts: Iterable[TensorId | BlobSpan]) -> Iterator[memoryview]:
        """The bytes of tensors and of spans of blobs, one after another, in pieces.

        Stored bytes are compared with their checksums, and blobs with their ids. Decoded bytes
        are not compared with the ids of tensors, for which all of them would be hashed: the
        caller MUST compare the whole with a hash of its own before anyone may see it.

        Raises:
            NotFoundError: the index does not have a part.
            IntegrityError: stored bytes are damaged or missing.
        """
        return self._made(self._joined(parts))

    def blob(self, id: BlobId) -> bytes:  # noqa: A002 - it is one
        """The raw bytes of a blob.

        Raises:
            NotFoundError: the index does not have the blob.
            IntegrityError: it, or a blob that it needs, is damaged or missing.
        """
        return read_blob(self._store, self._index, id)

    def check_tensor(self, id: TensorId) -> None:  # noqa: A002 - it is one
        """Read a tensor and compare it with its id.

        Raises:
            NotFoundError: the index does not have the tensor.
            IntegrityError: stored bytes are damaged or missing.
        """
        for _ in self.stream(id):
            pass

    def _find(self, wanted: TensorId) -> StoredTensor:
        stored = self._index.find_tensor(wanted)
        if stored is None:
            raise NotFoundError(f"tensor {wanted} is not stored here")
        return stored

    def _fill(self, stored: StoredTensor, span: Span) -> None:
        made = self._made(self._pieces(stored, span))
        if span.stop - span.start == element_count(stored.info):
            made = _verified(stored, made)
        for _ in made:
            pass

    def _made(self, pieces: Iterable[Piece]) -> Iterator[memoryview]:
        return in_order(self._pool, pieces, ahead=self._ahead)

    def _joined(self, parts: Iterable[TensorId | BlobSpan]) -> Iterator[Piece]:
        last: tuple[BlobId, bytes] | None = None
        for part in parts:
            if not isinstance(part, BlobSpan):
                stored = self._find(part)
                yield from self._pieces(stored, Span.whole(stored, None))
                continue
            if last is None or last[0] != part.blob:
                last = part.blob, self.blob(part.blob)
            yield memoryview(last[1])[part.offset : part.offset + part.length]

    def _chain(self, stored: StoredTensor) -> tuple[StoredTensor, ...]:
        try:
            return chain_of(self._index, stored)
        except IntegrityError as error:
            raise unreadable(stored.info.id, error) from error

    def _pieces(
        self,
        stored: StoredTensor,
        span: Span,
        *,
        store: PackSource | None = None,
        levels: int | None = None,
    ) -> Iterator[Piece]:
        """What makes some elements, in order; in the caller's memory, if there is some."""
        chain = self._chain(stored) if span.start < span.stop else ()
        while span.start < span.stop:
            try:
                for stop, piece in self._attempt(chain, span, store or self._store, levels):
                    span = span.after(stop)
                    yield piece
            except NotFoundError as missing:
                found = self._index.find_tensor(stored.info.id)
                fresh = () if found is None else self._chain(found)
                if not fresh or fresh == chain:
                    raise IntegrityError(f"tensor {stored.info.id} is lost: {missing}") from missing
                chain = fresh
            except IntegrityError as error:
                raise unreadable(stored.info.id, error) from error

    def _attempt(
        self, chain: Sequence[StoredTensor], span: Span, store: PackSource, levels: int | None
    ) -> Iterator[tuple[int, Piece]]:
        """Pieces, each with the element that follows it."""
        stored, *bases = chain
        if stored.block is not None:
            yield span.stop, self._in_block(stored.block, span)
            return
        decoder = GroupDecoder(stored, span, bases=bases, levels=levels, memory=self._memory.take)
        columns = [
            fetch(store, each, decoder.groups, width=decoder.level_width, levels=count)
            for each, count in zip(chain, decoder.levels, strict=True)
        ]
        for row in zip(*columns, strict=True):
            yield decoder.stop_of(row[0]), partial(decoder.decode, *row)

    def _in_block(self, block: tuple[BlobId, int], span: Span) -> memoryview:
        id_, offset = block
        known = self._block
        raw = known[1] if known is not None and known[0] == id_ else self.blob(id_)
        self._block = (id_, raw)
        begin, end = offset + span.start * span.width, offset + span.stop * span.width
        if not 0 <= begin <= end <= len(raw):
            raise IntegrityError(f"it reaches beyond its block {id_}")
        piece = memoryview(raw)[begin:end]
        target = span.target(span.start, span.stop)
        if target is None:
            return piece
        target[:] = piece
        return target


class _Counting:
    """A store of which it is known how much was read."""

    def __init__(self, store: PackSource) -> None:
        self.total = 0
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def read(self, pack: PackId, offset: int, size: int) -> bytes:
        self.total += size
        return self._store.read(pack, offset, size)


def _verified(stored: StoredTensor, pieces: Iterator[memoryview]) -> Iterator[memoryview]:
    """Hand pieces on, and compare all of them with the tensor's id."""
    info = stored.info
    hasher = tensor_hasher(info.dtype, info.shape)
    for piece in pieces:
        hasher.update(piece)
        yield piece
    if hasher.hexdigest() != info.id:
        raise IntegrityError(f"tensor {info.id} decodes to other bytes than its own; run dlv fsck")
