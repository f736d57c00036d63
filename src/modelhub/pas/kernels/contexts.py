"""What is known of a symbol before it is read: its context (tensor-encoding.md §6).

In NumPy: the definition.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from modelhub.pas.kernels.schemes import SIGN, Scheme

Bytes: TypeAlias = npt.NDArray[np.uint8]

CLASSES = 16
_FLIPPED = 5  # status of an element whose sign differs from its base's
_CLIP = 2


class Contexts:
    """The contexts of the streams of a group, as one after the other becomes known.

    Args:
        scheme: of the group.
        bits: of a symbol of each stream.
        count: elements.
        bases: the streams of the base; None for a group that is stored whole.
    """

    def __init__(
        self, scheme: Scheme, bits: Sequence[int], count: int, bases: Sequence[Bytes] | None
    ) -> None:
        self._scheme = scheme
        self._bits = bits
        self._bases = bases
        self._known: list[Bytes] = []
        self._moved = np.zeros(count, np.int16)  # from the base, by the streams that are known
        self._is_flipped = np.zeros(count, bool)
        self.count = CLASSES * (6 if bases is not None else 1)

    def learn(self, plane: Bytes) -> None:
        """The next stream is known."""
        number = len(self._known)
        self._known.append(plane)
        if self._bases is None:
            return
        base = self._bases[number]
        if SIGN.get(self._scheme) == number:
            self._is_flipped = plane != base
            return
        if self._scheme is Scheme.FLOAT16 and number == 0:
            self._is_flipped = (plane ^ base) >> np.uint8(7) > 0
            plane, base = plane & np.uint8(127), base & np.uint8(127)
        moved = self._moved * np.int16(1 << self._bits[number])
        moved += plane.astype(np.int16)
        moved -= base
        self._moved = moved.clip(-_CLIP, _CLIP)

    def exponents(self) -> npt.NDArray[np.uint16] | None:
        """Of the base, or of the group itself; None if they are not known, or there are none."""
        planes = self._known if self._bases is None else self._bases
        if self._scheme in (Scheme.FLOAT32, Scheme.BFLOAT16) and planes:
            return planes[0].astype(np.uint16)
        if self._scheme is Scheme.FLOAT16 and planes:
            return (planes[0] >> np.uint8(2)).astype(np.uint16) & np.uint16(31)
        if self._scheme is Scheme.FLOAT64 and len(planes) > 1:
            return planes[0].astype(np.uint16) << np.uint16(8) | planes[1]
        return None

    def may_tell(self) -> bool:
        """Whether so many elements are zero that their other streams are worth a context."""
        exponents = self.exponents()
        return exponents is not None and 64 * int((exponents == 0).sum()) >= exponents.size

    def of_next(self, top: int) -> Bytes:
        """The context of each symbol of the next stream."""
        exponents = self.exponents()
        classes = np.zeros(self._moved.size, np.uint8)
        if exponents is not None:
            classes = (top - exponents.astype(np.int64)).clip(0, CLASSES - 1).astype(np.uint8)
        if self._bases is None:
            return classes
        status = (self._moved + np.int16(_CLIP)).astype(np.uint8)
        status[self._is_flipped] = _FLIPPED
        return status * np.uint8(CLASSES) + classes

    def top(self) -> int:
        """One above the greatest exponent that is not rare: the writer's choice (§8)."""
        exponents = self.exponents()
        if exponents is None:
            return 0
        counts = np.bincount(exponents, minlength=1)
        at_least = np.cumsum(counts[::-1])[::-1]
        return int(np.flatnonzero(at_least > exponents.size // 1000)[-1]) + 1
