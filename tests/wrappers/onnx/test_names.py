"""Names of nodes."""

import pytest

from modelhub.wrappers.onnx.messages import SCOPES, OnnxNode
from modelhub.wrappers.onnx.names import Origin, origin_of, wanted_names


def node(operator: str, name: str = "", scopes: str = "", output: str = "out") -> OnnxNode:
    properties = {SCOPES: scopes} if scopes else {}
    return OnnxNode(
        name=name, operator=operator, domain="", inputs=[], outputs=[output], properties=properties
    )


@pytest.mark.parametrize(
    ("given", "module", "own"),
    [
        (node("Conv", "n0", "['', 'features', 'features.0', 'conv2d']"), "features.0", "conv2d"),
        (node("Relu", "n0", "['', 'relu']"), "", "relu"),
        (node("Conv", "/layer1/layer1.0/conv1/Conv"), "layer1.0.conv1", "conv"),
        (node("Conv", "/a/a.0/down/down.0/Conv"), "a.0.down.0", "conv"),
        (node("MatMul", "/encoder/layer.0/self/q/MatMul"), "encoder.layer.0.self.q", "matmul"),
        (node("Add", "/Add_1"), "", "add_1"),
        (node("Conv", "model/conv1/Conv2D"), "", "model/conv1/Conv2D"),
        (node("Conv"), "", "out"),
        (node("Conv", output=""), "", "Conv"),
    ],
)
def test_origins(given, module, own):
    """Both exporters of PyTorch tell the module; others, a name."""
    assert origin_of(given) == Origin(module=module, own=own)


def test_a_module_without_others_is_its_main_operator():
    """Its other operators stand in it; so do the operators of modules that contain others."""
    nodes = [node("MatMul", "/a/fc/MatMul"), node("Add", "/a/fc/Add"), node("Mul", "/a/Mul")]
    nodes.append(node("Reshape", "/a/b/Reshape"))

    assert wanted_names(nodes, [True, True, True, False]) == [
        ("a.fc", 0),
        ("a.fc.add", 0),
        ("a.mul", 0),
        ("a.b.reshape", 0),
    ]


def test_a_module_that_is_called_again():
    """The same operator of the same module is a later call."""
    nodes = [node("Relu", "/act/Relu"), node("Relu", "/act/Relu_1")]

    assert wanted_names(nodes, [True, True]) == [("act", 0), ("act@1", 1)]
