"""Operators of one layer."""

# ruff: noqa: N812

import torch
import torch.nn.functional as F
from torch import fx, nn

from modelhub.network import Template
from modelhub.wrappers.torch import owners as module_of
from modelhub.wrappers.torch.capture import capture
from modelhub.wrappers.torch.owners import Layers, in_order, owners


class Norm(nn.Module):
    """A leaf that PyTorch does not know."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, x):
        return self.scale * x / x.square().mean(-1, keepdim=True).sqrt()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.fc = Norm(), nn.Linear(4, 4)

    def forward(self, x):
        y = self.norm(x.clone())
        y = self.fc(self.norm(y))
        z = torch.zeros_like(y)
        z[:, 0] = y[:, 0]
        return F.relu(z + 1)


def test_layers_are_nodes_in_order():
    """The same layer twice is two nodes; what changes memory comes before who reads it."""
    network = capture(Net(), (torch.randn(2, 4),)).network
    names = [node.name for node in network.nodes]
    assert {"norm", "norm@1", "fc"} <= set(names)
    assert network.by_name["norm@1"].call == 1
    assert network.by_name["norm"].states == ["norm.scale"]
    assert names.index("zeros_like") < names.index("copy_") < names.index("add")


def test_a_layer_around_another_operator_is_loose():
    """One node for it would read what it gives."""
    graph = fx.Graph()
    found = [graph.placeholder("x")]
    for path in ("fc", "", "fc", "norm"):
        node = graph.call_function(torch.ops.aten.relu.default, (found[-1],))
        node.meta["nn_module_stack"] = {path: (path, "")} if path else {}
        node.meta["val"] = torch.zeros(1)
        found.append(node)
    graph.output((found[-1],))
    grouped = owners(graph, Layers(Net()))
    assert grouped == {found[4]: ("norm", 0)}
    assert in_order(graph, grouped) == [*found[:4], ("norm", 0), list(graph.nodes)[-1]]


def test_a_stranger_s_template_takes_a_whole_module(monkeypatch):
    """By the name of its class, whatever it contains."""
    stranger = Template(name="MIXER", summary="mixes", classes=("Sequential",))
    monkeypatch.setattr(module_of, "all_templates", lambda: {"MIXER": stranger})
    layers = Layers(nn.Sequential(nn.Sequential(nn.Linear(2, 2), nn.ReLU()), nn.ReLU()))
    assert layers.at("0").template == "MIXER"
    assert layers.at("1").template == "RELU"
    assert layers.at("") is None
    assert layers.at("nowhere") is None
