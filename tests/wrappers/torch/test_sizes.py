"""Sizes in the network's words."""

import pytest
import torch
from torch import nn

from modelhub.network import evaluate_extent
from modelhub.wrappers.torch.capture import capture


class Shapes(nn.Module):
    def forward(self, x):
        a = x.flatten(0, 1)
        b = x[:, : x.shape[1] // 2]
        c = torch.cat([x, x[:, 1:]], 1)
        d = x.reshape(-1, 2, 2)
        return a, b, c, d, x.shape[0] * x.shape[1]


@pytest.mark.parametrize("extents", [(3, 5), (6, 8)])
def test_expressions_have_the_sizes_of_the_outputs(extents):
    """Products, halves, sums."""
    network = capture(Shapes(), (torch.zeros(2, 4, 4),)).network
    examples = {name: symbol.example for name, symbol in network.symbols.items()}
    assert examples == {"s0": 2, "s1": 4, "s2": 4}
    outputs = network.nodes[-1].inputs.args[0]
    sizes = dict(zip(("s0", "s1", "s2"), (*extents, 4), strict=True))
    found = Shapes()(torch.zeros(*extents, 4))
    for reference, value in zip(outputs[:4], found, strict=False):
        shape = network.by_name[reference["$"]].outputs[reference.get("i", 0)].shape
        assert tuple(evaluate_extent(each, sizes) for each in shape) == tuple(value.shape)


def test_numbers_have_a_dtype_and_no_extents():
    """A size is an int64."""
    network = capture(Shapes(), (torch.zeros(2, 4, 4),)).network
    size = next(node for node in network.nodes if node.target == "aten::sym_size.int")
    assert (size.outputs[0].dtype, size.outputs[0].shape) == ("int64", ())
    assert size.plumbing
