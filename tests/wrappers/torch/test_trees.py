"""Argument trees."""

import math

import pytest
import torch
from torch import fx

from modelhub.errors import InputError
from modelhub.wrappers.torch.trees import NotStorableError, decode, encode


@pytest.mark.parametrize(
    ("value", "tree"),
    [
        (None, None),
        (True, True),
        (1.5, 1.5),
        (math.inf, {"float": "inf"}),
        ((1, [2]), [1, [2]]),
        (slice(1, None, 2), {"slice": [1, None, 2]}),
        (torch.bfloat16, {"dtype": "bfloat16"}),
        (torch.strided, {"layout": "strided"}),
        (torch.channels_last, {"memory_format": "channels_last"}),
        (torch.device("cuda:1"), {"device": "cpu"}),
        ({"b": 1, "a": 2}, {"map": [["b", 1], ["a", 2]]}),
    ],
)
def test_values_as_trees(value, tree):
    """And back; tuples come back as lists, and every device as the CPU."""
    assert encode(value, None) == tree
    back = decode(tree, None)
    assert encode(back, None) == tree


def test_nodes_are_references():
    """By name, and by which of the outputs."""
    node = fx.Graph().placeholder("x")
    assert encode([node], lambda each: {"$": each.name}) == [{"$": "x"}]
    assert decode([{"$": "x", "i": 2}], lambda name, i: (name, i)) == [("x", 2)]


def test_what_has_no_words_is_not_stored():
    """Generators, modules, numbers with an imaginary part."""
    with pytest.raises(NotStorableError, match="complex"):
        encode(1j, None)


@pytest.mark.parametrize("tree", [{"dtype": "load"}, {"device": "cuda"}, {"float": "1"}])
def test_words_of_strangers_are_refused(tree):
    """`torch.load` is no dtype."""
    with pytest.raises(InputError, match="which is none here"):
        decode(tree, None)
