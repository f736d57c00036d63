"""The messages of ONNX that describe graphs."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from modelhub.recipes import WireError
from modelhub.wrappers.onnx import messages
from modelhub.wrappers.onnx.messages import SCOPES, ValueInfo, json_float, read_model

node = helper.make_node


def read(made: onnx.ModelProto) -> messages.OnnxModel:
    return read_model(made.SerializeToString())


def test_attributes_of_every_type(make):
    """Numbers, texts, rows, tensors and graphs; single precision with as few digits as it needs."""
    given = {"f": 0.1, "i": -3, "s": "text", "fs": [0.5, 1e-5], "is": [1, -2], "ss": ["a", "b"]}
    tensor = numpy_helper.from_array(np.arange(3), "t")
    inner = helper.make_graph([node("Relu", ["x"], ["z"])], "inner", [], [])
    made = make([node("Op", ["x", ""], ["y"], "n", domain="d", t=tensor, g=inner, **given)], {}, [])
    [found] = read(made).graph.nodes

    assert found.attributes == given
    assert (found.name, found.operator, found.domain) == ("n", "Op", "d")
    assert (found.inputs, found.outputs) == (["x", ""], ["y"])
    assert found.tensors["t"].extents == [3]
    assert [each.operator for each in found.graphs["g"].nodes] == ["Relu"]


def test_zeros_that_are_left_out(make):
    """Writers of proto3 leave out what is 0; the type of the attribute says what it is."""
    made = make([node("Op", ["x"], ["y"], axis=0)], {}, [])
    made.graph.node[0].attribute[0].ClearField("i")

    assert read(made).graph.nodes[0].attributes == {"axis": 0}


def test_values_and_sizes(make):
    """Numbers, names, and what is not said."""
    made = make([], {"x": [2, "n", None]}, ["y"])
    graph = read(made).graph

    assert graph.inputs == [ValueInfo(name="x", code=TensorProto.FLOAT, dims=[2, "n", None])]
    assert graph.outputs == [ValueInfo(name="y", code=TensorProto.FLOAT, dims=None)]


def test_the_own_domain_has_two_names(make):
    """`ai.onnx` is the domain without a name."""
    made = make([node("Relu", ["x"], ["y"], domain="ai.onnx")], {}, [])
    made.opset_import[0].domain = "ai.onnx"
    found = read(made)

    assert (found.opsets, found.graph.nodes[0].domain) == ({"": 20}, "")


def test_where_nodes_come_from(make):
    """Only the properties that tell of modules are kept."""
    made = make([node("Relu", ["x"], ["y"])], {}, [])
    for key in (SCOPES, "pkg.torch.onnx.stack_trace"):
        made.graph.node[0].metadata_props.add(key=key, value="['', 'a']")

    assert read(made).graph.nodes[0].properties == {SCOPES: "['', 'a']"}


def test_limits(make, monkeypatch):
    """Parts are counted, wherever they are; graphs are not nested without an end."""
    made = make([node("Relu", ["x"], ["y"])] * 20, {}, [])
    monkeypatch.setattr(messages, "MAX_PARTS", 50)
    with pytest.raises(WireError, match="more than 50 nodes"):
        read(made)
    monkeypatch.undo()
    graph = helper.make_graph([], "g", [], [])
    for _ in range(32):
        graph = helper.make_graph([node("If", ["x"], ["y"], then_branch=graph)], "g", [], [])
    with pytest.raises(WireError, match="nested"):
        read(helper.make_model(graph))


@pytest.mark.parametrize("raw", [b"", b"\x08\x0a", b"\x3a\x02\x0a\x7f"])
def test_what_is_no_model(raw):
    """No graph, or one that reaches over the end."""
    with pytest.raises(WireError):
        read_model(raw)


@pytest.mark.parametrize(("given", "found"), [(0.1, 0.1), (np.inf, "inf"), (np.nan, "nan")])
def test_floats(given, found):
    """JSON has no infinity."""
    assert json_float(np.float32(given)) == found
