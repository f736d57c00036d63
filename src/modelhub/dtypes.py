"""The dtypes that a tensor can have: names, widths, numpy's types (docs/spec/repository.md §2)."""

import re
from math import prod
from typing import Any

import ml_dtypes
import numpy as np

from modelhub.errors import InputError
from modelhub.values import Shape

OPAQUE_PREFIX = "opaque:"
_OPAQUE_NAME = re.compile(r"opaque:[A-Za-z0-9_.-]+")
PACKED_FLOAT4 = "float4_e2m1fn_x2"

NUMPY: dict[str, np.dtype[Any]] = {
    name: np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
} | {
    name: np.dtype(getattr(ml_dtypes, name))
    for name in (
        *("bfloat16", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz"),
        "float8_e8m0fnu",
    )
}


def is_opaque(dtype: str) -> bool:
    """Whether elements of this dtype are bytes that we carry and do not understand."""
    return dtype.startswith(OPAQUE_PREFIX) or dtype == PACKED_FLOAT4


def numpy_dtype(dtype: str) -> np.dtype[Any]:
    """The numpy type of an element; a byte for opaque and packed dtypes.

    Raises:
        InputError: no dtype has this name.
    """
    if dtype == PACKED_FLOAT4 or _OPAQUE_NAME.fullmatch(dtype):
        return np.dtype(np.uint8)
    if dtype not in NUMPY:
        raise InputError(f"unknown dtype {dtype!r}; known are {', '.join(NUMPY)}")
    return NUMPY[dtype]


def size_bytes(dtype: str, shape: Shape) -> int:
    """Bytes of a tensor of this dtype and shape.

    >>> size_bytes("bfloat16", (3, 5))
    30
    """
    return numpy_dtype(dtype).itemsize * prod(shape)


def name_of(dtype: np.dtype[Any]) -> str:
    """Our name of a numpy type.

    Raises:
        InputError: the type is not one that a tensor can have.
    """
    if dtype.name not in NUMPY:
        raise InputError(f"arrays of dtype {dtype} cannot be stored; convert them to numbers first")
    return dtype.name
