"""Minimum, maximum, mean, deviation and counts of a tensor, chunk by chunk."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from modelhub.dtypes import is_opaque, numpy_dtype
from modelhub.values import Statistics

Buffer = bytes | bytearray | memoryview
_BLOCK = 1 << 16  # elements at a time: their doubles stay in the cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """What is known about some elements, in double precision.

    Attributes:
        count: finite elements.
        low: the least finite element.
        high: the greatest finite element.
        mean: of the finite elements; not finite where their sum overflows.
        squares: sum of squared differences from the mean.
        zeros: elements equal to zero, of either sign.
        nans: elements that are not numbers.
        infinities: infinite elements, of either sign.
    """

    count: int = 0
    low: float = math.inf
    high: float = -math.inf
    mean: float = 0.0
    squares: float = 0.0
    zeros: int = 0
    nans: int = 0
    infinities: int = 0


NOTHING = Moments()


def has_statistics(dtype: str) -> bool:
    """Whether elements of this dtype have an order: neither complex nor opaque."""
    return not is_opaque(dtype) and numpy_dtype(dtype).kind != "c"


def moments(elements: Buffer, dtype: str) -> Moments:
    """Moments of one chunk of little-endian elements."""
    array = np.frombuffer(elements, dtype=numpy_dtype(dtype))
    total = NOTHING
    with np.errstate(all="ignore"):
        widen = _widener(dtype)
        for start in range(0, array.size, _BLOCK):
            total = combine(total, _block_moments(widen(array[start : start + _BLOCK])))
    return total


def combine(first: Moments, second: Moments) -> Moments:
    """Moments of the elements of both.

    Source:
        Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing
        sample variances", 1979.
    """
    mean, squares = first.mean, first.squares
    count = first.count + second.count
    if second.count and not first.count:
        mean, squares = second.mean, second.squares
    elif second.count:
        share = second.count / count
        delta = second.mean - first.mean
        mean += delta * share
        squares += second.squares + delta * delta * first.count * share
    return Moments(
        count=count,
        low=min(first.low, second.low),
        high=max(first.high, second.high),
        mean=mean,
        squares=squares,
        zeros=first.zeros + second.zeros,
        nans=first.nans + second.nans,
        infinities=first.infinities + second.infinities,
    )


def statistics_of(total: Moments) -> Statistics:
    """What is recorded; a mean or deviation that overflows is None, as it is not a number."""
    if not total.count:
        low = high = mean = std = None
    else:
        low, high = total.low, total.high
        # Rounding may carry the mean of equal elements past them.
        mean = _finite(min(max(total.mean, low), high) if math.isfinite(total.mean) else math.nan)
        std = _finite(math.sqrt(total.squares / total.count)) if total.squares >= 0 else None
    return Statistics(
        min=low,
        max=high,
        mean=mean,
        std=std,
        zeros=total.zeros,
        nans=total.nans,
        infinities=total.infinities,
    )


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _block_moments(block: npt.NDArray[Any]) -> Moments:
    low, high = float(block.min()), float(block.max())
    nans = infinities = 0
    if not (math.isfinite(low) and math.isfinite(high)):
        nans = int(np.count_nonzero(np.isnan(block)))
        infinities = int(np.count_nonzero(np.isinf(block)))
        block = block[np.isfinite(block)]
        if not block.size:
            return Moments(nans=nans, infinities=infinities)
        low, high = float(block.min()), float(block.max())
    doubles = block.astype(np.float64)
    mean = float(doubles.mean())
    doubles -= mean
    np.multiply(doubles, doubles, out=doubles)
    return Moments(
        count=block.size,
        low=low,
        high=high,
        mean=mean,
        squares=float(doubles.sum()),
        zeros=int(np.count_nonzero(block == 0)),
        nans=nans,
        infinities=infinities,
    )


Widener = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]


@cache
def _widener(dtype: str) -> Widener:
    """How to make elements that NumPy is quick at; each of them keeps its value."""
    narrow = numpy_dtype(dtype)
    if dtype == "float16":
        return lambda array: array.astype(np.float64)
    if dtype == "bfloat16":
        return lambda array: array.astype(np.float32)
    if narrow.kind in "biu" or narrow.itemsize > 1:
        return lambda array: array
    table = np.arange(256, dtype=np.uint8).view(narrow).astype(np.float32)
    return lambda array: table.take(array.view(np.uint8))
