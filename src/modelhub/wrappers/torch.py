"""PyTorch: tensors in memory."""

import torch

from modelhub.errors import InputError
from modelhub.values import Shape

_DTYPES = {
    torch.bool: "bool",
    torch.uint8: "uint8",
    torch.int8: "int8",
    torch.int16: "int16",
    torch.int32: "int32",
    torch.int64: "int64",
    torch.float16: "float16",
    torch.bfloat16: "bfloat16",
    torch.float32: "float32",
    torch.float64: "float64",
    torch.complex64: "complex64",
    torch.complex128: "complex128",
    torch.float8_e4m3fn: "float8_e4m3fn",
    torch.float8_e4m3fnuz: "float8_e4m3fnuz",
    torch.float8_e5m2: "float8_e5m2",
    torch.float8_e5m2fnuz: "float8_e5m2fnuz",
}


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
