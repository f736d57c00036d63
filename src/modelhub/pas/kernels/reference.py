"""Levels of numbers, in NumPy: the definition that every faster kernel must equal.

Elements are little-endian unsigned integers of their width; a level has one byte an element.
Work goes through 8- and 16-bit views: a shift of wide integers followed by a narrowing copy
moves several times the bytes.

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
    words = planes[0].astype(np.uint16)
    words <<= np.uint16(7)
    rest = planes[1].astype(np.uint16)
    words |= rest & _MANTISSA
    rest &= _SIGN
    rest <<= np.uint16(8)
    words |= rest
    out[:] = words


def split_float32(words: npt.NDArray[np.uint32]) -> list[Bytes]:
    """Exponent; sign and seven mantissa bits; two bytes of mantissa; of (n,) values."""
    octets = words.view(np.uint8)
    upper = split_bfloat16(np.ascontiguousarray(words.view(np.uint16)[1::2]))
    return [*upper, octets[1::4].copy(), octets[0::4].copy()]


def merge_float32(planes: Sequence[Bytes], out: npt.NDArray[np.uint32]) -> None:
    """Undo `split_float32`, into (n,) contiguous words."""
    octets = out.view(np.uint8)
    merge_bfloat16(planes[:2], out.view(np.uint16)[1::2])
    octets[1::4] = planes[2]
    octets[0::4] = planes[3]


def split_bytes(octets: Bytes, width: int) -> list[Bytes]:
    """The bytes of (n * width,) octets, the most significant of each element first."""
    return [octets[position::width].copy() for position in reversed(range(width))]


def merge_bytes(planes: Sequence[Bytes], out: Bytes) -> None:
    """Undo `split_bytes`, into (n * width,) octets."""
    width = len(planes)
    for position, plane in zip(reversed(range(width)), planes, strict=True):
        out[position::width] = plane
