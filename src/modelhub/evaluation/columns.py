"""Sources that are arrays side by side, each read a batch at a time."""

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Protocol

import numpy as np

from modelhub.dtypes import numpy_dtype
from modelhub.errors import DamagedFileError, InputError
from modelhub.evaluation.data import Array, Batch, Field, file_content
from modelhub.recipes import Layout, NamedTensor
from modelhub.values import View


class Column(Protocol):
    """One array whose rows can be gone through."""

    @property
    def field(self) -> Field:
        """What it is."""
        ...

    def batches(self, size: int) -> Iterator[Array]:
        """Its rows in order, `size` at a time; the last batch may be smaller."""
        ...


class ColumnsSource:
    """Named columns of a file."""

    def __init__(self, path: Path, columns: Mapping[str, Column]) -> None:
        self._path = path
        self._columns = columns
        self._content = ""
        self.fields: Mapping[str, Field] = {name: each.field for name, each in columns.items()}
        self.classes: Sequence[str] = ()

    def batches(self, size: int, fields: Sequence[str]) -> Iterator[Batch]:
        """All examples; the fields have equally many."""
        counts = {self.fields[name].count for name in fields}
        if len(counts) > 1:
            told = ", ".join(f"{name!r} has {self.fields[name].count:,}" for name in fields)
            raise InputError(f"{self._path}: its arrays have unequal lengths: {told}")
        each = [self._columns[name].batches(size) for name in fields]
        for parts in zip(*each, strict=True):
            yield dict(zip(fields, parts, strict=True))

    def content(self) -> str:
        """The hash of the file."""
        self._content = self._content or file_content(self._path)
        return self._content


class MappedColumn:
    """An array that lies in a file as it is; only rows that are looked at take memory."""

    def __init__(self, path: Path, layout: Layout, tensor: NamedTensor) -> None:
        self._path = path
        self._tensor = tensor
        self._span = None if tensor.span is None else layout.spans[tensor.span]
        shape = tensor.shape
        self.field = Field(dtype=tensor.dtype, shape=shape[1:], count=shape[0] if shape else 0)

    def batches(self, size: int) -> Iterator[Array]:
        """Copies of rows."""
        array = self._array()
        for start in range(0, len(array), size):
            yield np.array(array[start : start + size], order="C")

    def _array(self) -> Array:
        dtype = numpy_dtype(self._tensor.dtype)
        if self._span is None:
            return np.zeros(self._tensor.shape, dtype)
        count = self._span.length // dtype.itemsize
        flat = np.memmap(self._path, dtype, "r", self._span.offset, (count,))
        view = self._tensor.view
        return flat.reshape(self._tensor.shape) if view is None else self._strided(flat, view)

    def _strided(self, flat: Array, view: View) -> Array:
        reach = [(e - 1) * s for e, s in zip(view.shape, view.strides, strict=True)]
        least = view.offset + sum(r for r in reach if r < 0)
        most = view.offset + sum(r for r in reach if r > 0)
        if prod(view.shape) and not (least >= 0 and most < flat.size):
            raise DamagedFileError(f"{self._path}: {self._tensor.name!r} reaches outside its bytes")
        strides = [stride * flat.itemsize for stride in view.strides]
        return np.lib.stride_tricks.as_strided(flat[view.offset :], view.shape, strides)
