"""How far two tensors of equal shape lie apart: exactly, or from a sample of their elements."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite, prod, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from modelhub.values import Shape

Array = npt.NDArray[Any]
Reader = Callable[[int, int], Array]  # elements start … stop - 1 of a tensor taken flat

PIECE = 1 << 18  # elements that are compared at a time: a group of the archive
SAMPLE = 1 << 16  # elements of a piece that are compared where not all pieces are
RANK_ELEMENTS = 1 << 20  # of the largest difference whose stable rank is estimated
ROUNDS = 12  # of power iteration
MATRIX = 2  # axes


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far a tensor lies from another one, over elements that are finite in both.

    Attributes:
        relative_change: norm of the difference over the norm of the first; None if that is 0.
        cosine: of the angle between the two; None if one is 0.
        share_changed: share of elements whose bytes differ.
        stable_rank: of the difference as a matrix of rows: its squared Frobenius norm over its
            squared spectral norm; None for vectors, large tensors, and where nothing differs.
        share_read: share of the elements that were read; the numbers are exact if it is 1.
    """

    relative_change: float | None
    cosine: float | None
    share_changed: float
    stable_rank: float | None
    share_read: float


def distance(before: Reader, after: Reader, shape: Shape, *, pieces: int | None = None) -> Distance:
    """Compare two tensors piece by piece.

    Args:
        before: reads the first one.
        after: reads the second one.
        shape: of both.
        pieces: how many pieces may be read, spread evenly; all if None. If there are more, the
            beginning of each is compared.

    Memory: two pieces; of tensors of at most `RANK_ELEMENTS` elements their difference, too.
    """
    elements = prod(shape)
    chosen = list(_chosen(elements, pieces))
    sums = _Sums()
    parts = [sums.add(before(a, b), after(a, b), keep=_is_ranked(shape)) for a, b in chosen]
    is_whole = sums.elements == elements
    return Distance(
        relative_change=_ratio(sums.difference, sums.before),
        cosine=_cosine(sums),
        share_changed=sums.unequal / sums.elements if sums.elements else 0.0,
        stable_rank=_stable_rank(parts, shape) if is_whole and _is_ranked(shape) else None,
        share_read=sums.elements / elements if elements else 1.0,
    )


def _chosen(elements: int, pieces: int | None) -> Iterator[tuple[int, int]]:
    """The pieces to read: all, or so many that lie evenly; the same each time."""
    count = -(-elements // PIECE)
    wanted = count if pieces is None else max(1, min(pieces, count))
    length = PIECE if wanted == count else SAMPLE
    for number in range(wanted if count else 0):
        place = (2 * number + 1) * count // (2 * wanted)
        yield place * PIECE, min(place * PIECE + length, elements)


def _is_ranked(shape: Shape) -> bool:
    return len(shape) >= MATRIX and prod(shape) <= RANK_ELEMENTS


@dataclass
class _Sums:
    """What pieces add up to."""

    difference: float = 0.0
    before: float = 0.0
    after: float = 0.0
    product: float = 0.0
    unequal: int = 0
    elements: int = 0

    def add(self, one: Array, other: Array, *, keep: bool) -> Array | None:
        """Add a pair of pieces; their difference, where it is to be kept."""
        self.elements += one.size
        self.unequal += int(np.count_nonzero(_bits(one) != _bits(other)))
        with np.errstate(over="ignore", invalid="ignore"):
            old, new = _numbers(one), _numbers(other)
            finite = np.isfinite(old) & np.isfinite(new)
            if not finite.all():
                old, new = np.where(finite, old, 0), np.where(finite, new, 0)
            moved = new - old
            self.difference += _square(moved)
            self.before += _square(old)
            self.after += _square(new)
            self.product += _product(old, new)
        return moved if keep else None


def _product(one: Array, other: Array) -> float:
    """The real part of an inner product; not by BLAS, whose threads cost more than the sum."""
    flat = one.reshape(-1), other.reshape(-1).conj()
    return float(np.einsum("i,i->", *flat).real)


def _square(array: Array) -> float:
    return _product(array, array)


def _ratio(difference: float, norm: float) -> float | None:
    return sqrt(difference / norm) if norm > 0 and isfinite(difference / norm) else None


def _cosine(sums: _Sums) -> float | None:
    norms = sqrt(sums.before) * sqrt(sums.after)
    if not norms > 0 or not isfinite(norms):
        return None
    return max(-1.0, min(1.0, sums.product / norms))


def _stable_rank(parts: Sequence[Array | None], shape: Shape) -> float | None:
    """From a few rounds of power iteration, which begin at the row of the greatest norm."""
    kept = [part for part in parts if part is not None]
    moved = np.concatenate(kept).reshape(shape[0], -1) if kept else np.zeros((1, 1))
    with np.errstate(over="ignore", invalid="ignore"):
        total = _square(moved)
        if not total > 0 or not isfinite(total):
            return None
        vector = moved[int(np.argmax(np.sum(np.abs(moved) ** 2, axis=1)))].conj()
        for _ in range(ROUNDS):
            vector = moved.conj().T @ (moved @ vector)
            length = sqrt(_square(vector))
            if not length > 0 or not isfinite(length):
                return None
            vector /= length
        return total / _square(moved @ vector)


def _bits(array: Array) -> Array:
    """Elements as bytes, so that NaN equals itself and -0 differs from 0."""
    width = array.dtype.itemsize
    return array.view({1: "u1", 2: "u2", 4: "u4", 8: "u8"}.get(width, f"V{width}"))


def _numbers(array: Array) -> Array:
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
