"""Two modes of a module are compared without computing anything."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from modelhub.wrappers.torch.trace import does_the_same


class Asks(nn.Module):
    """A module whose forward is given both modes, by a function."""

    def __init__(self, forward):
        super().__init__()
        self.one, self.other = nn.Linear(4, 4), nn.Linear(4, 4)
        self.norm, self.drop = nn.BatchNorm1d(4), nn.Dropout(0.5)
        self.plain, self.plainer = torch.ones(4), torch.ones(4)
        self._forward = forward

    def forward(self, x):
        return self._forward(self, x)


SAME = {
    "a mode that is not used": lambda m, x: (m.one(x), m.training)[0],
    "statistics": lambda m, x: m.norm(x),
    "dropout": lambda m, x: functional.dropout(m.drop(x), 0.2, m.training),
    "a probability of nothing": lambda m, x: functional.dropout(m.one(x), 0.0, training=m.training),
    "an attribute": lambda m, x: x + m.plain,
}
OTHER = {
    "weights": lambda m, x: (m.one if m.training else m.other)(x),
    "attributes": lambda m, x: x * (m.plain if m.training else m.plainer),
    "numbers": lambda m, x: x * (2 if m.training else 3),
    "order": lambda m, x: (m.one(x), x) if m.training else (x, m.one(x)),
    "results": lambda m, x: (m.one(x), x) if m.training else m.one(x),
    "dropout without a mode": lambda m, x: functional.dropout(m.one(x), 0.5, training=False),
    "dropout in attention": lambda m, x: functional.scaled_dot_product_attention(
        x, x, x, dropout_p=0.5 if m.training else 0.0
    ),
    "always of the batch": lambda m, x: functional.batch_norm(
        x, m.norm.running_mean, m.norm.running_var, training=not m.training
    ),
    "values": lambda m, x: m.one(x) if x.sum() > 0 else x,
    "a write": lambda m, x: x + m.plain.add_(1),
    "failure": lambda m, x: m.absent(x),
}


@pytest.mark.parametrize("name", SAME)
@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_modes_that_compute_the_same(name, device):
    """Whether or not the weights are in memory."""
    assert does_the_same(Asks(SAME[name]).to(device), (torch.randn(2, 4),), {})


@pytest.mark.parametrize("name", OTHER)
def test_modes_that_differ_or_are_not_known(name):
    """A module that cannot be run on shapes alone is said to differ."""
    assert not does_the_same(Asks(OTHER[name]), (torch.randn(2, 4),), {})


def test_nothing_is_left_behind():
    """Mode, statistics and weights are as before."""
    module = Asks(lambda m, x: m.norm(m.one(x)) + m.plain.add_(1)).train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    does_the_same(module, (torch.randn(2, 4),), {})
    assert module.training
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert torch.equal(module.plain, torch.ones(4))
