"""Levels of numbers, in NumPy: the definition that every faster kernel must equal.

Elements are little-endian unsigned integers of their width; a level has one byte an element.
Splitting goes through 8- and 16-bit views: a shift of wide integers followed by a narrowing copy
moves several times the bytes. Merging widens instead: unlike a copy to every second or fourth
byte, widening and arithmetic on contiguous integers are vectorized, and so are products where
shifts are not.

>>> import numpy as np
>>> planes = split_float32(np.array([1.0, -2.0], "<f4").view("<u4"))
>>> [plane.tolist() for plane in planes]
[[127, 128], [0, 128], [0, 0], [0, 0]]
>>> out = np.empty(2, "<u4")
>>> merge_float32(planes, out)
>>> out.view("<f4").tolist()
[1.0, -2.0]
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from modelhub.durable import Buffer
from modelhub.pas.kernels import streams
from modelhub.pas.kernels.contexts import Contexts
from modelhub.pas.kernels.differences import differences, restored
from modelhub.pas.kernels.schemes import BITS, Delta, Scheme
from modelhub.pas.kernels.streams import Stream

Bytes: TypeAlias = npt.NDArray[np.uint8]
Words: TypeAlias = npt.NDArray[np.uint16]

_SIGN = np.uint16(0x80)
_MANTISSA = np.uint16(0x7F)
_EXPONENT = np.uint16(0xFF)
_LOW_7, _LOW_4, _LOW_3 = np.uint8(127), np.uint8(15), np.uint8(7)
_BY_7, _BY_4 = np.uint8(7), np.uint8(4)
_TWICE = np.uint16(0x0101)  # a factor that puts a byte into both halves of a word
_SIGN_AND_MANTISSA = np.uint16(0x807F)
_WORDS: dict[Scheme, np.dtype[np.unsignedinteger]] = {
    Scheme.FLOAT32: np.dtype("<u4"),
    Scheme.BFLOAT16: np.dtype("<u2"),
    Scheme.FLOAT16: np.dtype("<u2"),
    Scheme.FLOAT64: np.dtype("<u8"),
}


def split_bfloat16(words: Words) -> list[Bytes]:
    """Exponent, then sign and mantissa, of (n,) bfloat16 values."""
    exponent = words >> np.uint16(7)
    exponent &= _EXPONENT
    rest = words >> np.uint16(8)
    rest &= _SIGN
    rest |= words & _MANTISSA
    return [exponent.astype(np.uint8), rest.astype(np.uint8)]


def merge_bfloat16(planes: Sequence[Bytes], out: Words) -> None:
    """Undo `split_bfloat16`, into (n,) words that may be strided."""
    out[:] = _upper(*planes)


def _upper(exponent: Bytes, rest: Bytes) -> Words:
    words = rest.astype(np.uint16)
    words *= _TWICE  # the sign to bit 15, the mantissa where it is
    words &= _SIGN_AND_MANTISSA
    shifted = exponent.astype(np.uint16)
    shifted *= np.uint16(1 << 7)
    words |= shifted
    return words


def split_float32(words: npt.NDArray[np.uint32]) -> list[Bytes]:
    """Exponent; sign and seven mantissa bits; two bytes of mantissa; of (n,) values."""
    octets = words.view(np.uint8)
    upper = split_bfloat16(np.ascontiguousarray(words.view(np.uint16)[1::2]))
    return [*upper, octets[1::4].copy(), octets[0::4].copy()]


def merge_float32(planes: Sequence[Bytes], out: npt.NDArray[np.uint32]) -> None:
    """Undo `split_float32`, into (n,) contiguous words."""
    out[:] = _upper(planes[0], planes[1])
    out <<= np.uint32(16)
    lower = planes[2].astype(np.uint16)
    lower *= np.uint16(1 << 8)
    lower |= planes[3]
    out |= lower


def split_bytes(octets: Bytes, width: int) -> list[Bytes]:
    """The bytes of (n * width,) octets, the most significant of each element first."""
    return [octets[position::width].copy() for position in reversed(range(width))]


def merge_bytes(planes: Sequence[Bytes], out: Bytes) -> None:
    """Undo `split_bytes`, into (n * width,) octets."""
    width = len(planes)
    for position, plane in zip(reversed(range(width)), planes, strict=True):
        out[position::width] = plane


def split(group: Buffer, *, scheme: Scheme, width: int) -> list[Bytes]:
    """The symbols of each stream of a group (tensor-encoding.md §2)."""
    octets = np.frombuffer(group, np.uint8)
    if scheme is Scheme.FLOAT32:
        exponent, rest, *lower = split_float32(octets.view("<u4"))
        return [exponent, rest >> _BY_7, rest & _LOW_7, *lower]
    if scheme is Scheme.BFLOAT16:
        exponent, rest = split_bfloat16(octets.view("<u2"))
        return [exponent, rest >> _BY_7, rest & _LOW_7]
    if scheme is Scheme.FLOAT64:
        first, second, *lower = split_bytes(octets, 8)
        exponent = (first << _BY_4) | (second >> _BY_4)
        return [(first >> _BY_4) & _LOW_3, exponent, first >> _BY_7, second & _LOW_4, *lower]
    return split_bytes(octets, width)


def merge(planes: Sequence[Bytes], out: Bytes, *, scheme: Scheme) -> None:
    """Undo `split`, into contiguous octets."""
    if scheme is Scheme.FLOAT32:
        exponent, sign, rest, *lower = planes
        merge_float32([exponent, (sign << _BY_7) | rest, *lower], out.view("<u4"))
    elif scheme is Scheme.BFLOAT16:
        exponent, sign, rest = planes
        merge_bfloat16([exponent, (sign << _BY_7) | rest], out.view("<u2"))
    elif scheme is Scheme.FLOAT64:
        high, exponent, sign, rest, *lower = planes
        first = (sign << _BY_7) | (high << _BY_4) | (exponent >> _BY_4)
        merge_bytes([first, (exponent << _BY_4) | rest, *lower], out)
    else:
        merge_bytes(planes, out)


def packed_planes(group: Buffer, *, scheme: Scheme, width: int) -> list[bytes]:
    """What the raw streams of a group would hold."""
    planes = split(group, scheme=scheme, width=width)
    bits = BITS.get(scheme, (8,) * width)
    return [streams.pack(plane, each) for plane, each in zip(planes, bits, strict=True)]


class Reference:
    """The kernel that is the definition."""

    name = "reference"

    def encode(
        self,
        group: Buffer,
        *,
        scheme: Scheme,
        width: int,
        base: Buffer | None = None,
        delta: Delta = Delta.NONE,
    ) -> list[Stream]:
        """The streams of a group of whole elements, which are `width` bytes wide."""
        bits = BITS.get(scheme, (8,) * width)
        planes = split(group, scheme=scheme, width=width)
        if delta is Delta.SUB and base is not None:
            words = np.frombuffer(group, _WORDS[scheme]) - np.frombuffer(base, _WORDS[scheme])
            stored = split(words.view(np.uint8).data, scheme=scheme, width=width)
            return [streams.encode(*pair, is_delta=True) for pair in zip(stored, bits, strict=True)]
        bases = None if base is None else split(base, scheme=scheme, width=width)
        stored = differences(planes, bases, bits=bits, delta=delta) if bases else planes
        known = Contexts(scheme, bits, len(planes[0]), bases)
        found = []
        for plane, symbols, each in zip(planes, stored, bits, strict=True):
            contexts = known if bases or known.may_tell() else None
            found.append(streams.encode(symbols, each, contexts, is_delta=bases is not None))
            known.learn(plane)
        return found

    def decode(
        self,
        coded: Sequence[Stream],
        out: memoryview,
        *,
        scheme: Scheme,
        width: int,
        base: Buffer | None = None,
        delta: Delta = Delta.NONE,
    ) -> None:
        """Write the elements of a group into `out`, which says how many there are.

        Args:
            coded: all streams, or the first; symbols of all others become zero.
            out: where they go.
            scheme: of the group.
            width: of an element.
            base: as many bytes as `out`, if there is a delta.
            delta: by which the streams are differences.

        Raises:
            ValueError: no such streams come from `encode`.
        """
        octets = np.frombuffer(out, np.uint8)
        bits = BITS.get(scheme, (8,) * width)
        if not 0 < len(coded) <= len(bits):
            raise ValueError("other streams than the scheme has")
        count = octets.size // width
        if delta is Delta.SUB and base is not None:
            planes = [streams.decode(*pair) for pair in _with_counts(coded, count, bits)]
            merge(_filled(planes, bits, count), octets, scheme=scheme)
            octets.view(_WORDS[scheme])[:] += np.frombuffer(base, _WORDS[scheme])
            return
        bases = None if base is None else split(base, scheme=scheme, width=width)
        known = Contexts(scheme, bits, count, bases)
        planes = []
        for number, (stream, each) in enumerate(zip(coded, bits, strict=False)):
            plane = streams.decode(stream, count, each, known)
            if bases is not None:
                plane = restored(plane, bases[number], bits=each, delta=delta)
            known.learn(plane)
            planes.append(plane)
        merge(_filled(planes, bits, count), octets, scheme=scheme)


def _with_counts(
    coded: Sequence[Stream], count: int, bits: Sequence[int]
) -> list[tuple[Stream, int, int]]:
    return [(stream, count, each) for stream, each in zip(coded, bits, strict=False)]


def _filled(planes: list[Bytes], bits: Sequence[int], count: int) -> list[Bytes]:
    return [*planes, *[np.zeros(count, np.uint8)] * (len(bits) - len(planes))]


reference = Reference()
