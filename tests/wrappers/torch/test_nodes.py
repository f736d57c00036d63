"""Nodes of a network."""

from collections import OrderedDict
from typing import NamedTuple

import torch
from torch import nn

from modelhub.wrappers.torch.capture import capture


class Pair(NamedTuple):
    left: torch.Tensor
    right: torch.Tensor


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose2d(2, 2, 3, stride=2)
        self.rnn = nn.GRU(4, 3)

    def forward(self, image, sequence, scale=2.0):
        low, high = image.split(1, 1)
        up = self.up(image, output_size=(8, 8))
        hidden, last = self.rnn(sequence)
        return OrderedDict(z=Pair(low * scale, high), a=[up, None], h=(hidden, last))


def network():
    args = (torch.randn(2, 2, 3, 3), torch.randn(5, 2, 4))
    return capture(Net(), args, {"scale": 3.0}).network


def test_structure_of_what_is_returned():
    """Order of keys, tuples, and what is None."""
    (tree,) = network().nodes[-1].inputs.args
    assert tree == {
        "map": [
            ["z", [{"$": "mul"}, {"$": "split", "i": 1}]],
            ["a", [{"$": "up"}, None]],
            ["h", [{"$": "rnn"}, {"$": "rnn", "i": 1}]],
        ]
    }


def test_inputs_are_the_tensors():
    """By the names of the arguments; numbers are part of the network."""
    found = network()
    assert [node.attributes["argument"] for node in found.inputs] == ["image", "sequence"]
    assert found.by_name["mul"].inputs.args == [{"$": "split"}, 3.0]


def test_a_layer_that_is_called_with_settings_keeps_its_operators():
    """A transposed convolution that was told its output's size."""
    up = network().by_name["up"]
    assert (up.template, up.kind, up.target) == ("DECONV", "2D", None)
    assert up.body is not None


def test_layers_with_several_outputs():
    """In the order of the body's returns."""
    rnn = network().by_name["rnn"]
    assert len(rnn.outputs) == len(rnn.body.returns) == 2
    assert (rnn.template, rnn.kind) == ("RNN", "GRU")
    assert rnn.attributes["hidden_size"] == 3
