"""Shapes of changed networks, and where they do not fit."""

from dataclasses import replace

import pytest
import torch
import zoo
from torch import nn

from modelhub.errors import InputError
from modelhub.network import delete_node, evaluate_shape, insert_node, layer_graph
from modelhub.wrappers.torch.capture import capture
from modelhub.wrappers.torch.making import make_layer
from modelhub.wrappers.torch.reshaping import extents, reshaped


def chain():
    module = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.AvgPool2d(2), nn.Conv2d(3, 4, 3))
    return capture(module.eval(), [torch.randn(2, 1, 12, 12)]).network


@pytest.mark.parametrize("name", ["lenet", "resnet18", "bert"])
def test_a_network_that_was_not_changed_keeps_its_shapes(name):
    """Symbols and all; run on shapes alone, each node gives what it gave at capture."""
    network = zoo.captured(name)[1].network
    network = replace(network, training=[], training_gap=None)
    assert reshaped(network) == network
    ran = extents(network)
    assert ran.problem is None
    sizes = {key: each.example for key, each in network.symbols.items()}
    known = [layer for layer in layer_graph(network).layers if layer.name in ran.values]
    assert len(known) > 5
    for layer in known:
        assert evaluate_shape(layer.outputs[0].shape, sizes) == ran.values[layer.name][1]


def test_shapes_behind_a_change_are_computed_anew():
    """Up to the output."""
    pool, states = make_layer(
        "pool", "POOL", kind="MAX", attributes={"kernel": 2}, given=(2, 3, 10, 10), dtype="float32"
    )
    found = reshaped(insert_node(delete_node(chain(), "2"), pool, states, source=("0", 0)))
    assert found.by_name["pool"].outputs[0].shape == ("s0", 3, 5, 5)
    assert found.by_name["3"].outputs[0].shape == ("s0", 4, 3, 3)


def test_the_node_that_does_not_fit_is_told():
    """And what it expected; shapes before it are known."""
    broken = delete_node(chain(), "0")
    with pytest.raises(InputError, match=r"'3' .* does not fit: 3 channels were expected") as told:
        reshaped(broken)
    assert "\n" not in str(told.value)
    assert extents(broken).values["2"] == ("float32", (2, 1, 6, 6))
