"""What operators are as layers."""

import pytest

from modelhub.wrappers.onnx.layers import kind_of, known_of, layer_attributes
from modelhub.wrappers.onnx.messages import OnnxGraph, OnnxModel, OnnxNode

GRAPH = OnnxGraph(name="", nodes=[], initializers=[], inputs=[], outputs=[], values=[])
MODEL = OnnxModel(graph=GRAPH, opsets={"": 20})


def node(operator: str, *inputs: str, **attributes) -> OnnxNode:
    return OnnxNode(
        name="n", operator=operator, domain="", inputs=inputs, outputs=["y"], attributes=attributes
    )


@pytest.mark.parametrize(
    ("given", "states", "template"),
    [
        (node("MatMul", "x", "w"), {"w": (3, 4)}, "FULL"),
        (node("MatMul", "w", "x"), {"w": (3, 4)}, "MATMUL"),
        (node("MatMul", "x", "w"), {"w": (2, 3, 4)}, "MATMUL"),
        (node("MatMul", "x", "y"), {}, "MATMUL"),
        (node("Gemm", "x", "w", "b"), {"w": (3, 4), "b": (4,)}, "FULL"),
        (node("Gemm", "x", "y"), {}, "MATMUL"),
        (node("Gather", "w", "x"), {"w": (9, 4)}, "EMBED"),
        (node("Gather", "w", "x", axis=1), {"w": (9, 4)}, None),
        (node("Gather", "x", "i"), {"i": ()}, None),
        (node("If", "x"), {}, "CUSTOM"),
        (node("Erf", "x"), {}, "OP"),
        (node("Frobnicate", "x"), {}, "CUSTOM"),
    ],
)
def test_what_is_a_layer_depends_on_what_is_a_weight(given, states, template):
    """A product with a matrix of weights is a full layer, a choice of its rows an embedding."""
    found = known_of(given, MODEL, states)

    assert found.operator.template == template
    assert found.is_plumbing == (template is None)
    assert found.is_unknown == (given.operator == "Frobnicate")


@pytest.mark.parametrize(
    ("given", "weight", "some"),
    [
        (node("Conv", "x", "w", group=2), (8, 3, 5), {"in_channels": 6, "out_channels": 8}),
        (
            node("ConvTranspose", "x", "w", group=2),
            (8, 3, 5),
            {"in_channels": 8, "out_channels": 6},
        ),
        (node("Conv", "x", "w", pads=[1, 2, 1, 2]), (8, 3, 5, 5), {"padding": [1, 2]}),
        (node("Conv", "x", "w", pads=[1, 2, 0, 2]), (8, 3, 5, 5), {"strides": [1, 1]}),
        (node("Gemm", "x", "w"), (3, 4), {"in_features": 3, "out_features": 4}),
        (node("Gemm", "x", "w", transB=1), (3, 4), {"in_features": 4, "out_features": 3}),
        (node("GlobalAveragePool", "x"), None, {"output_size": 1}),
        (node("MaxPool", "x", kernel_shape=[3]), None, {"strides": [1], "padding": [0]}),
        (node("Attention", "q", "k", "v", q_num_heads=4), None, {"num_heads": 4}),
        (node("RMSNormalization", "x", "w"), (16,), {"num_features": 16}),
    ],
)
def test_attributes_follow_from_weights(given, weight, some):
    """Channels, features and windows, by the names of the templates."""
    states = {"w": weight} if weight else {}
    operator = known_of(given, MODEL, states).operator
    found = layer_attributes(given, operator, list(states.values()), None)

    assert found.items() >= some.items()


def test_kinds_of_convolutions():
    """As many axes as the window has."""
    operator = known_of(node("Conv", "x", "w"), MODEL, {}).operator

    assert kind_of(operator, [(8, 3, 5, 5)]) == "2D"
    assert kind_of(operator, [(8, 3, 5)]) == "1D"
    assert kind_of(operator, []) is None
