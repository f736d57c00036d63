"""Tensors and blobs in: hashed, dropped if known, encoded on threads, collected in packs."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import Self, TypeAlias

import numpy as np

from modelhub.dtypes import numpy_dtype, size_bytes
from modelhub.durable import Buffer
from modelhub.errors import ConflictError, InputError, NotFoundError
from modelhub.identity import tensor_hasher
from modelhub.pas import format as pack_format
from modelhub.pas.bases import Base, BaseChooser, Sample
from modelhub.pas.blobs import BlobWriter, check_blob
from modelhub.pas.block import BlockWriter
from modelhub.pas.chain import can_be_base
from modelhub.pas.encodings import ENCODINGS, default_encoding
from modelhub.pas.index import StorageIndex, StoredTensor
from modelhub.pas.limits import LIMITS, Limits
from modelhub.pas.outbox import Outbox
from modelhub.pas.pack import WrittenPack
from modelhub.pas.pipeline import Measuring, Pipeline
from modelhub.pas.reader import ArchiveReader
from modelhub.pas.store import ObjectStore
from modelhub.values import BlobId, FileId, Shape, Statistics, TensorId, TensorInfo

Source: TypeAlias = Callable[[int, int], Buffer]
"""Offset and size in bytes → exactly those bytes; asked in ascending order."""

Observer: TypeAlias = Callable[[memoryview], None]


class ArchiveWriter:
    """Collects new tensors and blobs, and writes them as packs.

    Nothing it has written is visible until its `packs` are registered in an index. It is a
    context manager: at a clean end of the block what is pending is written, at an exception it
    is dropped. After an error in any of its methods a writer is of no further use.

    Args:
        store: where packs go.
        index: what is stored already; such tensors and blobs are dropped.
        encoding: how tensors are stored, a name of `modelhub.encodings`; if None, that which
            is best here.
        threads: how many threads encode.
        limits: sizes to keep to.

    Raises:
        NotFoundError: no encoding has this name.
    """

    def __init__(
        self,
        store: ObjectStore,
        index: StorageIndex,
        *,
        encoding: str | None = None,
        threads: int = 2,
        limits: Limits = LIMITS,
    ) -> None:
        self._index = index
        self._limits = limits
        self._outbox = Outbox(store, limits)
        self._pool = ThreadPoolExecutor(threads, "modelhub-encode")
        emit = self._outbox.add
        chosen = ENCODINGS.get(encoding or default_encoding())
        self._pipeline = Pipeline(chosen, self._pool, emit=emit, limits=limits)
        self._has_deltas = chosen.has_deltas
        self._reader = ArchiveReader(store, index, threads=1)  # of bases
        self._bases = BaseChooser(self._reader, index, chosen)
        self._block = BlockWriter(emit, limits)
        self._blobs = BlobWriter(store, index, emit=emit, limits=limits)
        self._seen: set[TensorId] = set()
        self._failed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None and not self._failed:
                self.finish()
        finally:
            self._pipeline.cancel()
            self._pool.shutdown(cancel_futures=True)
            self._outbox.close()
            self._reader.close()

    @property
    def packs(self) -> list[WrittenPack]:
        """All packs written so far, in the order of their writing; each of them is durable."""
        return self._outbox.packs

    @property
    def pending(self) -> int:
        """Bytes of encoded members that wait to be written, or are being written."""
        return self._outbox.pending

    def put_tensor(
        self,
        source: Source,
        *,
        dtype: str,
        shape: Shape,
        observer: Observer | None = None,
        base_candidates: Sequence[TensorId] = (),
    ) -> TensorInfo:
        """Add a tensor, unless the index or this writer has it.

        Args:
            source: gives the elements, little-endian, in C order; at most 8 MiB at a time. What
                it returns is copied if it is mutable, so it may be reused for the next call.
            dtype: a name of `modelhub.dtypes`.
            shape: the extents.
            observer: sees every byte once, in order, whether or not the tensor is new.
            base_candidates: stored tensors that it may resemble, the likeliest first. It is
                stored as a delta against one of them, or what that is based on, if a sample
                says that this is smaller.

        Raises:
            InputError: no such dtype, or an impossible shape.
            ConflictError: the source gave other bytes than before, or fewer.
            StorageError: a pack could not be written.

        Cost:
            one pass over the bytes for tensors of at most 64 MiB and for known ones, else two.
        """
        reading = _Reading(source, dtype=dtype, shape=shape, limits=self._limits)
        with self._guarded():
            if reading.size < pack_format.SMALL_TENSOR:
                return self._put_small(reading, observer)
            if reading.size <= self._limits.held:
                return self._put_held(reading, observer, base_candidates)
            return self._put_large(reading, observer, base_candidates)

    def put_copy(self, id: TensorId, *, base: TensorId | None) -> None:  # noqa: A002 - it is one
        """Write another copy of a tensor that the index has: whole, or as a delta.

        The copy that is read stays so until an index is told otherwise. The new one has a number
        of its own; `MemoryIndex.copies` finds it in `packs`.

        Args:
            id: the tensor.
            base: what the copy is a delta against, a tensor that the index has; None: nothing.

        Raises:
            NotFoundError: the index does not have the tensor, or the base.
            InputError: it lies in a block, or the base is unlike it, or there are no deltas here.
            IntegrityError: stored bytes of either are damaged.
            StorageError: a pack could not be written.

        Cost:
            decodes the tensor and the base once, and encodes once.
        """
        with self._guarded():
            stored = self._stored(id)
            below = None if base is None else self._stored(base)
            self._check_copy(stored, below)
            job = self._pipeline.job(
                stored.info,
                copy=secrets.randbelow(pack_format.MAX_COPIES),
                statistics=stored.statistics,
                base=None if base is None else Base(id=base, reader=self._reader),
            )
            for group in self._reader.stream(id):
                self._pipeline.reserve(len(group))
                self._pipeline.submit(job, group)

    def put_blob(
        self,
        raw: bytes,
        *,
        role: str,
        base: BlobId | None = None,
        file: FileId | None = None,
    ) -> BlobId:
        """Add a blob, unless the index or this writer has it.

        Args:
            raw: its bytes: at most 4 MiB of a literal, 16 MiB of anything else.
            role: what it is for (docs/spec/pack.md §3).
            base: a blob that resembles it; used if it can be read, helps, and needs fewer than
                8 bases itself.
            file: of a recipe: the file that it makes.

        Raises:
            InputError: it is too long, or its role is `block`.
        """
        check_blob(raw, role)
        with self._guarded():
            return self._blobs.put(raw, role=role, base=base, file=file)

    def spill(self) -> None:
        """Write what is pending if that is more than 1 MiB.

        Call it now and then, to bound what a crash of a long run throws away.
        """
        with self._guarded():
            self._pipeline.drain()
            if self._outbox.pending + self._block.size > self._limits.spill:
                self._block.close()
                self._outbox.flush()

    def finish(self) -> None:
        """Write everything that is pending; more may be added afterwards.

        Raises:
            StorageError: a pack could not be written.
        """
        with self._guarded():
            self._pipeline.drain()
            self._block.close()
            self._outbox.flush()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """A writer that failed half-way must not publish what it has."""
        if self._failed:
            raise ConflictError("this writer failed before; begin again with a new one")
        self._failed = True
        yield
        self._failed = False

    def _stored(self, id: TensorId) -> StoredTensor:  # noqa: A002 - it is one
        found = self._index.find_tensor(id)
        if found is None:
            raise NotFoundError(f"tensor {id} is not stored here")
        return found

    def _check_copy(self, stored: StoredTensor, below: StoredTensor | None) -> None:
        name = stored.info.id
        if stored.block is not None or stored.group_size != self._limits.group:
            raise InputError(f"tensor {name} lies in a block, or in groups of another size")
        if below is not None and not self._has_deltas:
            raise InputError(f"tensor {name} cannot be stored as a delta by this encoding")
        if below is not None and (below.info.id == name or not can_be_base(below, stored)):
            raise InputError(f"tensor {below.info.id} cannot be the base of tensor {name}")

    def _put_small(self, reading: "_Reading", observer: Observer | None) -> TensorInfo:
        elements = b"".join(reading.chunks(observer))
        info = reading.info
        if not self._is_known(info.id):
            self._block.add(info, elements)
        return info

    def _put_held(
        self, reading: "_Reading", observer: Observer | None, candidates: Sequence[TensorId]
    ) -> TensorInfo:
        chunks = list(reading.chunks(observer, reserve=self._pipeline.reserve))
        info = reading.info
        is_known = self._is_known(info.id)
        sample = Sample(info.dtype, self._limits)
        if not is_known and candidates:
            for chunk in chunks:
                sample.add(chunk)
        base = None if is_known else self._base(info, sample, candidates)
        job = self._pipeline.job(info, base=base)
        for chunk in chunks:
            if is_known:
                self._pipeline.release(len(chunk))
            else:
                self._pipeline.submit(job, chunk)
        return info

    def _base(
        self, info: TensorInfo, sample: Sample, candidates: Sequence[TensorId]
    ) -> Base | None:
        if not self._has_deltas or not candidates:
            return None
        return self._bases.choose(info, sample, candidates, group_size=self._limits.group)

    def _put_large(
        self, reading: "_Reading", observer: Observer | None, candidates: Sequence[TensorId]
    ) -> TensorInfo:
        """Read twice: the id decides whether the tensor is stored, and it is known at the end."""
        measuring = Measuring(self._pool, reading.dtype, self._limits)
        sample = Sample(reading.dtype, self._limits)
        for chunk in reading.chunks(observer, reserve=self._pipeline.reserve):
            measuring.add(chunk)
            sample.add(chunk)
            self._pipeline.release(len(chunk))
        info = reading.info
        statistics = measuring.result()
        if not self._is_known(info.id):
            base = self._base(info, sample, candidates)
            self._store_again(reading, info, statistics, base)
        return info

    def _store_again(
        self,
        reading: "_Reading",
        info: TensorInfo,
        statistics: Statistics | None,
        base: Base | None,
    ) -> None:
        # Its segments go to several packs, and a writer that is killed leaves some of them. A
        # number of its own keeps them apart from those of the next attempt.
        copy = secrets.randbelow(pack_format.MAX_COPIES)
        job = self._pipeline.job(info, copy=copy, statistics=statistics, base=base)
        again = reading.again()
        for chunk in again.chunks(None, reserve=self._pipeline.reserve):
            if again.is_complete and again.info != info:
                raise _changed(info)
            self._pipeline.submit(job, chunk)

    def _is_known(self, tensor: TensorId) -> bool:
        """Whether the tensor is stored; from now on it is."""
        if tensor in self._seen:
            return True
        self._seen.add(tensor)
        return self._index.find_tensor(tensor) is not None


class _Reading:
    """One pass over the bytes of a tensor, which hashes them."""

    def __init__(self, source: Source, *, dtype: str, shape: Shape, limits: Limits) -> None:
        _check_shape(shape)
        self.size = size_bytes(dtype, shape)
        self.dtype = dtype
        self.is_complete = False
        self._source = source
        self._shape = shape
        self._limits = limits
        self._hasher = tensor_hasher(dtype, shape)

    @property
    def info(self) -> TensorInfo:
        """The tensor, once all its chunks were read."""
        id_ = TensorId(self._hasher.hexdigest())
        return TensorInfo(id=id_, dtype=self.dtype, shape=self._shape)

    def again(self) -> "_Reading":
        """Another pass over the same source."""
        return _Reading(self._source, dtype=self.dtype, shape=self._shape, limits=self._limits)

    def chunks(
        self,
        observer: Observer | None,
        *,
        reserve: Callable[[int], None] = lambda _: None,
    ) -> Iterator[memoryview]:
        """Whole groups at a time; `reserve` is told how many bytes come before they are read."""
        group = self._limits.group * numpy_dtype(self.dtype).itemsize
        step = max(1, self._limits.read // group) * group
        for offset in range(0, self.size, step):
            length = min(step, self.size - offset)
            reserve(length)
            chunk = self._read(offset, length)
            self._hasher.update(chunk)
            if observer is not None:
                observer(chunk)
            self.is_complete = offset + length == self.size
            yield chunk

    def _read(self, offset: int, length: int) -> memoryview:
        """The bytes themselves: a view could change between hashing and encoding."""
        found = self._source(offset, length)
        if len(found) != length:
            raise ConflictError(
                f"a tensor ended after {offset + len(found)} of {self.size} bytes: "
                "its file was changed while being added; add it again"
            )
        if isinstance(found, bytes):
            return memoryview(found)
        return np.frombuffer(found, np.uint8).copy().data.toreadonly()


def _check_shape(shape: Shape) -> None:
    if len(shape) > pack_format.MAX_EXTENTS or any(extent < 0 for extent in shape):
        raise InputError(
            f"no tensor has the shape {shape!r:.80}; extents are at least 0, and there are "
            f"at most {pack_format.MAX_EXTENTS} of them"
        )


def _changed(info: TensorInfo) -> ConflictError:
    return ConflictError(
        f"tensor {info.id} was changed while being added: its second reading gave other bytes; "
        "add it again when nothing writes to it"
    )
