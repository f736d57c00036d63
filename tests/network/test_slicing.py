"""Parts of networks, cut out and run."""

from dataclasses import replace

import pytest
import torch
import zoo
from small_networks import small_network

from modelhub.errors import InputError
from modelhub.network import (
    Arguments,
    layer_graph,
    network_bytes,
    parse_network,
    slice_network,
)
from modelhub.wrappers import MODULES


def names(network) -> list[str]:
    return [node.name for node in network.nodes]


def test_a_slice_begins_with_what_its_start_reads() -> None:
    """And ends with the value of its end; states that nobody reads are gone."""
    found = slice_network(small_network(), "conv", "block.pool")
    assert names(found) == ["image", "conv", "relu", "block.pool", "output"]
    assert [state.name for state in found.states] == ["conv.weight", "conv.bias"]
    assert found.by_name["output"].reads == ["block.pool"]
    assert network_bytes(parse_network(network_bytes(found))) == network_bytes(found)


def test_what_was_computed_before_becomes_an_input() -> None:
    """`add` reads `relu`, too, which the slice does not compute."""
    found = slice_network(small_network(), "block.pool", "fc")
    assert [node.name for node in found.inputs] == ["relu"]
    assert names(found)[1:] == ["block.pool", "scale", "add", "view", "loose", "fc", "output"]
    found = slice_network(small_network(), "add", "fc")
    assert [node.name for node in found.inputs] == ["relu", "block.pool"]


@pytest.mark.parametrize(
    ("network", "start", "end", "problem"),
    [
        (small_network(), "fc", "conv", "no path leads from 'fc' to 'conv'"),
        (replace(small_network(), partial="no trace"), "conv", "fc", "without edges"),
    ],
)
def test_what_cannot_be_cut_is_told(network, start: str, end: str, problem: str) -> None:
    """In one line."""
    with pytest.raises(InputError, match=problem):
        slice_network(network, start, end)


def with_outputs(network, reads):
    """The same network, whose results are these values."""
    tree = [{"$": name, "i": index} if index else {"$": name} for name, index in reads]
    *nodes, output = map(kept, network.nodes)
    return replace(network, nodes=[*nodes, replace(output, inputs=Arguments(args=[tree]))])


def kept(node):
    """A layer that leaves its input as it is."""
    if node.target == "aten::add_.Tensor":
        return replace(node, target="aten::add.Tensor")
    if "inplace" not in node.attributes:
        return node
    return replace(node, attributes={**node.attributes, "inplace": False})


def read_of(name: str, network) -> tuple[str, int]:
    """The value of the whole that an input of a slice stands for."""
    if name in network.by_name:
        return name, 0
    name, _, index = name.rpartition(".")
    return name, int(index)


def pairs(network) -> list[tuple[str, str]]:
    """Some starts and ends, all over the network."""
    layers = [node.name for node in layer_graph(network).layers[:-1]]
    starts = layers[1 :: max(1, len(layers) // 4)]
    return [(s, e) for s in starts for e in layers[layers.index(s) :: max(1, len(layers) // 3)]]


@pytest.mark.parametrize("name", ["lenet", "resnet18", "unet", "bert", "llama"])
def test_a_slice_gives_the_activations_of_the_whole(name: str) -> None:
    """Bit for bit, between layers all over the network."""
    module, captured = zoo.captured(name)
    args, kwargs = zoo.ZOO[name].inputs(2, 8)
    wrapper = MODULES.get("torch")
    network = captured.network
    weights = {**module.state_dict(keep_vars=True), **constants(captured)}
    tensors = {key: value for key, value in kwargs.items() if isinstance(value, torch.Tensor)}
    ran = 0
    for start, end in pairs(network):
        try:
            cut = slice_network(network, start, end)
        except InputError as refused:
            assert "no path leads" in str(refused)  # noqa: PT017 - each pair has a path or none
            continue
        reads = [read_of(node.name, network) for node in cut.inputs]
        whole = wrapper.build(with_outputs(network, [*reads, (end, 0)]), weights)
        *given, expected = whole(*args, **tensors)
        part = wrapper.build(cut, {state.name: weights[state.name] for state in cut.states})
        found = part(*given)
        found = found[0] if isinstance(found, tuple | list) else found
        assert torch.equal(found, expected), (start, end)
        ran += 1
    assert ran > 3


def constants(captured) -> dict[str, torch.Tensor]:
    found = {}
    for state in captured.network.states:
        if state.tensor is not None:
            dtype, shape, data = captured.tensors[state.tensor]
            raw = torch.frombuffer(bytearray(data), dtype=getattr(torch, dtype))
            found[state.name] = raw.reshape(shape)
    return found
