"""Modules become networks."""

import pytest
import torch
from torch import nn

from modelhub.errors import InputError
from modelhub.network import network_bytes
from modelhub.wrappers.networks import MODULES
from modelhub.wrappers.torch.capture import capture


def lenet():
    return nn.Sequential(nn.Conv2d(1, 4, 5), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3))


class Branch(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 4), nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.2))

    def forward(self, x):
        return self.a(x) if x.sum() > 0 else self.b(x)


def test_a_chain():
    """Names are paths; the batch stays open, also where the example is a batch of one."""
    network = MODULES.get("torch").capture(lenet(), (torch.zeros(1, 1, 8, 8),)).network
    assert [node.name for node in network.nodes] == ["input", "0", "1", "2", "3", "output"]
    assert network.by_name["3"].outputs[0].shape == ("s0", 3)
    assert network.symbols["s0"].max is None
    assert network.parameter_count == sum(each.numel() for each in lenet().parameters())


def test_the_module_is_as_before():
    """Mode, random numbers, running statistics."""
    module = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)).train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    state = torch.get_rng_state()
    capture(module, (torch.randn(2, 4),))
    torch.set_rng_state(state)
    assert all(part.training for part in module.modules())
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_a_module_that_decides_by_values_is_a_list_of_layers():
    """With the reason in one line, attributes and states, and no edges."""
    captured = capture(Branch(), (torch.randn(2, 4),))
    assert "decides by the values" in captured.network.partial
    assert [node.name for node in captured.network.nodes] == ["a", "b.0", "b.1"]
    assert captured.network.by_name["b.1"].attributes["p"] == 0.2
    assert captured.network.by_name["a"].states == ["a.weight", "a.bias"]
    network_bytes(captured.network)


@pytest.mark.parametrize("shape", [(2, 3, 8, 8), (2, 1, 7, 7), (2,)])
def test_inputs_of_another_shape_are_refused(shape):
    """With what was given, and what the module says of it."""
    with pytest.raises(InputError, match=r"Sequential does not run on .*float32 \[2.*takes input"):
        capture(lenet(), (torch.zeros(shape),))


def test_without_inputs_only_the_modules_are_known():
    """A network without edges says what is missing."""
    found = capture(nn.Sequential(nn.Linear(4, 2), nn.ReLU())).network

    assert found.partial == "no example inputs were given"
    assert [node.template for node in found.nodes if node.template] == ["FULL", "RELU"]


class Constant(nn.Module):
    def forward(self, x):
        return x * torch.tensor([1.0, 2.0])


def test_literals_of_the_code_are_states():
    """Their values are kept beside the network."""
    captured = capture(Constant(), (torch.ones(3, 2),))
    (state,) = captured.network.states
    assert state.kind == "constant"
    dtype, shape, data = captured.tensors[state.tensor]
    assert (dtype, shape) == ("float32", (2,))
    assert bytes(data) == torch.tensor([1.0, 2.0]).numpy().tobytes()


def test_a_graph_that_cannot_be_made_is_not_printed(capfd):
    """Torch writes all of it on stderr where it gives up; a user gets the reason."""
    capture(Branch(), (torch.ones(2, 4),))

    assert capfd.readouterr() == ("", "")
