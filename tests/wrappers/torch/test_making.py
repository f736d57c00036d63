"""New layers: their classes, sizes and first weights."""

from dataclasses import replace

import pytest
import torch

from modelhub.errors import InputError
from modelhub.network import Arguments, Network, Node, Value
from modelhub.wrappers.torch.build import build
from modelhub.wrappers.torch.making import first_weights, make_layer

IMAGE = (2, 6, 8, 8)


def make(template, kind=None, given=IMAGE, **attributes):
    return make_layer(
        "new", template, kind=kind, attributes=attributes, given=given, dtype="float32"
    )


@pytest.mark.parametrize(
    ("template", "kind", "given", "attributes", "target"),
    [
        ("CONV", None, IMAGE, {"kernel": 3}, "torch.nn.Conv2d"),
        ("CONV", "2D", IMAGE, {"kernel_size": [3, 1], "out_channels": 4}, "torch.nn.Conv2d"),
        ("CONV", None, (2, 6, 8), {"kernel": 3, "bias": False}, "torch.nn.Conv1d"),
        ("DECONV", None, IMAGE, {"kernel": 2, "stride": 2}, "torch.nn.ConvTranspose2d"),
        ("POOL", "MAX", IMAGE, {"kernel": 2}, "torch.nn.MaxPool2d"),
        ("POOL", "avg", IMAGE, {"kernel": 2, "stride": 1}, "torch.nn.AvgPool2d"),
        ("NORM", "BATCH", IMAGE, {"eps": 0.1}, "torch.nn.BatchNorm2d"),
        ("NORM", "BATCH", (2, 6), {}, "torch.nn.BatchNorm1d"),
        ("NORM", "LAYER", (2, 5, 6), {}, "torch.nn.LayerNorm"),
        ("NORM", "GROUP", IMAGE, {"num_groups": 3}, "torch.nn.GroupNorm"),
        ("FULL", None, (2, 6), {"out_features": 3}, "torch.nn.Linear"),
        ("DROPOUT", None, IMAGE, {"p": 0.1}, "torch.nn.Dropout"),
        ("SOFTMAX", "LOG", (2, 6), {}, "torch.nn.LogSoftmax"),
        ("LRN", None, IMAGE, {"size": 3}, "torch.nn.LocalResponseNorm"),
    ],
)
def test_a_layer_takes_what_it_is_given(template, kind, given, attributes, target):
    """Its weights are those that it has, and it runs."""
    node, states = make(template, kind, given, **attributes)
    assert (node.target, node.template) == (target, template)
    weights = first_weights(node, states, 0)
    assert {name: tuple(each.shape) for name, each in weights.items()} == {
        each.name: each.shape for each in states
    }
    value = Value(dtype="float32", shape=given)
    reads = Arguments(args=[{"$": "x"}])
    nodes = [
        Node(name="x", op="input", outputs=[value]),
        replace(node, inputs=reads),
        Node(name="end", op="output", inputs=Arguments(args=[{"$": "new"}])),
    ]
    module = build(Network(dialect="aten", nodes=nodes, states=states), weights)
    assert torch.isfinite(module(torch.randn(given))).all()


def test_first_weights_depend_on_seed_and_name_alone():
    """Random numbers of others are left alone."""
    node, states = make("FULL", given=(2, 6), out_features=3)
    before = torch.get_rng_state()
    first = first_weights(node, states, 0)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    assert torch.equal(first_weights(node, states, 0)["new.weight"], first["new.weight"])
    assert not torch.equal(first_weights(node, states, 1)["new.weight"], first["new.weight"])


@pytest.mark.parametrize(
    ("template", "kind", "given", "attributes", "problem"),
    [
        ("POOL", None, IMAGE, {"kernel": 2}, "no kind; there are: AVG, MAX"),
        ("POOL", "SUM", IMAGE, {"kernel": 2}, "the kind 'SUM'"),
        ("POOL", "MAX", (2, 6), {"kernel": 2}, "takes no value of 2 axes"),
        ("CONV", None, IMAGE, {}, "needs kernel_size"),
        ("CONV", None, IMAGE, {"kernel": "x"}, "which cannot be"),
        ("CONV", None, IMAGE, {"kernel": 3, "deep": 1}, "has no 'deep'"),
        ("FULL", None, (2, 1 << 20), {"out_features": 1 << 20}, "elements"),
        ("ROPE", None, IMAGE, {}, "no ROPE can be put in"),
    ],
)
def test_what_cannot_be_made_is_told(template, kind, given, attributes, problem):
    """In one line."""
    with pytest.raises(InputError, match=problem) as refused:
        make(template, kind, given, **attributes)
    assert "\n" not in str(refused.value)
