"""Functions of `keras.ops` that stand in functional models as operations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from modelhub.wrappers.keras.layers import ACTIVATIONS, broadcast, joined, reshaped
from modelhub.wrappers.keras.parts import Part, snake_case
from modelhub.wrappers.keras.rules import Described, MaybeShape, Read

_ELEMENTS = {
    **dict.fromkeys(("Add",), "ADD"),
    **dict.fromkeys(("Subtract",), "SUB"),
    **dict.fromkeys(("Multiply",), "MUL"),
    **dict.fromkeys(("Divide", "TrueDivide", "DivideNoNan"), "DIV"),
}
_COMPARISONS = {
    *("Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"),
    *("LogicalAnd", "LogicalOr", "LogicalXor"),
}
_OF_TWO = {
    *("Maximum", "Minimum", "Power", "FloorDivide", "Mod", "Arctan2", "LogAddExp"),
}
_OF_ONE = {
    *("Absolute", "Abs", "Ceil", "Clip", "Cos", "Erf", "Exp", "Expm1", "Floor", "Log", "Log10"),
    *("Log1p", "Log2", "Negative", "Reciprocal", "Round", "Rsqrt", "Sign", "Sin", "Softplus"),
    *("Softsign", "Sqrt", "Square", "Tan", "StopGradient", "LogSigmoid", "Mish"),
}
_REDUCTIONS = {"Mean": "MEAN", "Sum": "SUM", "Max": "MAX", "Min": "MIN", "Prod": "PROD"}
_PLUMBING = {
    *("Reshape", "Transpose", "Cast", "ExpandDims", "Squeeze", "GetItem", "Identity"),
    *("BroadcastTo", "SwapAxes", "Moveaxis", "Copy", "Ravel"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """An operation, and the arguments that are no values, by name."""

    part: Part
    read: Read

    @property
    def first(self) -> MaybeShape:
        """The shape of the first thing that it reads."""
        return self.read.first

    def setting(self, name: str) -> Any:
        """A setting of the operation."""
        return self.part.config.get(name)


def operation_described(part: Part, read: Read) -> Described:  # noqa: PLR0911 - a table of kinds
    """What an operation is: OP if no template fits it."""
    call, name = Called(part=part, read=read), part.class_name
    if name in _PLUMBING:
        return Described(template=None, outputs=[_plumbed(call)], dtype=_cast(call))
    snake = snake_case(name).replace("re_lu", "relu")
    if snake in ACTIVATIONS:
        template, kind = ACTIVATIONS[snake]
        return Described(template=template, kind=kind, outputs=[call.first], dtype=None)
    if name in _ELEMENTS:
        return Described(template=_ELEMENTS[name], outputs=[_elements(read)], dtype=None)
    if name in _COMPARISONS:
        return Described(template="OP", kind=name, outputs=[_elements(read)], dtype="bool")
    if name in _OF_TWO or name in _OF_ONE:
        return Described(template="OP", kind=name, outputs=[_elements(read)], dtype=None)
    if name in _REDUCTIONS:
        shape = _reduced(call.first, call.setting("axis"), is_kept=bool(call.setting("keepdims")))
        return Described(template="REDUCE", kind=_REDUCTIONS[name], outputs=[shape], dtype=None)
    if name == "Concatenate":
        axis = call.setting("axis")
        shape = joined(read.places, axis if type(axis) is int else -1)
        return Described(template="CONCAT", outputs=[shape], dtype=None)
    if name in {"Matmul", "Einsum", "Dot"}:
        return Described(template="MATMUL", outputs=[_product(call)], dtype=None)
    return Described(template="OP", kind=name)


def _elements(read: Read) -> MaybeShape:
    return broadcast([*read.places, *read.names.values()])


def _cast(call: Called) -> str | None:
    dtype = call.setting("dtype")
    return dtype if call.part.class_name == "Cast" and isinstance(dtype, str) else None


def _plumbed(call: Called) -> MaybeShape:
    shape = call.first
    if shape is None:
        return None
    match call.part.class_name:
        case "Cast" | "Identity" | "Copy":
            return shape
        case "Transpose":
            axes = call.setting("axes")
            return tuple(shape[e] for e in axes) if isinstance(axes, list) else shape[::-1]
        case "ExpandDims":
            axis = call.setting("axis")
            if type(axis) is int:
                place = axis if axis >= 0 else axis + len(shape) + 1
                return (*shape[:place], 1, *shape[place:])
        case "Reshape":
            wanted = call.setting("newshape")
            if isinstance(wanted, list):
                found = reshaped(shape, wanted)
                known = tuple(e for e in found if e is not None)
                return known if len(known) == len(found) else None
    return None


def _reduced(shape: MaybeShape, axis: Any, *, is_kept: bool) -> MaybeShape:
    if shape is None:
        return None
    axes = axis if isinstance(axis, list) else [axis] if type(axis) is int else range(len(shape))
    places = {each % len(shape) for each in axes} if shape else set()
    if is_kept:
        return tuple(1 if i in places else e for i, e in enumerate(shape))
    return tuple(e for i, e in enumerate(shape) if i not in places)


_MATRIX = 2


def _product(call: Called) -> MaybeShape:
    shapes: Sequence[MaybeShape] = [*call.read.places, *call.read.names.values()]
    if call.part.class_name != "Matmul" or len(shapes) != _MATRIX:
        return None
    one, other = shapes
    if one is None or other is None or min(len(one), len(other)) < _MATRIX:
        return None
    batch = broadcast([one[:-2], other[:-2]])
    return None if batch is None else (*batch, one[-2], other[-1])
