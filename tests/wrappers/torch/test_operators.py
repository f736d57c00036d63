"""Functions look like layers."""

# ruff: noqa: N812

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from modelhub.network import standard_attributes
from modelhub.wrappers.torch.capture import capture


class Functional(nn.Module):
    def __init__(self):
        super().__init__()
        self.kernel = nn.Parameter(torch.randn(6, 3, 3, 3))
        self.matrix = nn.Parameter(torch.randn(4, 6))

    def forward(self, x):
        x = F.conv2d(x, self.kernel, stride=2, padding=1).relu_()
        x = F.max_pool2d(x, 2).mean((2, 3))
        return F.log_softmax(F.linear(x, self.matrix), 1)


@pytest.fixture(name="layers", scope="module")
def layers_fixture():
    network = capture(Functional(), (torch.randn(2, 3, 16, 16),)).network
    return {node.name: node for node in network.nodes}


@pytest.mark.parametrize(
    ("name", "template", "kind", "attributes"),
    [
        ("conv2d", "CONV", "2D", {"kernel": [3, 3], "out_channels": 6, "groups": 1}),
        ("relu_", "RELU", None, {}),
        ("max_pool2d", "POOL", "MAX", {"kernel": [2, 2], "padding": [0, 0]}),
        ("mean", "REDUCE", "MEAN", {}),
        ("linear", "FULL", None, {"in_features": 6, "out_features": 4}),
        ("log_softmax", "SOFTMAX", "LOG", {"dim": 1}),
    ],
)
def test_templates_and_attributes(layers, name, template, kind, attributes):
    """From the arguments, and the shapes of the weights."""
    node = layers[name]
    assert (node.template, node.kind, node.plumbing) == (template, kind, False)
    assert attributes.items() <= standard_attributes(node).items()


def test_weights_are_states_that_functions_read(layers):
    """They are nodes of their own, and named by the function."""
    assert layers["kernel"].op == "state"
    assert layers["conv2d"].states == ["kernel"]
