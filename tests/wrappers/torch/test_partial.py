"""Layers without edges."""

from torch import nn

from modelhub.wrappers.torch.partial import partial_network
from modelhub.wrappers.torch.states import module_states


def test_layers_that_contain_modules_are_one_node():
    """nn.MultiheadAttention has a part of its own, which is no layer then."""
    module = nn.ModuleDict({"att": nn.MultiheadAttention(4, 2), "fc": nn.Linear(4, 4)})
    network = partial_network(module, module_states(module), "because", "aten")
    assert [node.name for node in network.nodes] == ["att", "fc"]
    assert "att.out_proj.weight" in network.nodes[0].states
    assert network.nodes[1].target == "torch.nn.Linear"
    assert network.partial == "because"
