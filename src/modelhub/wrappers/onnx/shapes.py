"""Shapes of what operators give, where the file does not say them.

Source: https://github.com/onnx/onnx/blob/main/docs/Operators.md
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TypeAlias

from modelhub.network import Attribute, Extent, SymbolicShape, Value, plus, times, window_extent

Shapes: TypeAlias = Sequence[SymbolicShape]
_SAME_UPPER, _SAME_LOWER, _VALID = "SAME_UPPER", "SAME_LOWER", "VALID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An operator, and what it is called with.

    Attributes:
        operator: its name.
        inputs: its values, None where nothing is known of one, or it is left out.
        attributes: its attributes, with the inputs that are small constants.
        outputs: how many values it gives.
        sizes: by the operator's name for an input, the sizes that it holds, if they are known.
    """

    operator: str
    inputs: Sequence[Value | None]
    attributes: Mapping[str, Attribute]
    outputs: int = 1
    sizes: Mapping[str, Sequence[Extent]] = field(default_factory=dict)

    def numbers(self, name: str, otherwise: Sequence[int] = ()) -> list[int]:
        """An attribute that is a row of whole numbers."""
        found = self.attributes.get(name)
        if isinstance(found, list) and all(isinstance(each, int) for each in found):
            return [each for each in found if isinstance(each, int)]
        return list(otherwise)

    def number(self, name: str, otherwise: int) -> int:
        """An attribute that is a whole number."""
        found = self.attributes.get(name)
        return found if isinstance(found, int) else otherwise


def inferred(call: Call) -> list[Value] | None:
    """What an operator gives; None if that is not known here."""
    rule = _RULES.get(call.operator)
    known = [value for value in call.inputs if value is not None]
    if rule is None or not call.inputs or call.inputs[0] is None or len(known) < _least(call):
        return None
    try:
        shapes = rule(call, [value.shape for value in known])
    except (IndexError, ValueError, TypeError):  # the attributes do not fit the inputs
        return None
    if shapes is None or any(isinstance(each, int) and each < 0 for s in shapes for each in s):
        return None
    return [Value(dtype=call.inputs[0].dtype, shape=tuple(shape)) for shape in shapes]


def _least(call: Call) -> int:
    """How many inputs must be known."""
    return len(call.inputs) if call.operator in _OF_ALL else 2 if call.operator in _OF_TWO else 1


def _same(call: Call, shapes: Shapes) -> Shapes | None:
    return [shapes[0]] * call.outputs


def _first_only(call: Call, shapes: Shapes) -> Shapes | None:
    return [shapes[0]] if call.outputs == 1 else None


def broadcast(shapes: Shapes) -> SymbolicShape | None:
    """The shape of what is made of arrays of these, element by element; None if it is not sure."""
    found: list[Extent] = []
    for extents in zip_longest(*(reversed(shape) for shape in shapes), fillvalue=1):
        sizes = {extent for extent in extents if extent != 1}
        if len(sizes) > 1:
            return None
        found.append(sizes.pop() if sizes else 1)
    return tuple(reversed(found))


def _elementwise(_: Call, shapes: Shapes) -> Shapes | None:
    shape = broadcast(shapes)
    return None if shape is None else [shape]


def _windows(call: Call, shape: SymbolicShape, kernel: Sequence[int]) -> list[Extent] | None:
    rank = len(kernel)
    strides = call.numbers("strides", [1] * rank)
    dilations = call.numbers("dilations", [1] * rank)
    pads = call.numbers("pads", [0] * (2 * rank))
    auto = call.attributes.get("auto_pad", "NOTSET")
    found: list[Extent] = []
    for axis in range(rank):
        padding = 0 if auto == _VALID else pads[axis] + pads[axis + rank]
        size = kernel[axis]
        if auto in {_SAME_UPPER, _SAME_LOWER}:  # ceil(extent / stride)
            size, padding = 1, 0
        extent = window_extent(
            shape[axis + 2],
            size,
            stride=strides[axis],
            padding=padding,
            dilation=dilations[axis],
            is_ceil=bool(call.attributes.get("ceil_mode")),
        )
        if extent is None:
            return None
        found.append(extent)
    return found


