"""Multiply-adds of operators, from shapes alone.

Counted are products of matrices, in the manner of torch's FlopCounterMode: convolutions, dense
and recurrent layers, attention (never halved for a causal mask). All else counts 0.
One multiply-add is two floating point operations.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from modelhub.network.graph import Attribute
from modelhub.values import Json, Shape

MATRIX = 2  # axes


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One operator or layer with the shapes around it.

    Attributes:
        inputs: of the values that it reads, in the order of its arguments.
        states: of the states that it holds.
        outputs: of what it gives.
        constants: arguments that are no values.
        attributes: of a layer.
    """

    inputs: Sequence[Shape]
    states: Sequence[Shape]
    outputs: Sequence[Shape]
    constants: Sequence[Json] = ()
    attributes: Mapping[str, Attribute] | None = None
    dialect: str = "aten"


Counter = Callable[[Call], int]


def operator_macs(target: str, call: Call) -> int | None:
    """Multiply-adds of an ATen operator, `aten::linear.default`; None if it has no matrices."""
    name = target.rpartition("::")[2].partition(".")[0].strip("_")
    counter = _OPERATORS.get(name)
    return None if counter is None else counter(call)


def layer_macs(template: str, call: Call) -> int:
    """Multiply-adds of a layer of a template."""
    counter = _TEMPLATES.get(template)
    return 0 if counter is None else counter(call)


def _product(call: Call) -> int:
    """Matrices times matrices: what is summed over is the last axis of the first one."""
    first = next((shape for shape in call.inputs if shape), ())
    return prod(call.outputs[0]) * (first[-1] if first else 1)


def _plus_product(call: Call) -> int:
    """A sum of the first input with the product of the next two."""
    return prod(call.outputs[0]) * (call.inputs[1][-1] if len(call.inputs) > 1 else 0)


def _convolution(call: Call) -> int:
    """Arguments: image, kernel (out, in / groups, …), bias."""
    return prod(call.outputs[0]) * prod(call.inputs[1][1:])


def _transposed(call: Call) -> int:
    """Arguments: image, kernel (in, out / groups, …), bias; every input meets every weight."""
    return prod(call.inputs[0]) * prod(call.inputs[1][1:])


def _any_convolution(call: Call) -> int:
    """Of `convolution`, the seventh argument says whether it is transposed."""
    flags = [each for each in call.constants if isinstance(each, bool)]
    return _transposed(call) if flags and flags[0] else _convolution(call)


def _attention(call: Call) -> int:
    """Arguments: query (…, q, d), key (…, k, d), value (…, k, v)."""
    query, key, value = call.inputs[:3]
    return prod(query[:-1]) * key[-2] * (query[-1] + value[-1])


def _recurrent(call: Call) -> int:
    """Arguments: input (…, features), states, then weights (gates, features)."""
    weights = [shape for shape in call.inputs[1:] if len(shape) == MATRIX]
    steps = prod(call.inputs[0][:-1])
    return steps * sum(prod(shape) for shape in weights)


def _einsum(call: Call) -> int:
    """Two operands: every combination of indices is one multiply-add."""
    equation = next((each for each in call.constants if isinstance(each, str)), "")
    terms = re.sub(r"\s", "", equation).partition("->")[0].split(",")
    if len(terms) != MATRIX or len(call.inputs) != len(terms) or "." in equation:
        return 0
    extents = {
        index: extent
        for term, shape in zip(terms, call.inputs, strict=True)
        for index, extent in zip(term, shape, strict=False)
    }
    return prod(extents.values())


_OPERATORS: Mapping[str, Counter] = {
    "addmm": _plus_product,
    "baddbmm": _plus_product,
    "bmm": _product,
    "matmul": _product,
    "mm": _product,
    "mv": _product,
    "linear": _product,
    "grouped_mm": _product,
    "scaled_mm": _product,
    "einsum": _einsum,
    "conv1d": _convolution,
    "conv2d": _convolution,
    "conv3d": _convolution,
    "convolution": _any_convolution,
    "conv_transpose1d": _transposed,
    "conv_transpose2d": _transposed,
    "conv_transpose3d": _transposed,
    "scaled_dot_product_attention": _attention,
    "scaled_dot_product_flash_attention": _attention,
    "scaled_dot_product_flash_attention_for_cpu": _attention,
    "scaled_dot_product_efficient_attention": _attention,
    "lstm": _recurrent,
    "gru": _recurrent,
    "rnn_tanh": _recurrent,
    "rnn_relu": _recurrent,
}


def _weights(call: Call) -> list[Shape]:
    return [shape for shape in call.states if len(shape) >= MATRIX]


def _convolution_layer(call: Call) -> int:
    """Each output sums over all weights that lead to its channel."""
    weights = _weights(call) or [shape for shape in call.inputs[1:2] if len(shape) > MATRIX]
    if not weights:
        return 0
    return prod(call.outputs[0]) * prod(weights[0]) // max(1, _channels_out(weights[0], call))


def _channels_out(weight: Shape, call: Call) -> int:
    if call.dialect != "keras":
        return weight[0]
    depthwise = len(call.outputs[0]) == len(weight) and weight[-1] * weight[-2] in call.outputs[0]
    return (
        weight[-1] * weight[-2] if depthwise and weight[-1] not in call.outputs[0] else weight[-1]
    )


def _transposed_layer(call: Call) -> int:
    """Each input meets all weights that lead from its channel."""
    weights = _weights(call) or [shape for shape in call.inputs[1:2] if len(shape) > MATRIX]
    if not weights:
        return 0
    channels = weights[0][-1] if call.dialect == "keras" else weights[0][0]
    return prod(call.inputs[0]) * prod(weights[0]) // max(1, channels)


def _dense_layer(call: Call) -> int:
    """Each row of the output meets all weights."""
    weights = _weights(call)
    if not weights:
        return _product(call)
    features = call.outputs[0][-1] if call.outputs[0] else 1
    return prod(call.outputs[0]) // max(1, features) * prod(weights[0])


def _recurrent_layer(call: Call) -> int:
    deepest = max(map(len, call.states), default=0)
    weights = [shape for shape in call.states if len(shape) == deepest >= MATRIX]
    return prod(call.inputs[0][:-1]) * sum(map(prod, weights)) if call.inputs else 0


def _attention_layer(call: Call) -> int:
    """Projections by the states, then the attention of all heads."""
    if not call.states:
        return _attention(call) if len(call.inputs) > MATRIX else 0
    query, *others = call.inputs
    key = others[0] if others else query
    tokens = prod(query[:-1])
    width = query[-1]
    projected = tokens * sum(prod(shape) for shape in _weights(call))
    return projected + 2 * tokens * key[-2] * width


_TEMPLATES: Mapping[str, Counter] = {
    "CONV": _convolution_layer,
    "DECONV": _transposed_layer,
    "FULL": _dense_layer,
    "MATMUL": _product,
    "RNN": _recurrent_layer,
    "ATTENTION": _attention_layer,
}
