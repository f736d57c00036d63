"""In which stages weights are read."""

import pytest
import torch
from torch import nn

from modelhub.errors import InputError
from modelhub.wrappers.torch.capture import capture
from modelhub.wrappers.torch.stages import dense_suffix, stages_of


class Tied(nn.Module):
    """The head is the embedding."""

    def __init__(self):
        super().__init__()
        self.embedding, self.head = nn.Embedding(5, 4), nn.Linear(4, 5, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, x):
        return self.head(self.embedding(x).mean(1))


def suffix(module, x):
    module = module.eval()
    return dense_suffix(capture(module, (x,)).network, dict(module.state_dict()))


def test_levels_grow_from_stage_to_stage() -> None:
    """Two, three of the first, three, all."""
    found = stages_of(["a", "b"])
    assert [each.levels for each in found] == [
        {"a": 2, "b": 2},
        {"a": 3, "b": 2},
        {"a": 3, "b": 3},
        {},
    ]


def test_one_matrix_has_a_stage_less() -> None:
    """Its first is all of them."""
    assert [each.levels for each in stages_of(["a"])] == [{"a": 2}, {"a": 3}, {}]


def test_a_network_that_ends_in_convolutions_has_no_suffix() -> None:
    """The last node is named, and the way out."""
    with pytest.raises(InputError, match=r"its last node is .*; evaluate the network plainly"):
        suffix(nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU()), torch.zeros(2, 1, 8))


def test_a_head_that_is_an_embedding_is_read_in_full() -> None:
    """The embedding needs it exactly."""
    with pytest.raises(InputError, match="no fully connected layer"):
        suffix(Tied(), torch.zeros(2, 3, dtype=torch.long))


def test_only_float32_is_proved() -> None:
    """What computes in bfloat16 rounds more than it knows."""
    module = nn.Sequential(nn.Linear(4, 3)).to(torch.bfloat16)
    with pytest.raises(InputError, match="bfloat16 are not float32"):
        suffix(module, torch.zeros(2, 4, dtype=torch.bfloat16))
