"""Encoding `levels-rans`: streams of bits, by rANS where that pays (tensor-encoding.md)."""

from collections.abc import Sequence
from itertools import pairwise

from modelhub.dtypes import numpy_dtype
from modelhub.durable import Buffer
from modelhub.errors import InputError, IntegrityError
from modelhub.pas import format as pack_format
from modelhub.pas import frames
from modelhub.pas.encodings.base import Chunk
from modelhub.pas.encodings.matching import MATCHES, does_repeat
from modelhub.pas.kernels import (
    BITS,
    Delta,
    Kernel,
    Scheme,
    Stream,
    kernel,
    packed_planes,
)

_HEAD = pack_format.STREAM_HEAD
_FLOATS = {
    "float32": (Scheme.FLOAT32, 4),
    "complex64": (Scheme.FLOAT32, 4),
    "bfloat16": (Scheme.BFLOAT16, 2),
    "float16": (Scheme.FLOAT16, 2),
    "float64": (Scheme.FLOAT64, 8),
    "complex128": (Scheme.FLOAT64, 8),
}
_DELTAS = {"hier-sub": Delta.HIER_SUB, "xor": Delta.XOR, "sub": Delta.SUB}
_LEVELS = {  # where a level begins and ends among the streams
    Scheme.FLOAT32: (0, 2, 3, 4, 5),
    Scheme.BFLOAT16: (0, 2, 3),
    Scheme.FLOAT16: (0, 1, 2),
    Scheme.FLOAT64: (0, 3, 4, 5, 6, 7, 8, 9, 10),
}


