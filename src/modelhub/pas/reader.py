"""Tensors and blobs out: only the groups that are needed, every stored byte checked."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import numpy as np

from modelhub.dtypes import numpy_dtype, size_bytes
from modelhub.errors import InputError, IntegrityError, NotFoundError
from modelhub.identity import tensor_hasher
from modelhub.pas.blobs import read_blob
from modelhub.pas.encodings import ENCODINGS, Encoding
from modelhub.pas.fetch import StoredGroup, fetch
from modelhub.pas.index import StorageIndex, StoredTensor, element_count
from modelhub.pas.store import ObjectStore
from modelhub.values import BlobId, TensorId


class ArchiveReader:
    """Reads what an index knows; threads may use it together.

    It is a context manager, and `close` ends its threads. A pack that is gone was perhaps merged
    into another one since its place was looked up: the index is asked again before that is an
    error. No method ever returns bytes that are not the tensor's.

    Args:
        store: where packs are.
        index: where in them tensors and blobs lie.
        threads: how many threads decode.
    """

    def __init__(self, store: ObjectStore, index: StorageIndex, *, threads: int = 2) -> None:
        self._store = store
        self._index = index
        self._ahead = 2 * threads
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
        out = _memory((stop - start) * _width(stored))
        self._fill(stored, _Span(start=start, stop=stop, width=_width(stored), out=out))
        return out

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
        self._fill(stored, _whole(stored, out.cast("B") if size else _memory(0)))

    def stream(self, id: TensorId) -> Iterator[memoryview]:  # noqa: A002 - it is one
        """The bytes of a tensor, group by group; a few groups are in memory.

        Raises:
            NotFoundError: the index does not have the tensor.
            IntegrityError: stored bytes are damaged or missing. That decoded bytes do not make
                the tensor's id is known, and raised, after the last of them.
        """
        stored = self._find(id)
        return _verified(stored, self._pieces(stored, _whole(stored, None)))

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

    def _fill(self, stored: StoredTensor, span: "_Span") -> None:
        pieces = self._pieces(stored, span)
        if span.stop - span.start == element_count(stored.info):
            pieces = _verified(stored, pieces)
        for _ in pieces:
            pass

    def _pieces(self, stored: StoredTensor, span: "_Span") -> Iterator[memoryview]:
        """The bytes of some elements, in order; in the caller's memory, if there is some."""
        while span.start < span.stop:
            try:
                for piece in self._attempt(stored, span):
                    span = span.after(len(piece))
                    yield piece
            except NotFoundError as missing:
                fresh = self._index.find_tensor(stored.info.id)
                if fresh is None or fresh == stored:
                    raise IntegrityError(f"tensor {stored.info.id} is lost: {missing}") from missing
                stored = fresh
            except IntegrityError as error:
                raise IntegrityError(
                    f"tensor {stored.info.id} cannot be read: {error}; run dlv fsck"
                ) from error

    def _attempt(self, stored: StoredTensor, span: "_Span") -> Iterator[memoryview]:
        if stored.block is not None:
            yield self._in_block(stored.block, span)
            return
        part = _Part(stored, span)
        tasks: deque[Future[memoryview]] = deque()
        try:
            for group in fetch(self._store, stored, part.groups, width=part.level_width):
                tasks.append(self._pool.submit(part.decode, group))
                if len(tasks) > self._ahead:
                    yield tasks.popleft().result()
            while tasks:
                yield tasks.popleft().result()
        finally:
            for task in tasks:
                task.cancel()
            wait(tasks)  # nothing may write into the caller's memory any more

    def _in_block(self, block: tuple[BlobId, int], span: "_Span") -> memoryview:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """Elements `start` … `stop` - 1, `width` bytes each, and where they are wanted, if anywhere."""

    start: int
    stop: int
    width: int
    out: memoryview | None

    def after(self, size: int) -> "_Span":
        """What is left when `size` bytes were read."""
        out = None if self.out is None else self.out[size:]
        return replace(self, start=self.start + size // self.width, out=out)

    def target(self, low: int, high: int) -> memoryview | None:
        """Where elements `low` … `high` - 1 belong."""
        if self.out is None:
            return None
        return self.out[(low - self.start) * self.width : (high - self.start) * self.width]


class _Part:
    """Some elements of a tensor, whose groups are decoded one by one, on any thread."""

    def __init__(self, stored: StoredTensor, span: _Span) -> None:
        self._stored = stored
        self._span = span
        self._encoding = _encoding(stored)
        self.level_width = max(self._encoding.levels(stored.info.dtype))
        self.groups = range(span.start // stored.group_size, -(-span.stop // stored.group_size))

    def decode(self, group: StoredGroup) -> memoryview:
        """The wanted bytes of a group."""
        group.check()
        stored, span = self._stored, self._span
        begin = group.group * stored.group_size
        end = min(begin + stored.group_size, element_count(stored.info))
        low, high = max(begin, span.start), min(end, span.stop)
        target = span.target(low, high)
        is_whole = (low, high) == (begin, end)
        in_place = target if is_whole else None
        buffer = _memory((end - begin) * span.width) if in_place is None else in_place
        self._encoding.decode(group.chunks, buffer, dtype=stored.info.dtype)
        wanted = buffer[(low - begin) * span.width : (high - begin) * span.width]
        if target is None or is_whole:
            return wanted
        target[:] = wanted
        return target


def _memory(size: int) -> memoryview:
    """Writable bytes that nobody has cleared."""
    return np.empty(size, np.uint8).data


def _whole(stored: StoredTensor, out: memoryview | None) -> _Span:
    return _Span(start=0, stop=element_count(stored.info), width=_width(stored), out=out)


def _width(stored: StoredTensor) -> int:
    return numpy_dtype(stored.info.dtype).itemsize


def _encoding(stored: StoredTensor) -> Encoding:
    if stored.base is not None:
        raise IntegrityError(f"encoding {stored.encoding!r} has no deltas")
    try:
        return ENCODINGS.get(stored.encoding)
    except NotFoundError as error:
        raise IntegrityError(f"{error}; a later version of modelhub-dlv may know it") from error


def _verified(stored: StoredTensor, pieces: Iterator[memoryview]) -> Iterator[memoryview]:
    """Hand pieces on, and compare all of them with the tensor's id."""
    info = stored.info
    hasher = tensor_hasher(info.dtype, info.shape)
    for piece in pieces:
        hasher.update(piece)
        yield piece
    if hasher.hexdigest() != info.id:
        raise IntegrityError(f"tensor {info.id} decodes to other bytes than its own; run dlv fsck")
