"""What the first levels of a tensor say: which bits, and between which numbers an element lies."""

import numpy as np
import numpy.typing as npt

from modelhub.dtypes import numpy_dtype
from modelhub.durable import Buffer
from modelhub.errors import InputError
from modelhub.pas.encodings import Encoding

Numbers = npt.NDArray[np.float32] | npt.NDArray[np.float64]
ORDERED = ("float32", "bfloat16", "float16", "float64")  # with bounds


def known_bits(encoding: Encoding, dtype: str, levels: int) -> int:
    """The bits of an element that its first levels hold, as a mask.

    What the encoding itself makes of an element of ones: it clears the bits of other levels.
    """
    width = numpy_dtype(dtype).itemsize
    ones = b"\xff" * width
    out = bytearray(width)
    encoding.decode(encoding.encode(ones, dtype=dtype)[:levels], memoryview(out), dtype=dtype)
    return int.from_bytes(out, "little")


def levels_for(encoding: Encoding, dtype: str, bits: int) -> int:
    """The least number of levels that hold all of some bits."""
    count = len(encoding.levels(dtype))
    for levels in range(1, count):
        if bits & ~known_bits(encoding, dtype, levels) == 0:
            return levels
    return count


def bounds(raw: Buffer, dtype: str, known: int) -> tuple[Numbers, Numbers]:
    r"""Mid-points and radii: every element lies within its radius of its mid-point.

    Where the element may be infinite or no number the radius is infinite.

    Args:
        raw: the elements; bits that are not known may be anything.
        dtype: one of `ORDERED`.
        known: a mask of the bits that are known.

    Returns:
        float64 for float64, else float32.

    Raises:
        InputError: the dtype has no bounds.

    >>> centre, radius = bounds(b"\x00\x00\x80\x3f", "float32", 0xFFFF0000)
    >>> float(centre[0]), bool(radius[0] >= 1.00390625 - centre[0] - 2**-23)
    (1.00390625, True)
    """
    if dtype not in ORDERED:
        raise InputError(f"{dtype} has no levels with bounds; read the tensor whole")
    width = numpy_dtype(dtype).itemsize
    whole = (1 << 8 * width) - 1
    bits = np.frombuffer(raw, f"<u{width}")
    low = _numbers(bits & bits.dtype.type(known), dtype)
    high = _numbers(bits | bits.dtype.type(whole & ~known), dtype)
    if not known >> (8 * width - 1):
        high = np.maximum(np.abs(low), np.abs(high))
        low = -high
    return _enclosing(low, high, np.dtype(np.float64 if width == 8 else np.float32))  # noqa: PLR2004


def _numbers(bits: npt.NDArray[np.unsignedinteger], dtype: str) -> npt.NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        return bits.view(numpy_dtype(dtype)).astype(np.float64)


def _enclosing(
    low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], made: np.dtype[np.floating]
) -> tuple[Numbers, Numbers]:
    with np.errstate(invalid="ignore", over="ignore", under="ignore"):
        centre = (low / 2 + high / 2).astype(made)
        reach = np.maximum(np.abs(low - centre), np.abs(high - centre))
        radius = reach.astype(made)
        is_short = radius < reach if made != np.float64 else (low != high)
        radius = np.where(is_short, np.nextafter(radius, made.type(np.inf)), radius)
    is_open = ~(np.isfinite(low) & np.isfinite(high))
    is_exact = low == high
    centre[is_open & ~is_exact] = 0
    radius[is_open] = np.inf
    return centre, radius