def _conv(call: Call, shapes: Shapes) -> Shapes | None:
    data, weight = shapes[0], shapes[1]
    if len(data) != len(weight):
        return None
    kernel = [each for each in weight[2:] if isinstance(each, int)]
    windows = _windows(call, data, kernel) if kernel else None
    return None if windows is None else [(data[0], weight[0], *windows)]


def _deconv(call: Call, shapes: Shapes) -> Shapes | None:
    data, weight = shapes[0], shapes[1]
    rank = len(weight) - 2
    explicit = call.numbers("output_shape")
    channels = times([weight[1], call.number("group", 1)])
    if explicit:
        return [(data[0], channels, *explicit[-rank:])]
    strides, dilations = call.numbers("strides", [1] * rank), call.numbers("dilations", [1] * rank)
    pads, more = call.numbers("pads", [0] * (2 * rank)), call.numbers("output_padding", [0] * rank)
    found: list[Extent] = []
    for axis in range(rank):
        kernel = weight[axis + 2]
        if not isinstance(kernel, int) or call.attributes.get("auto_pad", "NOTSET") != "NOTSET":
            return None
        reach = dilations[axis] * (kernel - 1) + 1 + more[axis] - pads[axis] - pads[axis + rank]
        found.append(plus(times([strides[axis], plus(data[axis + 2], -1)]), reach))
    return [(data[0], channels, *found)]


def _pool(call: Call, shapes: Shapes) -> Shapes | None:
    windows = _windows(call, shapes[0], call.numbers("kernel_shape"))
    return None if windows is None else [(*shapes[0][:2], *windows)] * call.outputs


def _pool_all(_: Call, shapes: Shapes) -> Shapes | None:
    return [(*shapes[0][:2], *[1] * (len(shapes[0]) - 2))]


def _gemm(call: Call, shapes: Shapes) -> Shapes | None:
    rows = shapes[0][1 if call.number("transA", 0) else 0]
    return [(rows, shapes[1][0 if call.number("transB", 0) else 1])]


def _matmul(_: Call, shapes: Shapes) -> Shapes | None:
    left, right = shapes[0], shapes[1]
    if min(len(left), len(right)) < 2:  # noqa: PLR2004 - vectors, which layers do not use
        return None
    batch = broadcast([left[:-2], right[:-2]])
    return None if batch is None else [(*batch, left[-2], right[-1])]


def _flatten(call: Call, shapes: Shapes) -> Shapes | None:
    axis = call.number("axis", 1)
    axis += len(shapes[0]) if axis < 0 else 0
    return [(times(shapes[0][:axis]), times(shapes[0][axis:]))]


def _reshape(call: Call, shapes: Shapes) -> Shapes | None:
    wanted = call.sizes.get("shape") or call.numbers("shape")
    if not wanted or call.number("allowzero", 0):
        return None
    found: list[Extent] = [shapes[0][at] if each == 0 else each for at, each in enumerate(wanted)]
    if -1 in found:
        rest = _quotient(shapes[0], [each for each in found if each != -1])
        if rest is None:
            return None
        found[found.index(-1)] = rest
    return [tuple(found)]


def _expand(call: Call, shapes: Shapes) -> Shapes | None:
    wanted = call.sizes.get("shape") or call.numbers("shape")
    shape = broadcast([shapes[0], tuple(wanted)]) if wanted else None
    return None if shape is None else [shape]


def _quotient(whole: SymbolicShape, parts: Sequence[Extent]) -> Extent | None:
    """The product of `whole` by that of `parts`; None if it is not sure."""
    left, number = list(whole), 1
    for part in parts:
        if part in left:
            left.remove(part)
        elif isinstance(part, int):
            number *= part
        else:
            return None
    product = times(left)
    if number in {0, 1}:
        return product if number else None
    return product // number if isinstance(product, int) else f"({product})//{number}"


def _transpose(call: Call, shapes: Shapes) -> Shapes | None:
    order = call.numbers("perm", list(reversed(range(len(shapes[0])))))
    return [tuple(shapes[0][axis] for axis in order)]


