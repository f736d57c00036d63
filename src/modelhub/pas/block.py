"""Small tensors, back to back in one blob (pack.md §3)."""

from collections.abc import Callable, Sequence

from modelhub.identity import blob_id
from modelhub.pas import checksum, frames
from modelhub.pas import format as pack_format
from modelhub.pas.footer import BlobMember, TensorEntry
from modelhub.pas.limits import Limits
from modelhub.pas.packing import PendingBlob
from modelhub.pas.statistics import has_statistics, moments, statistics_of
from modelhub.values import TensorInfo

_HASH = pack_format.ID_DIGITS // 2  # bytes
_LEVEL = 3  # zstd; blobs are small, and read oftener than written


class BlockWriter:
    """The block that is being filled.

    Equal elements may be those of different tensors (two zeros of float32 are one of int64), and
    an index knows one place a blob. So a block ends with a hash of what it lists.
    """

    def __init__(self, emit: Callable[[PendingBlob], None], limits: Limits) -> None:
        self._emit = emit
        self._limits = limits
        self._raw = bytearray()
        self._tensors: list[tuple[TensorEntry, int]] = []

    @property
    def size(self) -> int:
        """Bytes that wait."""
        return len(self._raw)

    def add(self, info: TensorInfo, elements: bytes) -> None:
        """Append a tensor; a block that would grow too large is closed before."""
        if (
            len(self._raw) + len(elements) > self._limits.block - _HASH
            or len(self._tensors) == self._limits.block_tensors
        ):
            self.close()
        statistics = None
        if has_statistics(info.dtype):
            statistics = statistics_of(moments(elements, info.dtype))
        self._tensors.append((TensorEntry(info=info, statistics=statistics), len(self._raw)))
        self._raw += elements

    def close(self) -> None:
        """Hand on the block, if it has tensors, and begin another."""
        if not self._tensors:
            return
        tensors = tuple(self._tensors)
        raw = bytes(self._raw) + bytes.fromhex(_hash_of(tensors))
        self._raw.clear()
        self._tensors.clear()
        frame = frames.compress(raw, level=_LEVEL)
        member = BlobMember(
            id=blob_id(raw),
            role=pack_format.BLOCK,
            raw_size=len(raw),
            offset=0,
            size=len(frame),
            checksum=checksum.checksum(frame),
        )
        self._emit(PendingBlob(member=member, parts=(frame,), tensors=tensors))


def _hash_of(tensors: Sequence[tuple[TensorEntry, int]]) -> str:
    return blob_id("".join(entry.info.id for entry, _ in tensors).encode())
