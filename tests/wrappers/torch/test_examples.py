"""Example inputs."""

import pytest
import torch
from torch import nn
from torch.export import Dim

from modelhub.errors import InputError
from modelhub.wrappers.torch.examples import (
    check_arguments,
    described,
    doubled,
    moving_extents,
    wanted,
)


class Pair(nn.Module):
    def forward(self, image, tokens=None):
        return image, tokens


def test_missing_and_unknown_arguments_are_named():
    """With what forward takes."""
    for args, kwargs in (((), {}), ((1, 2, 3), {}), ((1,), {"mask": 2})):
        with pytest.raises(InputError, match=r"its forward takes image, tokens \(optional\)"):
            check_arguments(Pair(), args, kwargs)
    check_arguments(Pair(), (1,), {"tokens": 2})
    assert wanted(Pair()) == "image, tokens (optional)"


def test_examples_are_described():
    """By dtype and shape."""
    found = described((torch.zeros(1, 2),), {"tokens": torch.zeros(3, dtype=torch.long)})
    assert found == "float32 [1, 2], tokens int64 [3]"


def test_a_batch_of_one_is_doubled():
    """One would be taken for a size that never changes."""
    (found, scalar), kwargs = doubled((torch.ones(1, 3), torch.tensor(2.0)), {"n": 4})
    assert found.shape == (2, 3)
    assert scalar.shape == ()
    assert kwargs == {"n": 4}
    assert doubled((torch.ones(1, 3), torch.ones(2)), {}) is None
    assert doubled((), {}) is None


def test_extents_that_may_move():
    """Batches and lengths, then batches, then nothing; images keep their size."""
    args = (torch.zeros(2, 3, 8, 8), torch.zeros(2, 5, dtype=torch.long))
    much, less, nothing = moving_extents(Pair(), args, {})
    assert much == {"image": {0: Dim.AUTO}, "tokens": {0: Dim.AUTO, 1: Dim.AUTO}}
    assert less == {"image": {0: Dim.AUTO}, "tokens": {0: Dim.AUTO}}
    assert nothing is None
