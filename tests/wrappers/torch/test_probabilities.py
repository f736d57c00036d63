"""Dropout that evaluation hides."""

# ruff: noqa: N812

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from modelhub.wrappers.torch.capture import capture


class Attention(nn.Module):
    def __init__(self, **attributes):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        for name, value in attributes.items():
            setattr(self, name, value)

    def forward(self, x):
        return F.scaled_dot_product_attention(x, x * self.weight, x)


class Outer(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.attention = inner

    def forward(self, x):
        return self.attention(x)


def probability(inner):
    network = capture(Outer(inner), (torch.randn(2, 3, 4),)).network
    bodies = [node.body for node in network.nodes if node.body is not None]
    ops = [op for body in bodies for op in body.ops]
    return next(
        op.inputs.kwargs.get("dropout_p") for op in ops if "scaled_dot_product" in op.target
    )


@pytest.mark.parametrize(
    ("attributes", "wanted"),
    [
        ({"dropout": 0.1}, 0.1),
        ({"attention_dropout": 0.2, "dropout": 0.1}, 0.2),
        ({"dropout_prob": 0.3}, 0.3),
        ({"heads": 4}, None),
        ({"dropout": True}, None),
    ],
)
def test_attributes_of_the_module_around(attributes, wanted):
    """The plainest name counts; a flag is no probability."""
    assert probability(Attention(**attributes)) == wanted


class Late(nn.Module):
    def forward(self, x):
        x = F.dropout(x, 0.0, self.training)
        return F.dropout(x.softmax(-1), 0.0 if not self.training else 0.5, self.training)


def test_only_weights_of_attention_are_restored():
    """A dropout of 0 elsewhere is 0 while training, too."""
    inner = Late()
    inner.attention_dropout = 0.5
    network = capture(Outer(inner), (torch.randn(2, 3),)).network
    (body,) = (node.body for node in network.nodes if node.body is not None)
    assert [op.inputs.args[1] for op in body.ops if "dropout" in op.target] == [0.0, 0.5]
