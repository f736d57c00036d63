"""The values of small ONNX tensors: shapes, axes, ratios."""

from collections.abc import Sequence
from math import prod

import numpy as np

from modelhub.dtypes import NUMPY, size_bytes
from modelhub.network import Attribute
from modelhub.recipes import Buffer, TensorMessage, integers
from modelhub.wrappers.networks import Array
from modelhub.wrappers.onnx.messages import json_float

MAX_ELEMENTS = 64
_INT32, _INT64, _UINT64 = 5, 7, 11  # fields of TensorProto that hold whole numbers
_INTEGERS = {"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"}


def array_of(buffer: Buffer, tensor: TensorMessage) -> Array | None:
    """The elements of a small tensor; None if it is larger, lies elsewhere, or is damaged."""
    stored = tensor.stored()
    if stored is None or tensor.is_external or stored[0] not in NUMPY:
        return None
    dtype, shape = stored
    count = prod(shape)
    if count > MAX_ELEMENTS:
        return None
    place = tensor.elements()
    if place is not None:
        if place[1] - place[0] != size_bytes(dtype, shape):
            return None
        return np.frombuffer(buffer[place[0] : place[1]], NUMPY[dtype]).reshape(shape)
    numbers = _numbers(buffer, tensor) if dtype in _INTEGERS else None
    if numbers is None or len(numbers) != count or not _fit(numbers, dtype):
        return None
    return np.array(numbers, NUMPY[dtype]).reshape(shape)


def _fit(numbers: Sequence[int], dtype: str) -> bool:
    if dtype == "bool":
        return True
    limits = np.iinfo(NUMPY[dtype])
    return all(limits.min <= number <= limits.max for number in numbers)


def _numbers(buffer: Buffer, tensor: TensorMessage) -> Sequence[int] | None:
    """Whole numbers that are written out; None if they are not in one piece."""
    [field, *others] = tensor.data
    if others or field.number not in {_INT32, _INT64, _UINT64}:
        return None
    return integers(buffer, field, MAX_ELEMENTS + 1)


def attribute_of(array: Array) -> Attribute:
    """A small array as an attribute: a number, or a row of numbers, whatever its rank."""
    flat = [_plain(each) for each in array.reshape(-1)]
    return flat[0] if array.ndim == 0 else flat


def _plain(value: np.generic) -> Attribute:
    if isinstance(value, np.bool_ | np.integer):
        found: Attribute = value.item()
        return found
    if isinstance(value, np.floating):
        return json_float(value)
    return str(value)
