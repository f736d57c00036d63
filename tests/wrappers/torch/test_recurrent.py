"""Recurrent operators by their shapes."""

import pytest
import torch
from torch import nn

from modelhub.wrappers.torch.capture import capture
from modelhub.wrappers.torch.recurrent import shapes_alone


@pytest.mark.parametrize("cls", [nn.LSTM, nn.GRU, nn.RNN])
def test_shapes_are_those_of_the_layer(cls):
    """Both directions, several layers; the length of the sequence stays open."""
    module = cls(3, 5, 2, batch_first=True, bidirectional=True).eval()
    network = capture(module_of(module), (torch.zeros(2, 7, 3),)).network
    wanted, _ = module(torch.zeros(2, 7, 3))
    found = network.by_name["rnn"].outputs[0].shape
    assert found == ("s0", "s1", wanted.shape[-1])


def module_of(rnn):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = rnn

        def forward(self, x):
            return self.rnn(x)[0]

    return Net()


def test_afterwards_they_compute_again():
    """The kernels are put back."""
    before = dict(torch.ops.aten.lstm.input.py_kernels)
    with shapes_alone():
        assert torch.ops.aten.lstm.input.py_kernels != before
    assert torch.ops.aten.lstm.input.py_kernels == before
