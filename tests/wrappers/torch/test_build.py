"""Networks and weights become modules."""

import numpy as np
import pytest
import torch
from torch import nn

from modelhub.errors import InputError
from modelhub.wrappers.torch.build import build
from modelhub.wrappers.torch.capture import capture


class Stored:
    """A weight in a repository."""

    def __init__(self, tensor):
        self.array = tensor.detach().numpy()
        self.dtype, self.shape = str(self.array.dtype), self.array.shape

    def read_into(self, out):
        out[:] = np.ascontiguousarray(self.array).reshape(-1).view(np.uint8).data


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.unused = nn.Embedding(6, 4), nn.Linear(2, 2)
        self.head = nn.Linear(4, 6, bias=False)
        self.head.weight = self.table.weight

    def forward(self, x):
        return self.head(self.table(x))


@pytest.fixture(name="tied", scope="module")
def tied_fixture():
    module = Tied().eval()
    return module, capture(module, (torch.tensor([[1, 2], [3, 4]]),)).network


def test_weights_are_read_into_place(tied):
    """Through the protocol; ties are ties again, and unused parameters are kept."""
    module, network = tied
    built = build(network, {k: Stored(v) for k, v in module.state_dict().items()})
    assert built.head.weight is built.table.weight
    assert list(built.state_dict()) == list(module.state_dict())
    x = torch.tensor([[5, 0]])
    assert torch.equal(built(x), module(x))


@pytest.mark.parametrize("left_out", ["table.weight", "head.weight"])
def test_one_name_of_a_tied_weight_is_enough(tied, left_out):
    """Files often keep only one."""
    module, network = tied
    weights = {k: v for k, v in module.state_dict().items() if k != left_out}
    assert torch.equal(build(network, weights).table.weight, module.table.weight)


def test_tensors_are_used_as_they_are(tied):
    """No second copy of a model in memory."""
    module, network = tied
    weights = module.state_dict()
    assert build(network, weights).unused.weight.data_ptr() == weights["unused.weight"].data_ptr()


def test_weights_that_do_not_fit_are_named(tied):
    """All of them, with both shapes; a long list is cut."""
    module, network = tied
    weights = module.state_dict() | {"unused.weight": torch.zeros(3, 2), "more": torch.zeros(1)}
    del weights["unused.bias"]
    with pytest.raises(InputError) as caught:
        build(network, weights)
    for part in (
        "unused.weight is float32 [3, 2], not float32 [2, 2]",
        "unused.bias is missing, float32 [2]",
        "more is not in the network",
    ):
        assert part in str(caught.value)
    many = {f"m{i}": torch.zeros(1) for i in range(100)}
    with pytest.raises(InputError, match=r"and 95 more$"):
        build(network, module.state_dict() | many)
