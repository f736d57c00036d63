"""Classes of PyTorch and their attributes."""

# ruff: noqa: RUF024

import pytest
import torch
from torch import nn

from modelhub.errors import InputError
from modelhub.network import TEMPLATES
from modelhub.wrappers.torch.classes import (
    CLASSES,
    TARGETS,
    guessed_layer,
    known_layer,
    plain_attributes,
    whole_layer,
)

GIVEN = {
    **dict.fromkeys(
        (f"Conv{n}d" for n in "123"),
        {"in_channels": 4, "out_channels": 6, "kernel_size": 3, "stride": 2, "bias": False},
    ),
    **dict.fromkeys(
        (f"ConvTranspose{n}d" for n in "123"),
        {"in_channels": 4, "out_channels": 6, "kernel_size": 3, "groups": 2},
    ),
    **dict.fromkeys(
        (f"{kind}Pool{n}d" for kind in ("Max", "Avg") for n in "123"),
        {"kernel_size": 2, "padding": 1},
    ),
    **dict.fromkeys(
        (f"Adaptive{kind}Pool{n}d" for kind in ("Max", "Avg") for n in "123"), {"output_size": 2}
    ),
    **dict.fromkeys((f"LPPool{n}d" for n in "123"), {"norm_type": 2, "kernel_size": 2}),
    **dict.fromkeys(
        (f"{kind}Norm{n}d" for kind in ("Batch", "Instance") for n in "123"),
        {"num_features": 4, "eps": 1e-3, "affine": True},
    ),
    "Linear": {"in_features": 3, "out_features": 5, "bias": False},
    "LayerNorm": {"normalized_shape": (4, 2), "bias": False},
    "RMSNorm": {"normalized_shape": 4, "eps": 1e-6},
    "GroupNorm": {"num_groups": 2, "num_channels": 4},
    "LocalResponseNorm": {"size": 3},
    "Embedding": {"num_embeddings": 9, "embedding_dim": 4, "padding_idx": 1},
    "PixelShuffle": {"upscale_factor": 2},
    "Upsample": {"scale_factor": 2.0, "mode": "bilinear", "align_corners": False},
    "UpsamplingNearest2d": {"scale_factor": 2.0},
    "UpsamplingBilinear2d": {"scale_factor": 2.0},
    "Softmax": {"dim": 1},
    "LogSoftmax": {"dim": 1},
}


@pytest.mark.parametrize("row", CLASSES.values(), ids=lambda row: row.target)
def test_attributes_build_the_same_layer(row):
    """What is read builds a module that says the same, with tensors of the same shape."""
    module = row.cls(**GIVEN.get(row.cls.__name__, {}))
    found = known_layer(module)
    assert found is row
    again = row.build(row.read(module))
    assert repr(again) == repr(module)
    assert TARGETS[row.target] is row
    assert row.template in TEMPLATES
    assert row.kind is None or row.kind in TEMPLATES[row.template].kinds


def test_strangers_are_not_taken_for_ours():
    """A subclass, a hook, a forward of its own, hidden parameters, indices that come back."""

    class Odd(nn.Linear):
        pass

    hooked, own, spare = nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 2)
    hooked.register_forward_hook(lambda *_: None)
    own.forward = lambda x: x
    spare.register_parameter("more", nn.Parameter(torch.ones(1)))
    for module in (Odd(2, 2), hooked, own, spare, nn.MaxPool2d(2, return_indices=True)):
        assert known_layer(module) is None


def test_attributes_that_no_layer_has_are_refused():
    """In one line that says which."""
    with pytest.raises(InputError, match=r"torch.nn.Conv2d of .* cannot be"):
        TARGETS["torch.nn.Conv2d"].build({"in_channels": -3, "out_channels": 2, "kernel_size": "x"})


def test_guesses_by_the_name_of_a_class():
    """And CUSTOM where the name says nothing."""
    assert whole_layer(nn.LSTM(2, 2)) == ("RNN", "LSTM")
    assert whole_layer(nn.Linear(2, 2)) is None
    assert guessed_layer(type("MistralRMSNorm", (nn.Module,), {})()) == ("NORM", "RMS")
    assert guessed_layer(type("Wavelet", (nn.Module,), {})()) == ("CUSTOM", "Wavelet")


def test_plain_attributes_are_numbers_and_texts():
    """Tensors, private names and the mode are left out."""
    module = nn.LSTM(2, 3, dropout=0.0)
    module.note, module.pair, module.what = "x", (1, 2), object()
    found = plain_attributes(module)
    assert found["hidden_size"] == 3
    assert found["pair"] == [1, 2]
    assert not {"training", "what", "_flat_weights"} & found.keys()
