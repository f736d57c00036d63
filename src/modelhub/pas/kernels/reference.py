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

Bytes: TypeAlias = npt.NDArray[np.uint8]
Words: TypeAlias = npt.NDArray[np.uint16]

_SIGN = np.uint16(0x80)
_MANTISSA = np.uint16(0x7F)
_EXPONENT = np.uint16(0xFF)
_TWICE = np.uint16(0x0101)  # a factor that puts a byte into both halves of a word
_SIGN_AND_MANTISSA = np.uint16(0x807F)


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
