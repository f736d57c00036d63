"""What an ONNX operator is as a layer: its template, and the attributes that follow from shapes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from modelhub.network import Attribute, Value
from modelhub.values import Shape
from modelhub.wrappers.onnx.messages import OnnxModel, OnnxNode
from modelhub.wrappers.onnx.operators import CONTROL, OPSET, Operator, operator_of

MATRIX = 2  # extents
_POOLS = {"MaxPool", "AveragePool", "LpPool"}
_CUSTOM = Operator(template="CUSTOM")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An operator in its place.

    Attributes:
        operator: what it is.
        is_unknown: whether it is kept without being known.
    """

    operator: Operator
    is_unknown: bool = False

    @property
    def is_plumbing(self) -> bool:
        """Whether it only rearranges."""
        return self.operator.template is None


def known_of(node: OnnxNode, model: OnnxModel, states: Mapping[str, Shape]) -> Known:
    """What a node is.

    Args:
        node: of the model.
        model: says which operator sets the names are from.
        states: the shapes of the values that are states.
    """
    custom = replace(_CUSTOM, kind=node.operator)
    if node.domain or model.opsets.get("", OPSET) > OPSET:
        return Known(operator=custom, is_unknown=True)
    if node.operator in CONTROL:
        return Known(operator=custom)
    found = operator_of(node.operator)
    if found is None:
        return Known(operator=custom, is_unknown=True)
    return Known(operator=_by_states(node, found, states))


def _by_states(node: OnnxNode, found: Operator, states: Mapping[str, Shape]) -> Operator:
    """A product with a matrix of weights is a full layer; a choice of rows of one, an embedding."""
    inputs = [states.get(name) for name in node.inputs]
    first, second = [*inputs, None, None][:2]
    if found.template == "MATMUL" and node.operator != "Einsum":
        at = 3 if node.operator == "QLinearMatMul" else 1
        weight = inputs[at] if len(inputs) > at else None
        if weight is not None and len(weight) == MATRIX:
            return replace(found, template="FULL", weights=[at])
    if node.operator == "Gemm" and second is None:
        return replace(found, template="MATMUL", weights=())
    is_by_rows = node.operator == "Gather" and node.attributes.get("axis", 0) == 0
    if is_by_rows and first is not None and len(first) == MATRIX:
        return replace(found, template="EMBED", weights=[0])
    return found


def layer_attributes(
    node: OnnxNode, operator: Operator, weights: Sequence[Shape], value: Value | None
) -> dict[str, Attribute]:
    """Attributes by the names of the templates, from the shapes of a layer's weights.

    Args:
        node: the operator.
        operator: what it is.
        weights: shapes of the layer's own states.
        value: its first input, where its shape is known.
    """
    weight = weights[0] if weights else ()
    found: dict[str, Attribute] = {}
    match operator.template:
        case "CONV" | "DECONV" if len(weight) > MATRIX:
            found = _convolution(node, operator.template, weight)
        case "FULL" if len(weight) == MATRIX:
            rows, columns = weight if node.attributes.get("transB") else reversed(weight)
            found = {"in_features": columns, "out_features": rows}
        case "EMBED":
            found = {"num_embeddings": weight[0], "embedding_dim": weight[1]}
        case "NORM" if weight:
            found = {"num_features": weight[0] if len(weight) == 1 else list(weight)}
        case "ATTENTION" if "q_num_heads" in node.attributes:
            found = {"num_heads": node.attributes["q_num_heads"]}
        case "POOL":
            found = _pool(node, value)
    return found


def _pool(node: OnnxNode, value: Value | None) -> dict[str, Attribute]:
    if node.operator not in _POOLS:
        rank = len(value.shape) - MATRIX if value is not None else 0
        return {"output_size": [1] * rank or 1}
    kernel = node.attributes.get("kernel_shape")
    return _window(node, len(kernel)) if isinstance(kernel, list) else {}


def _convolution(node: OnnxNode, template: str, weight: Shape) -> dict[str, Attribute]:
    groups = node.attributes.get("group", 1)
    factor = groups if isinstance(groups, int) else 1
    first, second = weight[0], weight[1] * factor
    inwards, outwards = (second, first) if template == "CONV" else (first, second)
    return {
        "in_channels": inwards,
        "out_channels": outwards,
        "kernel_shape": list(weight[MATRIX:]),
        "group": groups,
        **_window(node, len(weight) - MATRIX),
    }


def _window(node: OnnxNode, rank: int) -> dict[str, Attribute]:
    """What ONNX leaves out where it is 1, and the padding of both sides where it is equal."""
    found: dict[str, Attribute] = {
        "strides": node.attributes.get("strides") or [1] * rank,
        "dilations": node.attributes.get("dilations") or [1] * rank,
    }
    pads = node.attributes.get("pads") or [0] * (MATRIX * rank)
    if isinstance(pads, list) and pads[:rank] == pads[rank:] and "auto_pad" not in node.attributes:
        found["padding"] = pads[:rank]
    return found


def kind_of(operator: Operator, weights: Sequence[Shape]) -> str | None:
    """The variety of a layer: of a convolution, how many axes its window has."""
    if operator.template in {"CONV", "DECONV"} and weights and len(weights[0]) > MATRIX:
        return f"{len(weights[0]) - MATRIX}D"
    return operator.kind
