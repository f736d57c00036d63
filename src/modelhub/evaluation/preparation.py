"""A field's rows made into what a network's input takes; nothing is converted unasked."""

from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from modelhub.dtypes import numpy_dtype
from modelhub.errors import InputError
from modelhub.evaluation.data import Array, DataOptions, Field, WantedInput

_BYTE = "uint8"
_ONE = Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What is done with a field before the network gets it.

    Elements are multiplied by `scale`, then `mean` is subtracted and divided by `std`, all of
    it in single precision at least and in this order, as torchvision's transforms do.
    """

    field: str
    wanted: WantedInput
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    scale: Fraction = _ONE
    mean: Array | None = None
    std: Array | None = None

    def __call__(self, rows: Array) -> Array:
        """The rows as the network takes them.

        Raises:
            InputError: an element is not a whole number where one is needed.
        """
        found = rows.reshape(len(rows), *self.shape)
        if found.dtype == self.dtype and not self._computes:
            return np.ascontiguousarray(found)
        if self.dtype.kind in "iub":
            return self._whole(found)
        work = self.dtype if self.dtype.itemsize >= 4 else np.dtype(np.float32)  # noqa: PLR2004 - bytes
        return self._computed(found.astype(work)).astype(self.dtype, copy=False)

    @property
    def _computes(self) -> bool:
        return self.scale != _ONE or self.mean is not None or self.std is not None

    def _computed(self, found: Array) -> Array:
        """In place: `found` is a copy."""
        if self.scale.numerator != 1:
            found *= found.dtype.type(self.scale.numerator)
        if self.scale.denominator != 1:
            found /= found.dtype.type(self.scale.denominator)
        if self.mean is not None:
            found -= self.mean.astype(found.dtype)
        if self.std is not None:
            found /= self.std.astype(found.dtype)
        return found

    def _whole(self, found: Array) -> Array:
        whole = found.astype(self.dtype)
        if not np.array_equal(whole, found):
            raise InputError(
                f"{self.field!r} holds numbers that are no {self.dtype.name}, which the network's "
                f"input {self.wanted.name!r} takes"
            )
        return whole


def prepare(name: str, field: Field, wanted: WantedInput, options: DataOptions) -> Preparation:
    """How a field becomes what an input takes.

    Raises:
        InputError: its shape or dtype is another one; says which option helps.
    """
    dtype = numpy_dtype(wanted.dtype)
    is_float = dtype.kind not in "iub"
    scale = options.scale if options.scale is not None else field.scale
    if not is_float:
        scale = options.scale
    shape = _shape(name, field, wanted)
    if field.dtype is not None and field.dtype != wanted.dtype:
        is_asked = options.cast or scale is not None
        if not is_asked:
            raise InputError(_refused(name, field, wanted))
    if not is_float and (options.mean or options.std or (scale or _ONE) != _ONE):
        raise InputError(f"the network's input {wanted.name!r} takes {wanted.dtype}; not scaled")
    return Preparation(
        field=name,
        wanted=wanted,
        shape=shape,
        dtype=dtype,
        scale=scale or _ONE,
        mean=_by_channel(options.mean, shape, "--mean"),
        std=_by_channel(options.std, shape, "--std"),
    )


def _refused(name: str, field: Field, wanted: WantedInput) -> str:
    hint = "convert with --cast"
    if field.dtype == _BYTE:
        hint = "pixels from 0 to 255 become numbers from 0 to 1 with --scale 1/255"
    return (
        f"{name!r} is {field.dtype}, the network's input {wanted.name!r} takes {wanted.dtype}; "
        f"{hint}"
    )


def _shape(name: str, field: Field, wanted: WantedInput) -> tuple[int, ...]:
    """The shape that an example takes."""
    if fits(field.shape, wanted.shape):
        return field.shape
    if field.is_flat:
        fixed = tuple(extent for extent in wanted.shape if extent is not None)
        if len(fixed) == len(wanted.shape) and prod(fixed) == prod(field.shape):
            return fixed
    told = ", ".join("any" if extent is None else str(extent) for extent in wanted.shape)
    hint = ""
    if field.scale is not None and len(wanted.shape) == len(field.shape):
        hint = "; give --image-size"
    raise InputError(
        f"the examples of {name!r} have the shape {list(field.shape)}, "
        f"the network's input {wanted.name!r} takes [{told}]{hint}"
    )


def fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    """Whether a shape is one of those that are wanted."""
    pairs = zip(shape, wanted, strict=False)
    return len(shape) == len(wanted) and all(w is None or s == w for s, w in pairs)


def _by_channel(values: Any, shape: tuple[int, ...], option: str) -> Array | None:
    """One number, or one a channel, in a shape that fits the examples'."""
    if not values:
        return None
    found = np.array(values, np.float64)
    if option == "--std" and not np.all(found):
        raise InputError("--std must not be 0")
    if len(found) == 1:
        return found
    for axis in (0, len(shape) - 1):
        if shape and shape[axis] == len(found):
            return found.reshape([-1 if i == axis else 1 for i in range(len(shape))])
    raise InputError(
        f"{option} has {len(found)} numbers; the examples have the shape {list(shape)}"
    )
