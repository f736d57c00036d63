"""Networks run on arrays."""

import ml_dtypes
import numpy as np
import pytest
import torch
from stored import Stored
from torch import nn

from modelhub.errors import InputError
from modelhub.wrappers.networks import FRAMEWORKS, RUNNERS
from modelhub.wrappers.torch.capture import capture
from modelhub.wrappers.torch.run import array_of, tensor_of


@pytest.fixture(name="pair", scope="module")
def pair_fixture():
    module = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Dropout(), nn.Softmax(1))
    captured = capture(module, (torch.randn(2, 4),))
    weights = {name: Stored(value) for name, value in module.state_dict().items()}
    return module.eval(), RUNNERS.get(FRAMEWORKS["aten"]).load(captured.network, weights, {})


def test_as_pytorch_computes(pair):
    """Bit for bit, for any batch."""
    module, model = pair
    assert model.inputs == ["input"]
    for batch in (1, 7):
        x = np.random.default_rng(batch).normal(size=(batch, 4)).astype(np.float32)
        (found,) = model({"input": x})
        assert found.tobytes() == module(torch.from_numpy(x)).detach().numpy().tobytes()


@pytest.mark.parametrize(
    ("batch", "problem"),
    [
        ({}, r"input \(float32 \['s0', 4\]\) is missing"),
        ({"input": np.zeros((2, 5), np.float32)}, r"shape \[2, 5\]"),
        ({"input": np.zeros(4, np.float32)}, r"shape \[4\]"),
        ({"input": np.zeros((2, 4))}, "given as float64"),
        ({"input": np.zeros((0, 4), np.float32)}, r"shape \[0, 4\]"),
        ({"other": np.zeros(1)}, "no input 'other'; its inputs: input"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(pair, batch, problem):
    """With what is wanted."""
    with pytest.raises(InputError, match=problem):
        pair[1](batch)


def test_bfloat16_goes_through():
    """In and out by ml_dtypes, bit for bit."""
    array = np.array([[1.5, -2.25]], ml_dtypes.bfloat16)
    tensor = tensor_of(array, "bfloat16")
    assert tensor.dtype == torch.bfloat16
    assert array_of(tensor).tobytes() == array.tobytes()
    assert array_of(tensor).dtype == array.dtype
