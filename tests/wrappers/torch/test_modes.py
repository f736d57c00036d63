"""What depends on the mode."""

# ruff: noqa: FBT003

import torch

from modelhub.wrappers.torch.modes import MODES, count_batch, while_training
from modelhub.wrappers.torch.targets import argument_names


def test_each_operator_has_the_argument():
    """Its name is in one of the overloads."""
    for base, mode in MODES.items():
        packet = getattr(torch.ops.aten, base)
        overloads = [getattr(packet, name) for name in packet.overloads()]
        assert any(mode.argument in argument_names(each) for each in overloads), base


def test_probabilities_and_counters():
    """Only while training."""
    counter = torch.tensor(3)
    assert [while_training(each, 0.5) for each in (True, False)] == [0.5, 0.0]
    count_batch(False, counter)
    count_batch(True, counter)
    assert counter == 4
