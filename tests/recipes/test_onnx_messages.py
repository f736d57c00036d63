"""The messages of a model, before anyone asks what their tensors are."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from modelhub.recipes.onnx_messages import (
    MAX_RANK,
    TensorMessage,
    require_graph,
    tensor_messages,
    values_of,
)
from modelhub.recipes.protobuf import WireError

ARRAY = np.arange(6, dtype=np.float32).reshape(2, 3)


def graph(name: str, nodes=(), tensors=()) -> onnx.GraphProto:
    return helper.make_graph(list(nodes), name, [], [], list(tensors))


def tensor(name: str) -> TensorProto:
    return numpy_helper.from_array(ARRAY, name)


def test_tensors_stand_wherever_a_model_has_them():
    """Initializers, attributes, graphs in nodes, functions, training."""
    inner = graph("inner", tensors=[tensor("inner.w")])
    nodes = [
        helper.make_node("If", [], ["y"], then_branch=inner),
        helper.make_node("Custom", [], ["z"], weight=tensor("attribute")),
    ]
    model = helper.make_model(graph("g", nodes, [tensor("w")]))
    constant = helper.make_node("Custom", [], ["c"], value=tensor("in function"))
    model.functions.append(helper.make_function("d", "f", [], ["c"], [constant], []))
    model.training_info.add().initialization.CopyFrom(graph("t", tensors=[tensor("training")]))
    raw = model.SerializeToString()
    found = list(tensor_messages(raw))
    names = {"inner.w", "z.weight", "w", "c.value", "training"}
    assert {message.name for message in found} == names
    for message in found:
        begin, end = message.elements()
        assert (message.stored(), raw[begin:end]) == (("float32", (2, 3)), ARRAY.tobytes())


def test_shapes_that_no_tensor_has():
    """Too many extents, or one below zero, or a dtype that does not exist."""
    message = TensorMessage()
    message.code = TensorProto.FLOAT
    assert message.stored() == ("float32", ())
    for extents in ([-1], [1] * (MAX_RANK + 1)):
        message.extents = extents
        assert message.stored() is None
    message.extents, message.code = [3], 999
    assert message.stored() is None


def test_narrow_elements_are_counted_in_bytes():
    """Half a byte is a byte at the end."""
    message = TensorMessage()
    message.code, message.extents = TensorProto.INT4, [3]
    assert message.stored() == ("opaque:onnx.INT4", (2,))


def test_a_model_has_a_graph():
    """Other messages are none, and other bytes are no message."""
    require_graph(helper.make_model(graph("g")).SerializeToString())
    for raw in (b"\x08\x01", b"\x07", b"\xff" * 20):
        with pytest.raises(WireError):
            require_graph(raw)


def test_what_a_model_says_of_itself():
    """Who made it, and of which version."""
    model = helper.make_model(graph("g"), producer_name="me", model_version=3)
    values = values_of(model.SerializeToString())
    assert (values["producer_name"], values["model_version"]) == ("me", 3)
