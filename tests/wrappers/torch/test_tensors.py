"""PyTorch's tensors in memory."""

import ml_dtypes
import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.masked import masked_tensor

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


def fake(_):
    with FakeTensorMode():
        return torch.ones(2)


def masked(tensor):
    return masked_tensor(tensor, torch.tensor([True, False]))


def nested(tensor):
    return torch.nested.nested_tensor([tensor, tensor])


def jagged(tensor):
    return torch.nested.nested_tensor([tensor, tensor], layout=torch.jagged)


class Wrapping(torch.Tensor):
    """A tensor that decides for itself what is done with it."""

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        raise NotImplementedError(func, types, args, kwargs)


@pytest.mark.filterwarnings("ignore:The PyTorch API of")  # masked and nested ones are prototypes
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (fake, "FakeTensor, which cannot be stored; it has no elements"),
        (masked, r"MaskedTensor, which cannot be stored; commit get_data\(\)"),
        (nested, r"NestedTensor, which cannot be stored; commit the tensors that unbind\(\)"),
        (jagged, r"NestedTensor, which cannot be stored; commit the tensors that unbind\(\)"),
        (lambda tensor: tensor.as_subclass(Wrapping), "Wrapping, .*; convert it to a plain"),
    ],
)
def test_tensors_that_are_no_plain_ones_are_refused(make, message):
    """By their kind, whatever torch would raise; parameters of them, too."""
    tensor = make(torch.ones(2))
    for value in (tensor, torch.nn.Parameter(tensor)) if make is fake else (tensor,):
        with pytest.raises(InputError, match=f"'w' is a {message}"):
            tensor_bytes("w", value)


def freed():
    tensor = torch.ones(4)
    tensor.untyped_storage().resize_(0)
    return tensor


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (freed, "its storage was freed; gather it first"),
        (torch.nn.UninitializedParameter, "uninitialized parameter"),
        (lambda: torch._efficientzerotensor(3), "ZeroTensor"),
    ],
)
def test_tensors_without_elements_are_refused(make, reason):
    """What torch says of it, in one line; memory that is no longer theirs is not read."""
    with pytest.raises(InputError, match=f"'w' has no elements .*{reason}") as told:
        tensor_bytes("w", make())
    assert "\n" not in str(told.value)


def test_tensors_of_a_transform_are_refused():
    """Inside of vmap, a tensor stands for many."""

    def inside(tensor):
        with pytest.raises(InputError, match="'w' has no elements"):
            tensor_bytes("w", tensor)
        return tensor

    torch.vmap(inside)(torch.ones(2, 3))


@pytest.mark.filterwarnings("ignore:.*quantize")  # they are to be removed from torch
@pytest.mark.filterwarnings("ignore:ComplexHalf")
def test_dtypes_that_we_do_not_know_are_refused():
    """Quantised numbers mean something only with their scale."""
    quantised = torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)
    for value in (quantised, torch.zeros(2, dtype=torch.complex32)):
        with pytest.raises(InputError, match="cannot be stored"):
            tensor_bytes("w", value)
