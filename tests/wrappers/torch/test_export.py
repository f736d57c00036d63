"""What comes back from torch.export, made plain."""

import pytest
import torch
from torch import nn

from modelhub.wrappers.torch.calm import calm
from modelhub.wrappers.torch.export import RegionError, follow, operators
from modelhub.wrappers.torch.targets import base_of


def followed(forward, *args):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(3))

        def forward(self, *args):
            return forward(self, *args)

    with calm():
        return [base_of(node.target) for node in operators(follow(Net(), args, {}, None).graph)]


def test_a_cast_that_changes_nothing_keeps_its_input_s_name():
    """The residual reads what came before the cast; checks and aliases are gone."""
    names = followed(lambda _, x: x + x.float() + x.relu().to(torch.float32), torch.ones(3))
    assert names == ["to", "add", "relu", "to", "add"]


def test_regions_without_gradients_are_written_out():
    """What leaves them is detached."""

    def forward(module, x):
        with torch.no_grad():
            y = x * module.weight
        return y + module.weight

    assert followed(forward, torch.ones(3)) == ["mul", "detach", "add"]


def test_autocast_is_refused_where_it_is_on():
    """Where it is switched off, it is nothing."""

    def forward(is_on):
        def run(module, x):
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_on):
                return x * module.weight

        return run

    assert followed(forward(is_on=False), torch.ones(3)) == ["mul"]
    with pytest.raises(RegionError, match="autocast"):
        followed(forward(is_on=True), torch.ones(3))


def test_what_changes_memory_is_kept():
    """Although nobody reads its value; what has no effect is dropped."""

    def forward(_, x):
        x.exp()
        y = torch.zeros_like(x)
        y[0] = x[1]
        return y

    names = followed(forward, torch.ones(3))
    assert "copy_" in names
    assert "exp" not in names


def test_weights_without_memory_are_followed_as_if_they_were_there():
    """On the CPU, and they are on the meta device again afterwards."""
    module = nn.Linear(4, 2, device="meta")
    with calm():
        found = follow(module, (torch.zeros(3, 4),), {}, None)
    assert [base_of(node.target) for node in operators(found.graph)] == ["linear"]
    assert module.weight.is_meta
