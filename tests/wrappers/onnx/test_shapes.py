"""Shapes that are inferred, compared with those of the reference implementation."""

import numpy as np
import onnx
import pytest
from onnx import helper, shape_inference

from modelhub.network import Value, evaluate_extent
from modelhub.wrappers.onnx.shapes import Call, broadcast, inferred

node = helper.make_node
LISTS = {
    "shape": np.array([0, -1]),
    "cut": np.array([2, -1, 3]),
    "axes": np.array([1]),
    "last": np.array([-1, 0]),
}
W = {
    "w3": np.zeros((6, 4, 3, 3), np.float32),
    "w1": np.zeros((8, 2, 5, 1), np.float32),
    "d": np.zeros((4, 3, 3, 2), np.float32),
    "m": np.zeros((10, 7), np.float32),
    "t": np.zeros((9, 10), np.float32),
    "v": np.zeros((10,), np.float32),
    "one": np.zeros((4, 1, 1), np.float32),
    "lw": np.zeros((2, 20, 10), np.float32),
    "lr": np.zeros((2, 20, 5), np.float32),
}
IMAGE, MATRIX, SERIES = [2, 4, 12, 10], [3, 10], [6, 3, 10]
CASES = [
    (IMAGE, node("Conv", ["x", "w3"], ["y"])),
    (IMAGE, node("Conv", ["x", "w3"], ["y"], pads=[1, 0, 2, 1], strides=[2, 1])),
    (IMAGE, node("Conv", ["x", "w1"], ["y"], group=2, dilations=[2, 1])),
    (IMAGE, node("Conv", ["x", "w3"], ["y"], auto_pad="SAME_UPPER", strides=[3, 2])),
    (IMAGE, node("Conv", ["x", "w3"], ["y"], auto_pad="VALID", strides=[2, 2])),
    (IMAGE, node("ConvTranspose", ["x", "d"], ["y"], strides=[2, 2], pads=[1, 0, 1, 0])),
    (IMAGE, node("ConvTranspose", ["x", "d"], ["y"], strides=[3, 2], output_padding=[1, 1])),
    (IMAGE, node("MaxPool", ["x"], ["y"], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)),
    (IMAGE, node("AveragePool", ["x"], ["y"], kernel_shape=[2, 3], pads=[0, 1, 0, 1])),
    (IMAGE, node("GlobalMaxPool", ["x"], ["y"])),
    (IMAGE, node("Flatten", ["x"], ["y"])),
    (IMAGE, node("Flatten", ["x"], ["y"], axis=-2)),
    (IMAGE, node("Reshape", ["x", "shape"], ["y"])),
    (IMAGE, node("Reshape", ["x", "cut"], ["y"])),
    (IMAGE, node("Transpose", ["x"], ["y"], perm=[0, 2, 3, 1])),
    (IMAGE, node("Transpose", ["x"], ["y"])),
    (IMAGE, node("Concat", ["x", "x"], ["y"], axis=1)),
    (IMAGE, node("Unsqueeze", ["x", "last"], ["y"])),
    (IMAGE, node("ReduceMean", ["x", "last"], ["y"])),
    (IMAGE, node("ReduceSum", ["x", "axes"], ["y"], keepdims=0)),
    (IMAGE, node("ReduceMax", ["x"], ["y"], keepdims=0)),
    (IMAGE, node("Mul", ["x", "one"], ["y"])),
    (IMAGE, node("Sigmoid", ["x"], ["y"])),
    ([3, 1, 5], node("Squeeze", ["x", "axes"], ["y"])),
    (MATRIX, node("Gemm", ["x", "m"], ["y"])),
    (MATRIX, node("Gemm", ["x", "t"], ["y"], transB=1)),
    (MATRIX, node("Add", ["v", "x"], ["y"])),
    (SERIES, node("MatMul", ["x", "m"], ["y"])),
    (
        SERIES,
        node("LSTM", ["x", "lw", "lr"], ["y", "", ""], hidden_size=5, direction="bidirectional"),
    ),
    (SERIES, node("LayerNormalization", ["x", "v"], ["y"])),
    (SERIES, node("Softmax", ["x"], ["y"], axis=1)),
]


def call_of(made: onnx.ModelProto, given: list) -> Call:
    each = made.graph.node[0]
    attributes = {a.name: helper.get_attribute_value(a) for a in each.attribute}
    attributes = {k: v.decode() if isinstance(v, bytes) else v for k, v in attributes.items()}
    values = {"x": Value(dtype="float32", shape=tuple(given))}
    values |= {name: Value(dtype="float32", shape=array.shape) for name, array in W.items()}
    second = each.input[1] if len(each.input) > 1 else ""
    if second in LISTS:
        name = "shape" if each.op_type == "Reshape" else "axes"
        attributes[name] = LISTS[second].tolist()
    inputs = [values.get(name, Value(dtype="int64", shape=(2,))) for name in each.input]
    return Call(
        operator=each.op_type, inputs=inputs, attributes=attributes, outputs=len(each.output)
    )


@pytest.mark.parametrize(
    ("given", "operator"), CASES, ids=lambda each: getattr(each, "op_type", "")
)
@pytest.mark.parametrize("is_symbolic", [False, True])
def test_shapes_are_those_of_the_reference(make, given, operator, *, is_symbolic):
    """With numbers; and with a symbol for the first axis, which then has its value."""
    made = make([operator], {"x": given}, ["y"], LISTS | W)
    expected = shape_inference.infer_shapes(made, strict_mode=True).graph.output[0]
    dims = [dim.dim_value for dim in expected.type.tensor_type.shape.dim]
    start = ["n", *given[1:]] if is_symbolic else given
    found = inferred(call_of(made, start))

    if found is None:  # what is not sure is not said
        assert is_symbolic
        return
    symbols = {"n": given[0]}
    assert [evaluate_extent(extent, symbols) for extent in found[0].shape] == dims


def test_what_is_not_sure_is_not_said():
    """Two symbols that may differ, unknown operators, inputs of which nothing is known."""
    x = Value(dtype="float32", shape=("n", 4))
    y = Value(dtype="float32", shape=("m", 4))

    assert broadcast([x.shape, y.shape]) is None
    assert broadcast([x.shape, (4,)]) == ("n", 4)
    assert inferred(Call(operator="Add", inputs=[x, y], attributes={})) is None
    assert inferred(Call(operator="Add", inputs=[x, None], attributes={})) is None
    assert inferred(Call(operator="Frobnicate", inputs=[x], attributes={})) is None
    assert inferred(Call(operator="Conv", inputs=[x, x], attributes={})) is None
    assert inferred(Call(operator="Relu", inputs=[], attributes={})) is None


def test_sizes_that_an_input_holds_are_a_shape():
    """Of reshaping and of expanding."""
    value = Value(dtype="float32", shape=("n", 4, 6))
    sizes = {"shape": ("n", -1)}
    (found,) = inferred(Call(operator="Reshape", inputs=[value, None], attributes={}, sizes=sizes))
    assert found.shape == ("n", 24)

    one = Value(dtype="float32", shape=(1, 6))
    sizes = {"shape": ("n", 1, 6)}
    (found,) = inferred(Call(operator="Expand", inputs=[one, None], attributes={}, sizes=sizes))
    assert found.shape == ("n", 1, 6)
