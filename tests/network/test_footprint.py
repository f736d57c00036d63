"""What networks cost, layer by layer."""

from dataclasses import replace

import pytest
import torch
from by_hand import BATCH, Drawing, chain, lenet, resnet
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from modelhub.network import (
    Arguments,
    Body,
    Network,
    Node,
    Operation,
    State,
    Value,
    footprint_of,
)


def counted(model: nn.Module, *shape: int) -> int:
    """What torch counts when it runs."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.zeros(shape))
    return int(counter.get_total_flops())


def lenet_module() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10)),
    )


@pytest.mark.parametrize("batch", [1, 8])
def test_lenet_costs_what_torch_counts(batch: int) -> None:
    """And has its parameters."""
    found = footprint_of(lenet(), {"batch": [batch]})
    module = lenet_module()

    assert found.flops == counted(module, batch, 1, 28, 28)
    assert found.parameters == sum(p.numel() for p in module.parameters()) == 431_080
    assert found.is_complete


def test_layers_stand_in_execution_order_with_shapes() -> None:
    """Inputs, views and the output are no layers."""
    layers = footprint_of(lenet(), {"batch": [2]}).layers

    assert [each.name for each in layers] == [
        *("conv1", "pool1", "conv2", "pool2", "fc1", "relu1", "fc2")
    ]
    assert layers[0].shapes == [(2, 20, 24, 24)]
    assert layers[0].parameters == 20 * 25 + 20
    assert layers[0].flops == 2 * layers[0].macs == 2 * 2 * 20 * 24 * 24 * 25
    assert layers[0].activation_bytes == 4 * 2 * 20 * 24 * 24


def test_what_is_alive_at_a_time() -> None:
    """In a chain, a layer's input and output; a view keeps alive what it looks at."""
    d = Drawing()
    x = d.act("a", d.input(BATCH, 100))
    wide = d.linear("wide", x, 300)
    view = d.add("view", wide, shape=(BATCH, 3, 100), op="function", plumbing=True)
    d.act("b", wide)
    d.linear("c", view, 500)

    assert footprint_of(d.done("c")).peak_bytes == 4 * (300 + 1500)
    assert footprint_of(chain("relu", "relu", "relu")).peak_bytes == 2 * 4 * 3 * 64 * 64


def test_a_tied_parameter_counts_once() -> None:
    """At the first layer that has it."""
    network = lenet()
    states = [
        replace(s, tied="conv1.weight") if s.name == "conv2.weight" else s for s in network.states
    ]
    found = footprint_of(replace(network, states=states))

    assert found.parameters == 431_080 - 50 * 20 * 25
    assert sum(each.parameters for each in found.layers) == found.parameters


def test_bodies_are_counted_by_their_operators() -> None:
    """A layer that no template fits still multiplies matrices."""
    value = Value(dtype="float32", shape=("s0", 6))
    turned = Operation(
        name="t",
        target="aten::t",
        inputs=Arguments(args=[{"$": "state:odd.weight"}]),
        outputs=[Value(dtype="float32", shape=(4, 6))],
    )
    product = Operation(
        name="mm",
        target="aten::mm.default",
        inputs=Arguments(args=[{"$": "in0"}, {"$": "t"}]),
        outputs=[value],
    )
    d = Drawing()
    x = d.input(BATCH, 4)
    d.states.append(State(name="odd.weight", kind="parameter", dtype="float32", shape=(6, 4)))
    body = Body(inputs=1, ops=[turned, product], returns=[{"$": "mm"}])
    d.add("odd", x, shape=(BATCH, 6), template="CUSTOM", body=body, states=["odd.weight"])

    assert footprint_of(d.done("odd"), {"batch": [3]}).macs == 3 * 4 * 6


def test_a_partial_network_has_parameters() -> None:
    """And says that the rest is not known."""
    network = lenet()
    nodes = [
        Node(name=n.name, op=n.op, template=n.template, states=n.states)
        for n in network.nodes
        if n.op == "layer"
    ]
    found = footprint_of(Network(dialect="aten", nodes=nodes, states=network.states, partial="no"))

    assert (found.parameters, found.macs, found.is_complete) == (431_080, 0, False)


def test_a_residual_network_keeps_two_values_alive() -> None:
    """The shortcut waits for the block."""
    network = resnet(stages=1, depth=1, width=16)
    value = 4 * 16 * 32 * 32

    assert footprint_of(network).peak_bytes == 3 * value
