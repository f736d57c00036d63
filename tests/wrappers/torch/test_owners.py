"""Operators of one layer."""

import torch
import torch.nn.functional as F
from torch import nn

from modelhub.network import Template
from modelhub.wrappers.torch import owners as module_of
from modelhub.wrappers.torch.capture import capture
from modelhub.wrappers.torch.owners import Layers


class Norm(nn.Module):
    """A leaf that PyTorch does not know."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, x):
        return self.scale * x / x.square().mean(-1, keepdim=True).sqrt()


class Two(nn.Module):
    """A leaf that is computed in two halves, around another layer."""

    def __init__(self):
        super().__init__()
        self.between = [nn.Identity()]

    def forward(self, x, other):
        first = x.exp()
        return first + other(first).exp()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.two, self.fc = Norm(), Two(), nn.Linear(4, 4)

    def forward(self, x):
        y = self.norm(x.clone())
        y = self.two(self.norm(y), self.fc)
        z = torch.zeros_like(y)
        z[:, 0] = y[:, 0]
        return F.relu(z + 1)


def test_layers_are_nodes_and_circles_are_written_out():
    """The same layer twice; a layer that another one interrupts is loose; order is kept."""
    network = capture(Net(), (torch.randn(2, 4),)).network
    names = [node.name for node in network.nodes]
    assert {"norm", "norm@1", "two.exp", "two.exp_1", "fc"} <= set(names)
    assert "two" not in names
    assert network.by_name["norm@1"].call == 1
    assert network.by_name["norm"].states == ["norm.scale"]
    assert names.index("copy_") < names.index("add") or names.index("copy_") < names.index("add_1")
    assert names.index("copy_") < names.index("relu")


def test_a_stranger_s_template_takes_a_whole_module(monkeypatch):
    """By the name of its class, whatever it contains."""
    stranger = Template(name="MIXER", summary="mixes", classes=("Sequential",))
    monkeypatch.setattr(module_of, "all_templates", lambda: {"MIXER": stranger})
    layers = Layers(nn.Sequential(nn.Sequential(nn.Linear(2, 2), nn.ReLU()), nn.ReLU()))
    assert layers.at("0").template == "MIXER"
    assert layers.at("1").template == "RELU"
    assert layers.at("") is None
    assert layers.at("nowhere") is None
