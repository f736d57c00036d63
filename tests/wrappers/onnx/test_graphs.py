"""Networks of ONNX graphs: layers, states, and what passes between them."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from modelhub.errors import DamagedFileError
from modelhub.identity import tensor_hasher
from modelhub.network import Network, layer_graph, network_bytes, standard_attributes

RNG = np.random.default_rng(7)
node = helper.make_node


def weight(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def rows(network: Network) -> list[tuple[str, str | None, str | None]]:
    return [(each.name, each.template, each.kind) for each in layer_graph(network).layers]


def edges(network: Network) -> set[tuple[str, str]]:
    graph = layer_graph(network)
    return {(before, name) for name, all_before in graph.previous.items() for before in all_before}


def test_lenet(capture, lenet):
    """Names, templates, standard attributes, weights and shapes of a plain network."""
    found = capture(lenet)
    network = found.network

    assert rows(network) == [
        ("image", "INPUT", None),
        ("conv1", "CONV", "2D"),
        ("pool1", "POOL", "MAX"),
        ("conv2", "CONV", "2D"),
        ("pool2", "POOL", "MAX"),
        ("flatten", "FLATTEN", None),
        ("fc1", "FULL", None),
        ("relu1", "RELU", None),
        ("fc2", "FULL", None),
        ("prob", "SOFTMAX", None),
        ("output", "OUTPUT", None),
    ]
    assert standard_attributes(network.by_name["conv2"]) == {
        "kernel": [5, 5],
        "stride": [1, 1],
        "padding": [0, 0],
        "dilation": [1, 1],
        "in_channels": 20,
        "out_channels": 50,
        "groups": 1,
    }
    assert standard_attributes(network.by_name["fc1"]) == {"in_features": 800, "out_features": 500}
    assert network.by_name["conv1"].states == ["conv1.weight", "conv1.bias"]
    assert network.by_name["pool2"].outputs[0].shape == ("batch", 50, 4, 4)
    assert network.by_name["prob"].outputs[0].shape == ("batch", 10)
    assert network.parameter_count == 431_080
    assert list(network.symbols) == ["batch"]
    assert found.notes == []


def test_a_residual_block(capture, make):
    """Both ways lead into the sum; statistics are buffers, not parameters."""
    norm = ["scale", "shift", "mean", "var"]
    nodes = [
        node("Conv", ["x", "w1"], ["a"], "conv1", pads=[1, 1, 1, 1]),
        node("BatchNormalization", ["a", *norm], ["b"], "bn1", epsilon=1e-5),
        node("Relu", ["b"], ["c"], "relu"),
        node("Conv", ["c", "w2"], ["d"], "conv2", pads=[1, 1, 1, 1]),
        node("Add", ["d", "x"], ["e"], "add"),
        node("GlobalAveragePool", ["e"], ["y"], "avgpool"),
    ]
    tensors = {"w1": weight(8, 8, 3, 3), "w2": weight(8, 8, 3, 3)} | {n: weight(8) for n in norm}
    network = capture(make(nodes, {"x": ["n", 8, "h", "w"]}, ["y"], tensors)).network

    assert {("x", "conv1"), ("x", "add"), ("conv2", "add"), ("bn1", "relu")} <= edges(network)
    assert network.by_name["bn1"].kind == "BATCH"
    assert standard_attributes(network.by_name["bn1"]) == {"eps": 1e-5, "features": 8}
    assert {s.name for s in network.states if s.kind == "buffer"} == {"mean", "var"}
    assert network.by_name["add"].outputs[0].shape == ("n", 8, "h", "w")
    assert network.by_name["avgpool"].outputs[0].shape == ("n", 8, 1, 1)


def test_a_transformer_block(capture, make):
    """Embedding, projections, products of computed matrices; what rearranges is left out."""
    nodes = [
        node("Gather", ["table", "ids"], ["x"], "embed"),
        node("MatMul", ["x", "wq"], ["q"], "query"),
        node("Add", ["q", "bq"], ["qb"], "query_bias"),
        node("MatMul", ["x", "wk"], ["k"], "key"),
        node("Transpose", ["k"], ["kt"], "turn", perm=[0, 2, 1]),
        node("MatMul", ["qb", "kt"], ["s"], "scores"),
        node("Div", ["s", "root"], ["t"], "scale"),
        node("Softmax", ["t"], ["p"], "softmax"),
        node("MatMul", ["p", "x"], ["c"], "context"),
        node("Add", ["c", "x"], ["r"], "residual"),
        node("LayerNormalization", ["r", "g", "b"], ["n"], "norm", axis=-1),
        node("Gelu", ["n"], ["y"], "gelu"),
    ]
    tensors = {"table": weight(30, 16), "wq": weight(16, 16), "wk": weight(16, 16)}
    tensors |= {"bq": weight(16), "root": np.float32(4), "g": weight(16), "b": weight(16)}
    made = make(nodes, {"ids": ["batch", "time"]}, ["y"], tensors)
    made.graph.input[0].type.tensor_type.elem_type = TensorProto.INT64
    network = capture(made).network

    assert rows(network)[1:-1] == [
        ("embed", "EMBED", None),
        ("query", "FULL", None),
        ("query_bias", "ADD", None),
        ("key", "FULL", None),
        ("scores", "MATMUL", None),
        ("scale", "DIV", None),
        ("softmax", "SOFTMAX", None),
        ("context", "MATMUL", None),
        ("residual", "ADD", None),
        ("norm", "NORM", "LAYER"),
        ("gelu", "GELU", None),
    ]
    assert ("key", "scores") in edges(network)
    assert standard_attributes(network.by_name["embed"]) == {"entries": 30, "features": 16}
    assert network.by_name["scores"].outputs[0].shape == ("batch", "time", "time")
    assert network.by_name["embed"].outputs[0].dtype == "float32"


def test_an_lstm(capture, make):
    """Weights by their places; a value that is left out leaves no trace."""
    nodes = [node("LSTM", ["x", "W", "R", "B", "", "h0"], ["y", "h", "c"], "lstm", hidden_size=5)]
    tensors = {"W": weight(1, 20, 3), "R": weight(1, 20, 5), "B": weight(1, 40)}
    network = capture(make(nodes, {"x": [7, 2, 3], "h0": [1, 2, 5]}, ["y", "c"], tensors)).network
    lstm = network.by_name["lstm"]

    assert (lstm.template, lstm.kind) == ("RNN", "LSTM")
    assert lstm.states == ["W", "R", "B"]
    assert lstm.inputs.args == [{"$": "x"}]
    assert lstm.inputs.kwargs == {"initial_h": {"$": "h0"}}
    assert [value.shape for value in lstm.outputs] == [(7, 1, 2, 5), (1, 2, 5), (1, 2, 5)]
    assert network.by_name["output"].inputs.args == [{"$": "lstm"}, {"$": "lstm", "i": 2}]


def branch(name: str, nodes, tensors=()):
    value = helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
    return helper.make_graph(nodes, name, [], [value], list(tensors))


def test_a_nested_if(capture, make):
    """Graphs inside a node are listed; what they read from outside are its inputs and states."""
    deep = branch(
        "d", [node("Add", ["x", "inner"], ["d"])], [numpy_helper.from_array(weight(4), "inner")]
    )
    shallow = branch("e", [node("Relu", ["r"], ["e"])])
    then = branch("t", [node("If", ["which"], ["t"], then_branch=deep, else_branch=shallow)])
    other = branch("o", [node("Mul", ["r", "factor"], ["o"])])
    nodes = [
        node("Relu", ["x"], ["r"], "relu"),
        node("If", ["which"], ["y"], "choice", then_branch=then, else_branch=other),
    ]
    made = make(nodes, {"x": [4], "which": []}, ["y"], {"factor": weight(4)})
    made.graph.input[1].type.tensor_type.elem_type = TensorProto.BOOL
    found = capture(made)
    choice = found.network.by_name["choice"]

    assert (choice.template, choice.kind) == ("CUSTOM", "If")
    assert choice.attributes == {"then_branch": ["If"], "else_branch": ["Mul"]}
    assert edges(found.network) >= {("x", "choice"), ("which", "choice"), ("relu", "choice")}
    assert choice.states == ["factor", "inner"]
    assert found.notes == []


@pytest.mark.parametrize(
    ("operator", "domain", "opset", "said"),
    [
        ("Frobnicate", "", 20, "Frobnicate"),
        ("FusedMatMul", "com.microsoft", 20, "com.microsoft.FusedMatMul"),
        ("Relu", "", 99, "operator set 99 is later than"),
    ],
)
def test_what_is_not_known_is_kept_and_said(capture, make, operator, domain, opset, said):
    """An operator, a domain or an operator set that is not known: CUSTOM, with its weights."""
    nodes = [node(operator, ["x", "w"], ["y"], "strange", domain=domain, beta=2)]
    found = capture(make(nodes, {"x": [2, 4]}, ["y"], {"w": weight(4)}, opset=opset))
    strange = found.network.by_name["strange"]

    assert (strange.template, strange.kind) == ("CUSTOM", operator)
    assert strange.states == ["w"]
    assert strange.attributes["beta"] == 2
    assert any(said in note for note in found.notes)


def test_constants_are_states(capture, make):
    """Tensors that a snapshot has are buffers; numbers that stand in the graph keep their value."""
    two = numpy_helper.from_array(np.float32([2, 3]))
    nodes = [
        node("Constant", [], ["c"], value=two),
        node("Constant", [], ["half"], value_float=0.5),
        node("Constant", [], ["axes"], value_ints=[1]),
        node("Mul", ["x", "c"], ["m"], "mul"),
        node("Add", ["m", "half"], ["a"], "add"),
        node("ReduceSum", ["a", "axes"], ["y"], "total", keepdims=0),
    ]
    found = capture(make(nodes, {"x": [5, 2]}, ["y"]))
    states = {state.name: state for state in found.network.states}
    half = states["half"].tensor
    hasher = tensor_hasher("float32", ())
    hasher.update(np.float32(0.5).tobytes())

    assert (states["c"].kind, states["half"].kind) == ("buffer", "constant")
    assert half == hasher.hexdigest()
    assert bytes(found.tensors[half][2]) == np.float32(0.5).tobytes()
    assert found.network.by_name["total"].attributes["axes"] == [1]
    assert found.network.by_name["total"].outputs[0].shape == (5,)
    assert found.network.by_name["add"].inputs.args == [{"$": "mul"}, {"$": "half"}]


def test_sizes_that_are_computed_are_plumbing(capture, make):
    """Shape, choice, sum and concatenation of sizes are no layers."""
    nodes = [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "zero"], ["n"]),
        node("Mul", ["n", "two"], ["m"]),
        node("Concat", ["m", "rest"], ["shape"], axis=0),
        node("Reshape", ["x", "shape"], ["r"]),
        node("Relu", ["r"], ["y"], "relu"),
    ]
    numbers = {name: np.array([value]) for name, value in (("zero", 0), ("two", 2), ("rest", -1))}
    network = capture(make(nodes, {"x": ["n", 6]}, ["y"], numbers)).network

    assert rows(network) == [
        ("x", "INPUT", None),
        ("relu", "RELU", None),
        ("output", "OUTPUT", None),
    ]
    assert edges(network) == {("x", "relu"), ("relu", "output")}


def test_names_are_unique_and_valid(capture, make):
    """Equal names, blanks and missing names."""
    nodes = [
        node("Relu", ["x"], ["a"], "same name"),
        node("Relu", ["a"], ["b"], "same name"),
        node("Relu", ["b"], ["x y"]),
    ]
    network = capture(make(nodes, {"x": [1]}, ["x y"])).network

    assert [each.name for each in network.nodes] == [
        "x",
        "same_name",
        "same_name#2",
        "x_y",
        "output",
    ]


def test_reading_is_repeatable(capture, lenet):
    """The same bytes, the same network."""
    assert network_bytes(capture(lenet).network) == network_bytes(capture(lenet).network)


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ([node("Relu", ["y2"], ["y"], "early"), node("Relu", ["x"], ["y2"])], "'early' reads 'y2'"),
        ([node("Relu", ["x"], ["y"]), node("Relu", ["x"], ["y"])], "'y' is given twice"),
        ([node("Relu", ["x"], ["z"])], "the output of the graph reads 'y'"),
        ([node("Constant", [], ["y"])], "has no value"),
    ],
)
def test_graphs_that_cannot_be_followed_are_damaged(capture, make, nodes, said):
    """Which value is meant is told, with the file."""
    with pytest.raises(DamagedFileError, match=said) as caught:
        capture(make(nodes, {"x": [1]}, ["y"]))
    assert "model.onnx" in str(caught.value)
