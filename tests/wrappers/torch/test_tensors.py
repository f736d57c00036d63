"""PyTorch's tensors in memory."""

import ml_dtypes
import numpy as np
import pytest
import torch

from modelhub.dtypes import NUMPY
from modelhub.errors import InputError
from modelhub.wrappers.torch.tensors import tensor_bytes


@pytest.mark.parametrize("dtype", NUMPY)
def test_every_dtype(dtype):
    """Bit for bit, bool and the narrow ones too."""
    raw = torch.arange(16, dtype=torch.uint8)
    tensor = raw > 3 if dtype == "bool" else raw.view(getattr(torch, dtype))
    name, shape, data = tensor_bytes("w", tensor)
    assert (name, shape) == (dtype, tuple(tensor.shape))
    wanted = bytes(raw > 3) if dtype == "bool" else bytes(range(16))
    assert bytes(data) == wanted


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(12.0).reshape(3, 4).T,
        torch.arange(12.0)[2:9:3],
        torch.ones(1).expand(3, 2),
        torch.tensor(2.5),
        torch.zeros(0, 3),
        torch.nn.Parameter(torch.ones(2)),
        torch.arange(3.0, requires_grad=True) * 2,
    ],
)
def test_shapes_and_views(tensor):
    """In C order, whatever the strides."""
    dtype, shape, data = tensor_bytes("w", tensor)
    assert (dtype, shape) == ("float32", tuple(tensor.shape))
    assert bytes(data) == tensor.detach().numpy().tobytes()


def test_bits_that_torch_only_notes():
    """A conjugate and a negative are what they say, not what is in memory."""
    tensor = torch.tensor([1 + 2j, 3 - 4j])
    for lazy in (tensor.conj(), tensor.conj().imag):
        _, _, data = tensor_bytes("w", lazy)
        assert bytes(data) == lazy.resolve_conj().resolve_neg().numpy().tobytes()


def test_bfloat16_is_ml_dtypes_s():
    """The same numbers have the same bytes."""
    dtype, _, data = tensor_bytes("w", torch.tensor([1.0, -3.5]).bfloat16())
    assert bytes(data) == np.array([1.0, -3.5], getattr(ml_dtypes, dtype)).tobytes()


@pytest.mark.parametrize(
    "value",
    [
        torch.eye(3).to_sparse(),
        torch.zeros(2, device="meta"),
        torch.nn.Linear(1, 1),
        torch.device("cpu"),
    ],
)
def test_what_cannot_be_stored_is_refused(value):
    """By its name, with the way out."""
    with pytest.raises(InputError, match="'w' is a"):
        tensor_bytes("w", value)


@pytest.mark.filterwarnings("ignore:.*quantize")  # they are to be removed from torch
@pytest.mark.filterwarnings("ignore:ComplexHalf")
def test_dtypes_that_we_do_not_know_are_refused():
    """Quantised numbers mean something only with their scale."""
    quantised = torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)
    for value in (quantised, torch.zeros(2, dtype=torch.complex32)):
        with pytest.raises(InputError, match="cannot be stored"):
            tensor_bytes("w", value)
