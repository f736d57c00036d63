"""PyTorch: tensors in memory."""

import torch

from modelhub.dtypes import NUMPY
from modelhub.errors import InputError
from modelhub.values import Shape

# torch calls its dtypes as NumPy and ml_dtypes do; older releases lack some.
_DTYPES = {getattr(torch, name): name for name in NUMPY if hasattr(torch, name)}


def tensor_bytes(name: str, value: torch.Tensor) -> tuple[str, Shape, memoryview]:
    """A tensor's dtype name, shape and elements; copied only if not contiguous on the CPU.

    Raises:
        InputError: it is sparse, quantised, without data, or of a dtype that we do not know.
    """
    if not isinstance(value, torch.Tensor):
        raise InputError(
            f"{name!r} is a {type(value).__qualname__}, which is no tensor; "
            "commit the module's state_dict()"
        )
    if value.layout is not torch.strided or value.is_meta or value.dtype not in _DTYPES:
        raise InputError(
            f"{name!r} is a {value.layout} tensor of {value.dtype} on {value.device}, "
            "which cannot be stored; convert it to a dense one"
        )
    plain = value.detach().resolve_conj().resolve_neg().cpu().contiguous().reshape(-1)
    data = plain.view(torch.uint8).numpy().data if plain.numel() else memoryview(b"")
    return _DTYPES[value.dtype], tuple(value.shape), data


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
