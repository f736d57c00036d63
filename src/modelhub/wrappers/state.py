"""Tensors in memory, whatever framework holds them, as plain bytes."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np

from modelhub.dtypes import name_of
from modelhub.errors import InputError
from modelhub.plugins import Registry
from modelhub.values import Shape

Bytes: TypeAlias = tuple[str, Shape, memoryview]
Converter: TypeAlias = Callable[[str, Any], Bytes]

STATES: Registry[Converter] = Registry(
    "modelhub.states", {"torch": "modelhub.wrappers.torch.tensors:tensor_bytes"}
)
MAX_REASON = 200  # characters
_HALF = re.compile("[\ud800-\udfff]")  # of a surrogate pair: no file can hold it
_NUMBERS = bool | int | float | complex


def state_arrays(state: Mapping[str, object]) -> Iterator[tuple[str, str, Shape, memoryview]]:
    """The tensors of a state dict: name, dtype name, shape, and the elements as bytes.

    The elements are little-endian, in C order; they are not copied where the tensor holds them
    so already. Python numbers are tensors without extents.

    Raises:
        InputError: a name is no text, or a value is no tensor of numbers; names it.
    """
    for name, value in state.items():
        if not isinstance(name, str):
            raise InputError(f"the state dict has the key {name!r}; names must be texts")
        if _HALF.search(name):
            raise InputError(f"the state dict has the key {name!r}, which is no Unicode text")
        dtype, shape, data = _converted(name, value)
        yield name, dtype, shape, data


def _converted(name: str, value: object) -> Bytes:
    if isinstance(value, np.ma.MaskedArray):
        raise InputError(
            f"{name!r} is a {type(value).__qualname__}, whose mask would be lost; fill it with "
            "filled(), or store its data and its mask as two arrays"
        )
    if isinstance(value, np.ndarray | np.generic):
        return array_bytes(name, np.asarray(value))
    framework = framework_of(value, STATES)
    if framework is not None:
        return STATES.get(framework)(name, value)
    if isinstance(value, _NUMBERS) or hasattr(value, "__array__"):
        return array_bytes(name, _array(name, value))
    raise InputError(
        f"{name!r} is a {type(value).__qualname__}, which is no tensor; "
        "leave it out, or convert it to an array"
    )


def _array(name: str, value: object) -> np.ndarray[Any, Any]:
    try:
        return np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:  # whatever its framework raises
        reason = " ".join(str(error).split())[:MAX_REASON]
        raise InputError(
            f"{name!r} is a {type(value).__qualname__} that gives no array ({reason})"
        ) from None


def framework_of(value: object, known: Iterable[str]) -> str | None:
    """The framework that a value's class, or one that it inherits from, comes from.

    Args:
        value: a tensor, or a module.
        known: names of frameworks, which are those of their packages.
    """
    names = set(known)
    homes = (each.__module__.partition(".")[0] for each in type(value).__mro__)
    return next((home for home in homes if home in names), None)


def array_bytes(name: str, array: np.ndarray[Any, Any]) -> Bytes:
    """A NumPy array's dtype name, shape and elements.

    Raises:
        InputError: it is not an array of numbers.
    """
    try:
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        dtype = name_of(little.dtype)
    except InputError as error:
        raise InputError(f"{name!r}: {error}") from None
    flat = np.ascontiguousarray(little).reshape(-1)
    return dtype, array.shape, flat.view(np.uint8).data if flat.size else memoryview(b"")