def _concat(call: Call, shapes: Shapes) -> Shapes | None:
    axis = call.number("axis", 0) % len(shapes[0])
    extents = [shape[axis] for shape in shapes]
    total: Extent = sum(each for each in extents if isinstance(each, int))
    for each in extents:
        if isinstance(each, str):
            total = f"{each} + {total}" if total else each
    return [(*shapes[0][:axis], total, *shapes[0][axis + 1 :])]


def _unsqueeze(call: Call, shapes: Shapes) -> Shapes | None:
    axes = call.numbers("axes")
    rank = len(shapes[0]) + len(axes)
    places = {axis % rank for axis in axes}
    rest = iter(shapes[0])
    return [tuple(1 if at in places else next(rest) for at in range(rank))] if axes else None


def _squeeze(call: Call, shapes: Shapes) -> Shapes | None:
    rank = len(shapes[0])
    axes = {axis % rank for axis in call.numbers("axes")}
    return [tuple(e for at, e in enumerate(shapes[0]) if at not in axes)] if axes else None


def _reduce(call: Call, shapes: Shapes) -> Shapes | None:
    rank = len(shapes[0])
    axes = {axis % rank for axis in call.numbers("axes", range(rank))}
    if call.number("keepdims", 1):
        return [tuple(1 if at in axes else e for at, e in enumerate(shapes[0]))]
    return [tuple(e for at, e in enumerate(shapes[0]) if at not in axes)]


def _gather(call: Call, shapes: Shapes) -> Shapes | None:
    axis = call.number("axis", 0) % len(shapes[0])
    return [(*shapes[0][:axis], *shapes[1], *shapes[0][axis + 1 :])]


def _recurrent(call: Call, shapes: Shapes) -> Shapes | None:
    steps, batch, _ = shapes[0]
    if call.number("layout", 0):
        return None
    hidden = call.number("hidden_size", 0)
    directions = 2 if call.attributes.get("direction") == "bidirectional" else 1
    state = (directions, batch, hidden)
    return [(steps, directions, batch, hidden), state, state][: call.outputs] if hidden else None


_Rule: TypeAlias = Callable[[Call, Shapes], Shapes | None]
_SAME = """Relu LeakyRelu PRelu Elu Selu Celu ThresholdedRelu Gelu Swish Tanh Sigmoid HardSwish
    HardSigmoid Softmax LogSoftmax Dropout InstanceNormalization GroupNormalization LRN
    RMSNormalization Identity Clip Erf Exp Log Sqrt Neg Abs Floor Ceil Reciprocal Softplus Softsign
    Mish Sin Cos Sign Round Shrink"""
_OF_ALL = frozenset({"Add", "Sub", "Mul", "Div", "Sum", "Max", "Min", "Mean", "Pow", "Concat"})
_OF_TWO = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul", "Gather"})
_RULES: Mapping[str, _Rule] = (
    dict.fromkeys(_SAME.split(), _same)
    | dict.fromkeys(_OF_ALL - {"Concat"}, _elementwise)
    | dict.fromkeys(("MaxPool", "AveragePool", "LpPool"), _pool)
    | dict.fromkeys(("GlobalMaxPool", "GlobalAveragePool", "GlobalLpPool"), _pool_all)
    | dict.fromkeys(("BatchNormalization", "LayerNormalization"), _first_only)
    | dict.fromkeys(("LSTM", "GRU", "RNN"), _recurrent)
    | dict.fromkeys((f"Reduce{kind}" for kind in ("Mean", "Sum", "Max", "Min", "Prod")), _reduce)
    | {
        "Conv": _conv,
        "ConvTranspose": _deconv,
        "Gemm": _gemm,
        "MatMul": _matmul,
        "Flatten": _flatten,
        "Reshape": _reshape,
        "Expand": _expand,
        "Transpose": _transpose,
        "Concat": _concat,
        "Unsqueeze": _unsqueeze,
        "Squeeze": _squeeze,
        "Gather": _gather,
    }
)
