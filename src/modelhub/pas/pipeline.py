"""Groups are encoded on threads and put together, in order, as segments."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from functools import partial
from typing import NamedTuple

from modelhub.dtypes import numpy_dtype
from modelhub.pas import checksum
from modelhub.pas.bases import Base
from modelhub.pas.encodings import Chunk, Encoding
from modelhub.pas.footer import CopyEntry, SegmentMember, TensorEntry
from modelhub.pas.index import element_count
from modelhub.pas.limits import Limits
from modelhub.pas.packing import PendingSegment
from modelhub.pas.segment import segment_parts
from modelhub.pas.statistics import (
    NOTHING,
    Moments,
    combine,
    has_statistics,
    moments,
    statistics_of,
)
from modelhub.values import Statistics, TensorInfo


class EncodedGroup(NamedTuple):
    """What a thread made of a group; moments are None where nobody asked for them."""

    chunks: list[Chunk]
    moments: Moments | None


class Job:
    """A tensor whose groups are being encoded; segments leave it in order.

    Args:
        info: the tensor.
        encoding: how it is stored.
        copy: the copy number.
        statistics: its numbers, if they are known already; else they are computed on the way,
            and segments wait for them.
        base: what it is stored as a delta against, or None.
        limits: sizes to keep to.
    """

    def __init__(
        self,
        info: TensorInfo,
        encoding: Encoding,
        *,
        copy: int,
        statistics: Statistics | None,
        base: Base | None = None,
        limits: Limits,
    ) -> None:
        widths = encoding.levels(info.dtype)
        self.info = info
        self.base = base
        self.submitted = 0  # elements
        self.measure = statistics is None and has_statistics(info.dtype)
        self.entry = CopyEntry(
            tensor=0,
            copy=copy,
            encoding=encoding.name,
            base=None if base is None else base.id,
            levels=len(widths),
            groups=-(-element_count(info) // limits.group),
            group_size=limits.group,
        )
        self._statistics = statistics
        self._moments = NOTHING
        self._chunks: list[list[Chunk]] = [[] for _ in widths]
        self._capacity = [max(1, limits.segment_raw // (limits.group * width)) for width in widths]
        self._groups = 0
        self._ready: list[tuple[SegmentMember, list[bytes | bytearray | memoryview]]] = []

    def add(self, group: EncodedGroup) -> list[PendingSegment]:
        """Take the next group; gives the segments that can leave."""
        self._groups += 1
        if group.moments is not None:
            self._moments = combine(self._moments, group.moments)
        is_last = self._groups == self.entry.groups
        for level, chunk in enumerate(group.chunks):
            self._chunks[level].append(chunk)
            if is_last or len(self._chunks[level]) == self._capacity[level]:
                self._close_segment(level)
        if self.measure and not is_last:
            return []
        return self._leave()

    def _close_segment(self, level: int) -> None:
        chunks, self._chunks[level] = self._chunks[level], []
        parts = segment_parts(chunks)
        member = SegmentMember(
            copy=0,
            level=level,
            group=self._groups - len(chunks),
            groups=len(chunks),
            offset=0,
            size=sum(map(len, parts)),
            checksum=checksum.checksum(*parts),
        )
        self._ready.append((member, parts))

    def _leave(self) -> list[PendingSegment]:
        if self.measure:
            self._statistics = statistics_of(self._moments)
        tensor = TensorEntry(info=self.info, statistics=self._statistics)
        leaving, self._ready = self._ready, []
        return [
            PendingSegment(tensor=tensor, entry=self.entry, member=member, parts=parts)
            for member, parts in leaving
        ]


class _Task(NamedTuple):
    job: Job
    raw_size: int
    future: Future[EncodedGroup]


class Pipeline:
    """Encodes groups on a pool, within a bound of memory; used by one thread.

    Args:
        encoding: how tensors are stored.
        pool: where groups are encoded.
        emit: takes the segments, in order.
        limits: sizes to keep to.
    """

    def __init__(
        self,
        encoding: Encoding,
        pool: Executor,
        *,
        emit: Callable[[PendingSegment], None],
        limits: Limits,
    ) -> None:
        self._encoding = encoding
        self._pool = pool
        self._emit = emit
        self._most = limits.held + limits.read
        self._limits = limits
        self._tasks: deque[_Task] = deque()
        self._work = 0  # bytes of elements, and of segments that wait for their statistics

    def reserve(self, size: int) -> None:
        """Wait until `size` bytes of elements may be held; give them back with `release`."""
        while self._tasks and self._work + size > self._most:
            self._settle()
        self._work += size

    def release(self, size: int) -> None:
        """Bytes that were reserved are not held, or are held by a task from now on."""
        self._work -= size

    def job(
        self,
        info: TensorInfo,
        *,
        copy: int = 0,
        statistics: Statistics | None = None,
        base: Base | None = None,
    ) -> Job:
        """A tensor whose elements will be submitted, chunk by chunk, from the beginning."""
        return Job(
            info,
            self._encoding,
            copy=copy,
            statistics=statistics,
            base=base,
            limits=self._limits,
        )

    def submit(self, job: Job, chunk: memoryview) -> None:
        """Encode a chunk whose bytes are reserved: whole groups, but for the last of the tensor."""
        width = numpy_dtype(job.info.dtype).itemsize
        for group in groups_of(chunk, job.info.dtype, self._limits):
            start, job.submitted = job.submitted, job.submitted + len(group) // width
            future = self._pool.submit(
                encode_group,
                self._encoding,
                group,
                dtype=job.info.dtype,
                measure=job.measure,
                base=None if job.base is None else partial(job.base.elements, start, job.submitted),
            )
            self._tasks.append(_Task(job, len(group), future))
        while self._tasks and self._tasks[0].future.done():
            self._settle()

    def drain(self) -> None:
        """Wait until everything that was submitted has left."""
        while self._tasks:
            self._settle()

    def cancel(self) -> None:
        """Forget what was submitted."""
        for task in self._tasks:
            task.future.cancel()
        self._tasks.clear()

    def _settle(self) -> None:
        job, raw_size, future = self._tasks.popleft()
        encoded = future.result()
        self._work += sum(len(chunk.data) for chunk in encoded.chunks) - raw_size
        for segment in job.add(encoded):
            self._work -= sum(map(len, segment.parts[1:]))
            self._emit(segment)


def encode_group(
    encoding: Encoding,
    group: memoryview,
    *,
    dtype: str,
    measure: bool,
    base: Callable[[], memoryview] | None = None,
) -> EncodedGroup:
    """Encode one group, against what `base` reads, and measure it if asked to."""
    if base is None:
        chunks = encoding.encode(group, dtype=dtype)
    else:
        chunks = encoding.encode(group, dtype=dtype, base=base())
    return EncodedGroup(
        chunks=chunks,
        moments=moments(group, dtype) if measure else None,
    )


class Measuring:
    """Statistics of a tensor that is read chunk by chunk, computed while the next is read."""

    def __init__(self, pool: Executor, dtype: str, limits: Limits) -> None:
        self._pool = pool
        self._dtype = dtype
        self._limits = limits
        self._total = NOTHING
        self._futures: list[Future[Moments]] = []

    def add(self, chunk: memoryview) -> None:
        """Take whole groups; waits until the chunk before is done."""
        if has_statistics(self._dtype):
            groups = groups_of(chunk, self._dtype, self._limits)
            self._wait_then([self._pool.submit(moments, each, self._dtype) for each in groups])

    def result(self) -> Statistics | None:
        """The statistics, or None where the dtype has none."""
        self._wait_then([])
        return statistics_of(self._total) if has_statistics(self._dtype) else None

    def _wait_then(self, futures: list[Future[Moments]]) -> None:
        before, self._futures = self._futures, futures
        for future in before:
            self._total = combine(self._total, future.result())


def groups_of(chunk: memoryview, dtype: str, limits: Limits) -> Iterator[memoryview]:
    """Cut a chunk into the elements of its groups."""
    size = limits.group * numpy_dtype(dtype).itemsize
    return (chunk[start : start + size] for start in range(0, len(chunk), size))
