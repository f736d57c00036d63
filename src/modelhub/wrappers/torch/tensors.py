"""PyTorch: tensors in memory."""

import torch

from modelhub.dtypes import NUMPY
from modelhub.errors import InputError
from modelhub.values import Shape

# torch calls its dtypes as NumPy and ml_dtypes do; older releases lack some.
_DTYPES = {getattr(torch, name): name for name in NUMPY if hasattr(torch, name)}
# Tensors that are more, or less, than their elements: what to do instead.
_ADVICE = {
    "FakeTensor": "it has no elements; commit the tensors that it stands for",
    "MaskedTensor": "commit get_data() and get_mask() as two tensors",
    "NestedTensor": "commit the tensors that unbind() gives, or to_padded_tensor()",
    "DTensor": "commit full_tensor()",
}
_MAX_REASON = 200  # characters


def tensor_bytes(name: str, value: torch.Tensor) -> tuple[str, Shape, memoryview]:
    """A tensor's dtype name, shape and elements; copied only if not contiguous on the CPU.

    Raises:
        InputError: it is sparse, quantised, nested, masked, without data, or of a dtype that we
            do not know.
    """
    if not isinstance(value, torch.Tensor):
        raise InputError(
            f"{name!r} is a {type(value).__qualname__}, which is no tensor; "
            "commit the module's state_dict()"
        )
    if value.is_nested or type(value).__torch_dispatch__ is not torch.Tensor.__torch_dispatch__:
        kind = "NestedTensor" if value.is_nested else type(value).__qualname__
        raise InputError(
            f"{name!r} is a {kind}, which cannot be stored; "
            f"{_ADVICE.get(kind, 'convert it to a plain tensor')}"
        )
    if value.layout is not torch.strided or value.is_meta or value.dtype not in _DTYPES:
        raise InputError(
            f"{name!r} is a {value.layout} tensor of {value.dtype} on {value.device}, "
            "which cannot be stored; convert it to a dense one"
        )
    try:
        data = _elements(value)
    except (RuntimeError, ValueError) as error:  # such as a parameter that is not initialised
        reason = " ".join(str(error).split())[:_MAX_REASON]
        raise InputError(f"{name!r} has no elements that torch gives away ({reason})") from None
    return _DTYPES[value.dtype], tuple(value.shape), data


def _elements(value: torch.Tensor) -> memoryview:
    if not value.numel():
        return memoryview(b"")
    reach = sum((n - 1) * s for n, s in zip(value.shape, value.stride(), strict=True))
    needed = (value.storage_offset() + reach + 1) * value.element_size()
    if needed > value.untyped_storage().nbytes():
        raise ValueError("its storage was freed; gather it first")
    plain = value.detach().resolve_conj().resolve_neg().cpu().contiguous().reshape(-1)
    return plain.view(torch.uint8).numpy().data


def dtype_name(name: str, value: torch.Tensor) -> str:
    """The name of a tensor's dtype.

    Raises:
        InputError: it is one that we do not know.
    """
    if value.dtype not in _DTYPES:
        raise InputError(f"{name!r} is of {value.dtype}, which cannot be stored; convert it")
    return _DTYPES[value.dtype]


def torch_dtype(name: str) -> torch.dtype:
    """The dtype of a name.

    Raises:
        InputError: this release of torch has none.
    """
    found: torch.dtype | None = next((each for each in _DTYPES if _DTYPES[each] == name), None)
    if found is None:
        raise InputError(f"this release of torch has no dtype {name!r}; use a later one")
    return found
