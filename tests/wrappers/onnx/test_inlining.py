"""Functions that a model defines itself."""

import numpy as np
import onnx
import onnx.inliner
import pytest
from onnx import TensorProto, helper, numpy_helper

from modelhub.errors import DamagedFileError
from modelhub.network import layer_graph
from modelhub.wrappers.onnx import inlining

W = numpy_helper.from_array(np.ones((4, 4), np.float32), "W")
OPSETS = [helper.make_opsetid("", 18), helper.make_opsetid("my", 1)]


def function(name, inputs, outputs, nodes, **more) -> onnx.FunctionProto:
    return helper.make_function("my", name, inputs, outputs, nodes, OPSETS, **more)


def leaky() -> onnx.NodeProto:
    """Its slope is what the caller says."""
    node = helper.make_node("LeakyRelu", ["t"], ["Y"])
    slope = onnx.AttributeProto(name="alpha", ref_attr_name="slope", type=1)
    node.attribute.append(slope)
    return node


def of(nodes, functions) -> onnx.ModelProto:
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 4]) for name in "xy"]
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:], [W])
    return helper.make_model(graph, opset_imports=OPSETS, functions=functions)


LINEAR = function(
    "Linear",
    ["X", "W"],
    ["Y"],
    [helper.make_node("MatMul", ["X", "W"], ["t"], name="product"), leaky()],
    attributes=[],
    attribute_protos=[helper.make_attribute("slope", 0.5)],
)
TWICE = function(
    "Twice",
    ["X", "W"],
    ["Y"],
    [
        helper.make_node("Linear", ["X", "W"], ["h"], domain="my"),
        helper.make_node("Linear", ["h", "W"], ["Y"], domain="my", slope=0.25),
    ],
)


def test_calls_are_what_functions_hold(capture) -> None:
    """Functions in functions, with settings of the call or their own: as onnx inlines them."""
    nodes = [
        helper.make_node("Twice", ["x", "W"], ["h"], domain="my", name="first"),
        helper.make_node("Twice", ["h", "W"], ["y"], domain="my", name="second"),
    ]
    made = of(nodes, [LINEAR, TWICE])
    found, plain = capture(made), capture(onnx.inliner.inline_local_functions(made))
    assert not found.notes
    layers = layer_graph(found.network).layers
    assert [(each.template, each.outputs) for each in layers] == [
        (each.template, each.outputs) for each in layer_graph(plain.network).layers
    ]
    slopes = [each.attributes["alpha"] for each in layers if each.target == "LeakyRelu"]
    assert slopes == [0.5, 0.25, 0.5, 0.25]
    assert len({each.name for each in layers}) == len(layers)


def test_outputs_and_inputs_that_are_left_out(capture) -> None:
    """Optional ones have empty names."""
    clip = function(
        "Bounded",
        ["X", "low", "high"],
        ["Y", "same"],
        [
            helper.make_node("Clip", ["X", "low", "high"], ["Y"]),
            helper.make_node("Identity", ["Y"], ["same"]),
        ],
    )
    call = helper.make_node("Bounded", ["x"], ["y"], domain="my")
    network = capture(of([call], [clip])).network
    assert [node.target for node in network.nodes if node.target] == ["Clip", "Identity"]


def test_a_weight_in_a_function_is_one(capture) -> None:
    """Though the function is called twice."""
    weight = numpy_helper.from_array(np.ones((4, 4), np.float32), "v")
    held = function(
        "Held",
        ["X"],
        ["Y"],
        [
            helper.make_node("Constant", [], ["v"], value=weight),
            helper.make_node("MatMul", ["X", "v"], ["Y"]),
        ],
    )
    calls = [
        helper.make_node("Held", [a], [b], domain="my", name=f"call_{b}") for a, b in ("xh", "hy")
    ]
    network = capture(of(calls, [held])).network
    assert sum(each.tied is None and each.name != "W" for each in network.states) == 1
    assert [node.template for node in network.nodes if node.target == "MatMul"] == ["FULL", "FULL"]


def test_graphs_in_functions_read_the_caller_s_values(capture) -> None:
    """A branch names what stands around it."""
    branch = helper.make_graph(
        [helper.make_node("Neg", ["X"], ["z"])],
        "branch",
        [],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)],
    )
    constant = numpy_helper.from_array(np.ones((), np.bool_), "c")
    choose = function(
        "Choose",
        ["X"],
        ["Y"],
        [
            helper.make_node("Constant", [], ["c"], value=constant),
            helper.make_node("If", ["c"], ["Y"], then_branch=branch, else_branch=branch),
        ],
    )
    network = capture(of([helper.make_node("Choose", ["x"], ["y"], domain="my")], [choose])).network
    chosen = next(node for node in network.nodes if node.target == "If")
    assert "x" in chosen.reads


def test_functions_without_an_end(capture, monkeypatch) -> None:
    """One that calls itself, and one that makes too much."""
    again = function("Again", ["X"], ["Y"], [helper.make_node("Again", ["X"], ["Y"], domain="my")])
    call = helper.make_node("Again", ["x"], ["y"], domain="my")
    with pytest.raises(DamagedFileError, match="without an end"):
        capture(of([call], [again]))
    monkeypatch.setattr(inlining, "MAX_NODES", 3)
    call = helper.make_node("Twice", ["x", "W"], ["y"], domain="my")
    with pytest.raises(DamagedFileError, match="more than 3 nodes"):
        capture(of([call], [LINEAR, TWICE]))