class LevelsRans:
    """Several levels for floats, one for the rest.

    Args:
        using: the kernel; that of the settings if None.
    """

    name = pack_format.LEVELS_RANS
    has_deltas = True

    def __init__(self, using: Kernel | None = None) -> None:
        self._using = using

    def levels(self, dtype: str) -> tuple[int, ...]:
        """Decoded bytes an element of each level, a sign that is moved up not counted."""
        if dtype not in _FLOATS:
            return (numpy_dtype(dtype).itemsize,)
        scheme, width = _FLOATS[dtype]
        count = len(_LEVELS[scheme]) - 1
        return (numpy_dtype(dtype).itemsize // width,) * count

    def encode(
        self, group: Buffer, *, dtype: str, base: Buffer | None = None, delta: str = "hier-sub"
    ) -> list[Chunk]:
        """One chunk a level; as differences from a base where that is smaller."""
        kind = _delta_called(delta)
        whole = self._encode(group, dtype)
        if base is None:
            return whole
        if len(base) != len(group):
            raise InputError(f"a base of {len(base)} bytes for a group of {len(group)}")
        scheme, width = _unit_of(whole, dtype)
        kind = Delta.HIER_SUB if dtype not in _FLOATS else kind
        streams = self._kernel.encode(group, scheme=scheme, width=width, base=base, delta=kind)
        found = _chunks(scheme, width, streams, kind)
        return min(found, whole, key=lambda chunks: sum(len(chunk.data) for chunk in chunks))

    def _encode(self, group: Buffer, dtype: str) -> list[Chunk]:
        if dtype in _FLOATS:
            scheme, width = _FLOATS[dtype]
            return _chunks(scheme, width, self._streams(group, scheme, width))
        width = numpy_dtype(dtype).itemsize
        found = [_chunks(Scheme.BYTES, 1, self._streams(group, Scheme.BYTES, 1))]
        if width > 1:
            found += [_chunks(Scheme.PLANES, width, self._streams(group, Scheme.PLANES, width))]
        return min(found, key=lambda chunks: len(chunks[0].data))

    def decode(
        self,
        chunks: Sequence[Chunk],
        out: memoryview,
        *,
        dtype: str,
        base: Buffer | None = None,
    ) -> None:
        """Write the elements into `out`."""
        scheme, width, delta = _scheme_of(chunks, dtype)
        bits = BITS.get(scheme, (8,) * width)
        count = len(out) // width
        bounds = _LEVELS.get(scheme, (0, len(bits)))
        if len(chunks) >= len(bounds):
            raise IntegrityError(f"{len(chunks)} levels where {dtype} has {len(bounds) - 1}")
        if delta is Delta.SUB and len(chunks) < len(bounds) - 1:
            raise InputError("differences by `sub` cannot be read by their first levels; read all")
        if delta and (base is None or len(base) != len(out)):
            raise IntegrityError("a group that needs a base has none of its size")
        streams = [
            each
            for chunk, (begin, end) in zip(chunks, pairwise(bounds), strict=False)
            for each in _streams(chunk.data, bits[begin:end], count)
        ]
        used = base if delta else None
        try:
            self._kernel.decode(streams, out, scheme=scheme, width=width, base=used, delta=delta)
        except ValueError as error:
            raise IntegrityError(str(error)) from error

    @property
    def _kernel(self) -> Kernel:
        return self._using or kernel()

    def _streams(self, group: Buffer, scheme: Scheme, width: int) -> list[Stream]:
        """What the kernel makes, or zstd where bytes repeat."""
        streams = self._kernel.encode(group, scheme=scheme, width=width)
        if not does_repeat(group, sum(len(data) for _, data in streams)):
            return streams
        planes = packed_planes(group, scheme=scheme, width=width)
        return [_smaller(*pair) for pair in zip(streams, planes, strict=True)]


def _smaller(stream: Stream, packed: bytes) -> Stream:
    frame = MATCHES.compress(packed)
    return (pack_format.STREAM_ZSTD, frame) if len(frame) < len(stream[1]) else stream


def _delta_called(name: str) -> Delta:
    if name not in _DELTAS:
        raise InputError(f"there is no delta {name!r}; there are {', '.join(_DELTAS)}")
    return _DELTAS[name]


def _unit_of(whole: Sequence[Chunk], dtype: str) -> tuple[Scheme, int]:
    scheme, width, _ = _scheme_of(whole, dtype)
    return scheme, width


def _chunks(
    scheme: Scheme, width: int, streams: Sequence[Stream], delta: Delta = Delta.NONE
) -> list[Chunk]:
    bounds = _LEVELS.get(scheme, (0, width))
    return [Chunk(scheme + delta, _level(streams[begin:end])) for begin, end in pairwise(bounds)]


def _level(streams: Sequence[Stream]) -> bytes:
    heads = b"".join(_HEAD.pack(mode, len(data)) for mode, data in streams)
    return b"".join((heads, *(data for _, data in streams)))


def _scheme_of(chunks: Sequence[Chunk], dtype: str) -> tuple[Scheme, int, Delta]:
    """The one scheme of all levels, which the dtype can have, its unit, and its delta."""
    width = numpy_dtype(dtype).itemsize
    plain = [(Scheme.BYTES, 1), (Scheme.PLANES, width)]
    allowed = [_FLOATS[dtype]] if dtype in _FLOATS else plain
    deltas = [d for d in Delta if dtype in _FLOATS or d is not Delta.SUB]
    modes = {chunk.mode for chunk in chunks}
    for scheme, unit in allowed:
        for delta in deltas:
            if modes == {scheme + delta}:
                return scheme, unit, delta
    raise IntegrityError(f"levels of {dtype} have the schemes {sorted(modes)}")


def _streams(data: Buffer, bits: Sequence[int], count: int) -> list[Stream]:
    """The streams of a level, zstd undone.

    Raises:
        IntegrityError: they do not add up, or a frame is not of the size that it must be.
    """
    at = len(bits) * _HEAD.size
    if len(data) < at:
        raise IntegrityError("a level ends before its streams")
    found: list[Stream] = []
    for number, each in enumerate(bits):
        mode, size = _HEAD.unpack_from(data, number * _HEAD.size)
        content: Buffer = memoryview(data)[at : at + size]
        at += size
        if mode == pack_format.STREAM_ZSTD and at <= len(data):
            content = frames.decompress(content, (count * each + 7) // 8)
            mode = pack_format.STREAM_RAW
        found.append((mode, content))
    if at != len(data):
        raise IntegrityError("a level does not add up to its size")
    return found


levels_rans = LevelsRans()
