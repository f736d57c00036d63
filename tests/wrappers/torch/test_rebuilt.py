"""Rebuilt modules are modules."""

import copy
import pickle

import pytest
import torch
from torch import nn

from modelhub.wrappers.torch.build import build
from modelhub.wrappers.torch.capture import capture


@pytest.fixture(name="rebuilt")
def rebuilt_fixture():
    module = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.BatchNorm1d(8), nn.Linear(8, 2))
    return build(capture(module, (torch.randn(3, 4),)).network, module.state_dict())


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_are_whole_and_apart(rebuilt, copied):
    """Mode, keys and outputs; what changes in one does not in the other."""
    rebuilt.train()
    rebuilt[3] if hasattr(rebuilt, "__getitem__") else None
    found = copied(rebuilt)
    assert found.training
    assert list(found.state_dict()) == list(rebuilt.state_dict())
    x = torch.randn(5, 4)
    torch.manual_seed(1)
    wanted = rebuilt(x)
    torch.manual_seed(1)
    assert torch.equal(found(x), wanted)
    with torch.no_grad():
        found.get_parameter("0.weight").zero_()
    assert rebuilt.get_parameter("0.weight").abs().sum() > 0


def test_a_head_can_be_replaced(rebuilt):
    """As one does to tune a model for other classes; copies keep it."""
    rebuilt.add_module("3", nn.Linear(8, 7))
    assert rebuilt(torch.randn(2, 4)).shape == (2, 7)
    assert copy.deepcopy(rebuilt)(torch.randn(2, 4)).shape == (2, 7)
