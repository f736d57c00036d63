"""The table of operators."""

import onnx.defs

from modelhub.network import TEMPLATES
from modelhub.wrappers.onnx.operators import CONTROL, OPERATORS, OPSET, PLUMBING, operator_of

SCHEMAS = {each.name: each for each in onnx.defs.get_all_schemas() if not each.domain}


def test_every_operator_of_onnx_is_known():
    """None of its own domain would be called unknown."""
    assert [name for name in SCHEMAS if name not in CONTROL and operator_of(name) is None] == []
    assert onnx.defs.onnx_opset_version() <= OPSET
    assert operator_of("Frobnicate") is None


def test_templates_are_those_of_the_table():
    """No layer has a template that queries do not know."""
    assert {each.template for each in OPERATORS.values()} <= set(TEMPLATES)


def test_inputs_are_called_as_the_schemas_call_them():
    """Weights lie where the operator has them."""
    for name, found in (OPERATORS | PLUMBING).items():
        formal = [each.name for each in SCHEMAS[name].inputs]
        if name not in {"Upsample", "Dropout", "QLinearConv", "Attention", "RotaryEmbedding"}:
            got = [each.lower() for each in found.inputs]
            want = [each.lower() for each in formal]
            assert got == want[: len(got)] or len(want) == 1 or not found.weights, name
        assert all(place < len(found.inputs) for place in (*found.weights, *found.buffers)), name
