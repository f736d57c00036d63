"""Parameters and buffers by name."""

import pytest
import torch
from torch import nn

from modelhub.errors import InputError
from modelhub.wrappers.torch.states import container_modules, module_states


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(5, 3)
        self.unused = nn.Parameter(torch.ones(2))
        self.head = nn.Linear(3, 5, bias=False)
        self.head.weight = self.table.weight
        self.register_buffer("mask", torch.tensor([True, False]), persistent=False)
        self.norm = nn.BatchNorm1d(3)


def test_order_kinds_ties_and_persistence():
    """In the order of the state dict; what it leaves out keeps its value."""
    module = Tied()
    states = module_states(module)
    found = {state.name: state for state in states.found}
    stored = [state.name for state in states.found if state.is_stored_with_weights]
    assert stored == list(module.state_dict())
    assert found["head.weight"].tied == "table.weight"
    assert found["mask"].transient
    assert states.tensors[found["mask"].tensor][0] == "bool"
    assert found["norm.num_batches_tracked"].kind == "buffer"
    assert found["norm.num_batches_tracked"].shape == ()


def test_shapes_that_are_not_known_yet_are_refused():
    """A lazy module must have run once."""
    module = nn.Sequential(nn.LazyLinear(3))
    with pytest.raises(InputError, match="run the module once"):
        module_states(module)


def test_values_without_memory_are_told():
    """A buffer on the meta device that the state dict leaves out is lost."""
    module = nn.Module()
    module.register_buffer("scale", torch.ones(2, device="meta"), persistent=False)
    assert "scale" in module_states(module).notes[0]


def test_containers():
    """The module itself and each that contains others."""
    module = nn.Sequential(nn.Sequential(nn.ReLU()), nn.ReLU())
    assert container_modules(module) == [("", "Sequential"), ("0", "Sequential")]
