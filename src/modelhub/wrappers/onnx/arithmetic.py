"""Sizes that a graph computes of sizes: Shape, Gather, Concat and their kin, evaluated.

Exporters write `Reshape(x, Concat(Shape(x)[0], -1))`; what such an operator gives is then known,
in numbers and symbols. Each value has at most 64 elements, and an expression a bounded length.

Source: https://github.com/onnx/onnx/blob/main/docs/Operators.md
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from modelhub.network import Attribute, Extent, Value
from modelhub.wrappers.onnx.values import MAX_ELEMENTS

MAX_LENGTH = 200  # characters of an expression
MAX_NUMBER = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The elements of a small value that holds sizes.

    Attributes:
        elements: numbers, and expressions in symbols.
        is_scalar: whether it has no axis; else it has one.
    """

    elements: tuple[Extent, ...]
    is_scalar: bool = False


Given: TypeAlias = Sequence[Contents | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """An operator that may compute sizes.

    Attributes:
        operator: its name.
        inputs: what its inputs hold, None where that is not known.
        first: what is known of the shape of its first input.
        attributes: its attributes.
    """

    operator: str
    inputs: Given
    first: Value | None
    attributes: Mapping[str, Attribute]


def contents_of(number: Attribute) -> Contents | None:
    """A small constant, if it holds whole numbers.

    >>> contents_of([2, -1])
    Contents(elements=(2, -1), is_scalar=False)
    """
    flat = number if isinstance(number, list | tuple) else [number]
    if not all(isinstance(each, int) and not isinstance(each, bool) for each in flat):
        return None
    elements = tuple(each for each in flat if isinstance(each, int))
    return Contents(elements=elements, is_scalar=flat is not number)


def evaluated(counting: Counting) -> Contents | None:
    """What an operator gives; None if it computes no sizes, or what it gives is not sure."""
    rule = _RULES.get(counting.operator)
    if rule is None:
        return None
    try:
        found = rule(counting)
    except (IndexError, TypeError, ValueError, ZeroDivisionError):
        return None
    return found if found is not None and _is_bounded(found) else None


def _is_bounded(found: Contents) -> bool:
    return len(found.elements) <= MAX_ELEMENTS and all(
        abs(each) <= MAX_NUMBER if isinstance(each, int) else len(each) <= MAX_LENGTH
        for each in found.elements
    )


def _whole(given: Given) -> list[Contents]:
    """All inputs that are there.

    Raises:
        ValueError: one of them is not known.
    """
    known = [each for each in given if each is not None]
    if len(known) < len(given):
        raise ValueError("an input is not known")
    return known


def _numbers(contents: Contents) -> list[int]:
    """Elements that must be numbers.

    Raises:
        ValueError: one is an expression.
    """
    found = [each for each in contents.elements if isinstance(each, int)]
    if len(found) < len(contents.elements):
        raise ValueError("an element is no number")
    return found


def _shape(counting: Counting) -> Contents | None:
    if counting.first is None or not counting.first.dtype:
        return None
    start, end = (counting.attributes.get(name) for name in ("start", "end"))
    bounds = slice(*(each if isinstance(each, int) else None for each in (start, end)))
    return Contents(elements=tuple(counting.first.shape[bounds]))


def _size(counting: Counting) -> Contents | None:
    if counting.first is None or not counting.first.dtype:
        return None
    product: Extent = 1
    for extent in counting.first.shape:
        product = _computed("*", product, extent)
    return Contents(elements=(product,), is_scalar=True)


def _gather(counting: Counting) -> Contents | None:
    data, places = _whole(counting.inputs)
    if data.is_scalar or counting.attributes.get("axis", 0) not in (0, -1):
        return None
    elements = tuple(data.elements[place] for place in _numbers(places))
    return Contents(elements=elements, is_scalar=places.is_scalar)


def _concat(counting: Counting) -> Contents | None:
    parts = _whole(counting.inputs)
    if any(part.is_scalar for part in parts):
        return None
    return Contents(elements=tuple(each for part in parts for each in part.elements))


def _unsqueeze(counting: Counting) -> Contents | None:
    data, *_ = _whole(counting.inputs)
    return Contents(elements=data.elements) if data.is_scalar else None


def _squeeze(counting: Counting) -> Contents | None:
    data, *_ = _whole(counting.inputs)
    is_one = not data.is_scalar and len(data.elements) == 1
    return Contents(elements=data.elements, is_scalar=True) if is_one else None


def _same(counting: Counting) -> Contents | None:
    (data,) = _whole(counting.inputs)
    return data


def _slice(counting: Counting) -> Contents | None:
    data, *bounds = _whole(counting.inputs)
    named = [counting.attributes.get(name) for name in ("starts", "ends")]
    if not bounds:  # before operator set 10, bounds were attributes
        found = [contents_of(each) for each in named if each is not None]
        bounds = _whole(found)
    start, end, *rest = (_numbers(each) for each in bounds)
    step = rest[1] if len(rest) > 1 else [1]
    if len(start) != 1 or len(end) != 1 or len(step) != 1 or data.is_scalar:
        return None
    return Contents(elements=data.elements[start[0] : end[0] : step[0]])


def _arithmetic(sign: str) -> Callable[[Counting], Contents | None]:
    def rule(counting: Counting) -> Contents | None:
        one, other = _whole(counting.inputs)
        first, second = list(one.elements), list(other.elements)
        count = max(len(first), len(second))
        if {len(first), len(second)} - {1, count}:
            return None
        pairs = zip(first * (count // len(first)), second * (count // len(second)), strict=True)
        elements = tuple(_computed(sign, a, b) for a, b in pairs)
        return Contents(elements=elements, is_scalar=one.is_scalar and other.is_scalar)

    return rule


def _computed(sign: str, one: Extent, other: Extent) -> Extent:
    """Arithmetic on extents; sizes are divided as ONNX does, and only where both signs agree.

    Raises:
        ValueError: a number is negative where it would be divided.
    """
    if isinstance(one, int) and isinstance(other, int):
        if sign == "//" and (one < 0 or other <= 0):
            raise ValueError("no size is divided so")
        return {"+": one + other, "-": one - other, "*": one * other}.get(
            sign, one // other if other else 0
        )
    if (sign in "+-" and other == 0) or (sign in ("*", "//") and other == 1):
        return one
    if (sign == "+" and one == 0) or (sign == "*" and one == 1):
        return other
    if any(isinstance(each, int) and each < 0 for each in (one, other)):
        raise ValueError("a negative number among sizes")
    return f"({one}){sign}({other})" if sign != "+" else f"({one} + {other})"


_RULES: Mapping[str, Callable[[Counting], Contents | None]] = {
    "Shape": _shape,
    "Size": _size,
    "Gather": _gather,
    "Concat": _concat,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Slice": _slice,
    "Cast": _same,
    "Identity": _same,
    "Add": _arithmetic("+"),
    "Sub": _arithmetic("-"),
    "Mul": _arithmetic("*"),
    "Div": _arithmetic("//"),
}
