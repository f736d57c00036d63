"""How many positions a window takes along an axis, in numbers or in symbols."""

from collections.abc import Sequence

from modelhub.network.graph import Extent


def window_extent(
    extent: Extent,
    kernel: int,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    is_ceil: bool = False,
) -> Extent | None:
    """Positions of a window along an axis; None if the axis is shorter than the window.

    Args:
        extent: of the axis.
        kernel: elements of the window.
        stride: steps from one position to the next; at least 1.
        padding: what is added to the axis, before and behind together.
        dilation: steps from one element of the window to the next.
        is_ceil: whether a last position that is only partly filled counts.

    >>> window_extent(224, 11, stride=4, padding=4)
    55
    >>> window_extent("h", 3, stride=2, padding=2)
    '(h - 1)//2 + 1'
    """
    if min(kernel, stride, dilation) < 1:
        return None
    slack = padding - dilation * (kernel - 1) - 1 + (stride - 1 if is_ceil else 0)
    if isinstance(extent, int):
        return (extent + slack) // stride + 1 if extent + slack >= 0 else None
    if stride == 1:
        return plus(extent, slack + 1)
    return f"({plus(extent, slack)})//{stride} + 1"


def plus(extent: Extent, amount: int) -> Extent:
    """An extent and a number.

    >>> plus("s0", -2)
    's0 - 2'
    """
    if isinstance(extent, int):
        return extent + amount
    if amount == 0:
        return extent
    return f"{extent} {'+' if amount > 0 else '-'} {abs(amount)}"


def times(extents: Sequence[Extent]) -> Extent:
    """The product of extents, numbers first.

    >>> times([2, "s0", 3])
    '6*s0'
    """
    number = 1
    symbols: list[str] = []
    for extent in extents:
        if isinstance(extent, int):
            number *= extent
        else:
            symbols.append(extent if extent.isidentifier() else f"({extent})")
    if not symbols or number == 0:
        return number
    return "*".join([*([str(number)] if number != 1 else []), *symbols])
