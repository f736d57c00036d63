"""Which stored tensor a new one is a delta against, if any: estimated on a sample."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from modelhub.dtypes import numpy_dtype
from modelhub.errors import ModelHubError
from modelhub.pas import format as pack_format
from modelhub.pas.chain import chain_of
from modelhub.pas.encodings import Encoding
from modelhub.pas.index import StorageIndex, StoredTensor
from modelhub.pas.limits import Limits
from modelhub.pas.reader import ArchiveReader
from modelhub.values import TensorId, TensorInfo

SAMPLED = 16  # one group of so many is looked at
PIECE = 1 << 16  # elements of it
MOST_PIECES = 32
MOST_BASES = 6  # that are tried
DEPTH_PRICE = 0.03  # share by which a delta must be smaller for each base more that it needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A stored tensor that another one is encoded against."""

    id: TensorId
    reader: ArchiveReader

    def elements(self, start: int, stop: int) -> memoryview:
        """Its elements `start` … `stop` - 1."""
        return self.reader.read(self.id, start=start, stop=stop)


class Sample:
    """Some elements of a tensor that passes by in chunks of whole groups."""

    def __init__(self, dtype: str, limits: Limits) -> None:
        self.pieces: list[tuple[int, bytes]] = []  # first element, elements
        self.width = numpy_dtype(dtype).itemsize
        self._group = limits.group
        self._seen = 0

    def add(self, chunk: memoryview) -> None:
        """Take the next groups."""
        size = self._group * self.width
        for offset in range(0, len(chunk), size):
            if self._seen % SAMPLED == 0 and len(self.pieces) < MOST_PIECES:
                piece = bytes(chunk[offset : offset + min(size, PIECE * self.width)])
                self.pieces.append((self._seen * self._group, piece))
            self._seen += 1


class BaseChooser:
    """Finds the base for each new tensor; used by one thread."""

    def __init__(self, reader: ArchiveReader, index: StorageIndex, encoding: Encoding) -> None:
        self._reader = reader
        self._index = index
        self._encoding = encoding

    def choose(
        self, info: TensorInfo, sample: Sample, candidates: Sequence[TensorId], *, group_size: int
    ) -> Base | None:
        """The candidate, or what it is itself based on, that makes the tensor smallest.

        None if storing it whole is as good. A base that needs bases itself must be better by
        `DEPTH_PRICE` each: several snapshots lean on one that is whole, and make no chain.

        Cost: encodes the sample once for each of at most `MOST_BASES` bases, and decodes as
            much of them.
        """
        best, base = float(self._size(info.dtype, sample, None)), None
        for depth, found in self._possible(info, candidates, group_size):
            attempt = Base(id=found, reader=self._reader)
            try:
                size = self._size(info.dtype, sample, attempt)
            except ModelHubError:
                continue  # what is damaged is no base
            price = size * (1 + DEPTH_PRICE * (depth + 1))
            if price < best:
                best, base = price, attempt
        return base

    def _possible(
        self, info: TensorInfo, candidates: Sequence[TensorId], group_size: int
    ) -> Iterator[tuple[int, TensorId]]:
        tried: set[TensorId] = {info.id}
        for candidate in candidates:
            for depth, each in self._with_root(candidate):
                is_alike = (each.info.dtype, each.info.shape) == (info.dtype, info.shape)
                is_alike = is_alike and each.block is None and each.group_size == group_size
                if is_alike and each.info.id not in tried and len(tried) <= MOST_BASES:
                    tried.add(each.info.id)
                    yield depth, each.info.id

    def _with_root(self, candidate: TensorId) -> Iterator[tuple[int, StoredTensor]]:
        stored = self._index.find_tensor(candidate)
        if stored is None:
            return
        try:
            chain = chain_of(self._index, stored)
        except ModelHubError:
            return
        if len(chain) <= pack_format.MAX_DEPTH:
            yield len(chain) - 1, stored
        if len(chain) > 1:
            yield 0, chain[-1]

    def _size(self, dtype: str, sample: Sample, base: Base | None) -> int:
        total = 0
        for start, piece in sample.pieces:
            stop = start + len(piece) // sample.width
            below = None if base is None else base.elements(start, stop)
            chunks = self._encoding.encode(piece, dtype=dtype, base=below)
            total += sum(len(chunk.data) for chunk in chunks)
        return total
