"""How large a tensor would be, stored whole or as a delta: estimated on a sample."""

from collections import OrderedDict
from threading import Lock

import numpy as np
import numpy.typing as npt

from modelhub.dtypes import numpy_dtype
from modelhub.pas import format as pack_format
from modelhub.pas.encodings import Encoding
from modelhub.pas.index import StoredTensor, element_count
from modelhub.pas.limits import LIMITS, Limits
from modelhub.pas.reader import ArchiveReader
from modelhub.values import TensorId

PIECE = 1 << 16  # elements that are encoded at once
SHARE = 16  # one element of so many is looked at
FEWEST, MOST = 4, 64  # pieces
HELD = 128 * pack_format.MIB  # bytes of samples that are kept
VALUES = 64  # of a sketch
_FOOTER = 200  # bytes that a copy of a tensor takes in a footer, about

Values = npt.NDArray[np.float64]


class SizeEstimator:
    """Estimates stored bytes; threads may use it together.

    Args:
        reader: of the tensors.
        encoding: by which they would be stored.
        limits: sizes to keep to.
    """

    def __init__(
        self, reader: ArchiveReader, encoding: Encoding, *, limits: Limits = LIMITS
    ) -> None:
        self._reader = reader
        self._encoding = encoding
        self._limits = limits
        self._lock = Lock()
        self._held: OrderedDict[TensorId, list[memoryview]] = OrderedDict()
        self._size = 0

    @property
    def has_deltas(self) -> bool:
        """Whether anything can be stored as a delta."""
        return self._encoding.has_deltas

    def size(self, stored: StoredTensor, base: StoredTensor | None) -> int:
        """Bytes of a copy, what it takes in a footer included.

        Exact for tensors of at most four pieces, else mostly within 2 %.

        Args:
            stored: a tensor that lies in no block.
            base: a tensor of the same dtype and shape, or None: the copy is whole.

        Raises:
            IntegrityError: stored bytes of either are damaged.

        Cost:
            decodes and encodes a sixteenth, at least four pieces and at most 64; samples of
            tensors that were asked for lately are kept.
        """
        dtype = stored.info.dtype
        mine = self._sample(stored)
        theirs = [None] * len(mine) if base is None else self._sample(base)
        found = seen = 0
        for piece, below in zip(mine, theirs, strict=True):
            chunks = self._encoding.encode(piece, dtype=dtype, base=below)
            found += sum(len(chunk.data) for chunk in chunks)
            seen += len(piece)
        width = numpy_dtype(dtype).itemsize
        whole = element_count(stored.info)
        levels = len(self._encoding.levels(dtype))
        groups = -(-whole // self._limits.group)
        heads = levels * (pack_format.SEGMENT_HEAD.size + groups * pack_format.SEGMENT_ENTRY.size)
        return round(found * whole * width / max(seen, 1)) + heads + _FOOTER

    def values(self, stored: StoredTensor) -> Values:
        """A sketch: some elements, at the same places of all tensors of a shape.

        What is no number is infinite.
        """
        piece = self._sample(stored)[0]
        elements = np.frombuffer(piece, numpy_dtype(stored.info.dtype))
        at = np.linspace(0, len(elements) - 1, VALUES).astype(np.int64)
        with np.errstate(all="ignore"):
            found = elements[at].astype(np.complex128).real
        return np.where(np.isnan(found), np.inf, found)

    def _sample(self, stored: StoredTensor) -> list[memoryview]:
        id_ = stored.info.id
        with self._lock:
            if id_ in self._held:
                self._held.move_to_end(id_)
                return self._held[id_]
        pieces = [
            self._reader.read(id_, start=start, stop=stop)
            for start, stop in places(element_count(stored.info), self._limits.group)
        ]
        with self._lock:
            if id_ not in self._held:
                self._held[id_] = pieces
                self._size += sum(map(len, pieces))
            while self._size > HELD and len(self._held) > 1:
                _, old = self._held.popitem(last=False)
                self._size -= sum(map(len, old))
        return pieces


def places(count: int, group: int) -> list[tuple[int, int]]:
    """Where the pieces of a sample lie: first element, and the one after the last.

    A tensor that has few elements is taken whole, in groups as they are stored.

    >>> places(300_000, 1 << 18)
    [(0, 262144), (262144, 300000)]
    >>> len(places(1 << 24, 1 << 18)), places(1 << 24, 1 << 18)[1]
    (16, (1048576, 1114112))
    """
    if count <= FEWEST * PIECE or count <= 2 * group:
        return [(start, min(start + group, count)) for start in range(0, count, group)]
    pieces = count // PIECE
    wanted = max(FEWEST, min(MOST, pieces // SHARE))
    starts = [number * pieces // wanted * PIECE for number in range(wanted)]
    return [(start, min(start + PIECE, count)) for start in starts]
