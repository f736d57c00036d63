"""Encoding `planes-zstd`: byte planes, each as a zstd frame where that pays (pack.md §5)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from modelhub.dtypes import numpy_dtype
from modelhub.durable import Buffer
from modelhub.errors import IntegrityError
from modelhub.pas import format as pack_format
from modelhub.pas import frames, kernels
from modelhub.pas.encodings.base import Chunk
from modelhub.pas.encodings.matching import LITERALS, MATCHES, SAMPLE

_PLANES = {"float32": 4, "bfloat16": 2, "float16": 2, "float64": 8}

_ZEROS = Chunk(pack_format.MODE_CONSTANT, b"\0")

Bytes = npt.NDArray[np.uint8]


class PlanesZstd:
    """Levels of one byte an element for floats, one level for the rest."""

    name = pack_format.PLANES_ZSTD
    has_deltas = False

    def levels(self, dtype: str) -> tuple[int, ...]:
        """Decoded bytes an element of each level."""
        planes = _PLANES.get(dtype)
        return (1,) * planes if planes else (numpy_dtype(dtype).itemsize,)

    def encode(
        self,
        group: Buffer,
        *,
        dtype: str,
        base: Buffer | None = None,  # noqa: ARG002 - of no use
        delta: str = "hier-sub",  # noqa: ARG002 - of no use
    ) -> list[Chunk]:
        """One chunk a level; a base is of no use."""
        may_be_constant = max(self.levels(dtype)) == 1
        planes = _split(np.frombuffer(group, np.uint8), dtype)
        return [_encoded(plane, may_be_constant=may_be_constant) for plane in planes]

    def decode(
        self,
        chunks: Sequence[Chunk],
        out: memoryview,
        *,
        dtype: str,
        base: Buffer | None = None,  # noqa: ARG002 - of no use
    ) -> None:
        """Write the elements, or zeros for levels that are not there, into `out`."""
        octets = np.frombuffer(out, np.uint8)
        widths = self.levels(dtype)
        if not 0 < len(chunks) <= len(widths):
            raise IntegrityError(f"{len(chunks)} levels where {dtype} has {len(widths)}")
        chunks = [*chunks, *[_ZEROS] * (len(widths) - len(chunks))]
        count = octets.size // sum(widths)
        planes = [_decoded(*pair) for pair in zip(chunks, (count * w for w in widths), strict=True)]
        _merge(planes, octets, dtype)


def _split(octets: Bytes, dtype: str) -> list[Bytes]:
    if dtype == "float32":
        return kernels.split_float32(octets.view("<u4"))
    if dtype == "bfloat16":
        return kernels.split_bfloat16(octets.view("<u2"))
    return kernels.split_bytes(octets, _PLANES.get(dtype, 1))


def _merge(planes: Sequence[Bytes], octets: Bytes, dtype: str) -> None:
    if dtype == "float32":
        kernels.merge_float32(planes, octets.view("<u4"))
    elif dtype == "bfloat16":
        kernels.merge_bfloat16(planes, octets.view("<u2"))
    else:
        kernels.merge_bytes(planes, octets)


def _encoded(plane: Bytes, *, may_be_constant: bool) -> Chunk:
    if may_be_constant and plane[0] == plane[-1] and plane.min() == plane.max():
        return Chunk(pack_format.MODE_CONSTANT, plane[:1].tobytes())
    frame = _frame(plane)
    if len(frame) < pack_format.WORTHWHILE * plane.size:
        # A copy: the frame was allocated at its worst size, and would leave a hole of the rest.
        return Chunk(pack_format.MODE_ZSTD, bytes(memoryview(frame)))
    return Chunk(pack_format.MODE_RAW, plane.data)


def _frame(plane: Bytes) -> bytes:
    sample = plane[:SAMPLE].data
    literals, matches = LITERALS.compress(sample), MATCHES.compress(sample)
    if plane.size <= SAMPLE:
        return min(literals, matches, key=len)
    return (LITERALS if len(literals) < len(matches) else MATCHES).compress(plane.data)


def _decoded(chunk: Chunk, size: int) -> Bytes:
    mode, data = chunk
    if mode == pack_format.MODE_ZSTD:
        return np.frombuffer(frames.decompress(data, size), np.uint8)
    if mode == pack_format.MODE_RAW and len(data) == size:
        return np.frombuffer(data, np.uint8)
    if mode == pack_format.MODE_CONSTANT and len(data) == 1:
        return np.full(size, data[0], np.uint8)
    raise IntegrityError(f"mode {mode} with {len(data)} stored bytes for {size}")


planes_zstd = PlanesZstd()
