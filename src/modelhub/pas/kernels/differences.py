"""Differences of the streams of a group from those of its base (tensor-encoding.md §6).

In NumPy: the definition.

>>> child, base = [np.array([1, 0], np.uint8)], [np.array([2, 0], np.uint8)]
>>> differences(child, base, bits=(7,), delta=Delta.HIER_SUB)[0].tolist()
[127, 0]
>>> differences(child, base, bits=(7,), delta=Delta.XOR)[0].tolist()
[3, 0]
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from modelhub.pas.kernels.schemes import Delta

Bytes: TypeAlias = npt.NDArray[np.uint8]


def differences(
    planes: Sequence[Bytes], bases: Sequence[Bytes], *, bits: Sequence[int], delta: Delta
) -> list[Bytes]:
    """What is to be stored of streams of symbols of `bits` bits."""
    if delta is Delta.XOR:
        return [plane ^ base for plane, base in zip(planes, bases, strict=True)]
    return [
        (plane - base) & _mask(each) for plane, base, each in zip(planes, bases, bits, strict=True)
    ]


def restored(stored: Bytes, base: Bytes, *, bits: int, delta: Delta) -> Bytes:
    """One stream again."""
    if delta is Delta.XOR:
        return stored ^ base
    return (stored + base) & _mask(bits)


def _mask(bits: int) -> np.uint8:
    return np.uint8((1 << bits) - 1)
