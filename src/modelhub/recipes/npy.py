"""NumPy's files: an array in `.npy`, several in the zip `.npz`."""

import io
import warnings
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy_format

from modelhub.dtypes import NUMPY
from modelhub.errors import DamagedFileError
from modelhub.recipes.layout import (
    Layout,
    NamedTensor,
    TensorSpan,
    UniqueNames,
    is_possible,
    shown,
)
from modelhub.recipes.zips import StoredMember, members
from modelhub.values import Shape, View

MAGIC = b"\x93NUMPY"
MAX_HEADER = 64 << 10
MAX_NOTES = 10
ZIP_MAGIC = b"PK\x03\x04"
# Version 3 differs from 2 in the encoding of field names, and records are refused anyway.
_READ_HEADER: Mapping[tuple[int, int], Any] = {
    (1, 0): npy_format.read_array_header_1_0,
    (2, 0): npy_format.read_array_header_2_0,
    (3, 0): npy_format.read_array_header_2_0,
}


class NpyReader:
    """One array."""

    name = "npy"

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the protocol's signature
        """By the magic."""
        return head.startswith(MAGIC)

    def read(self, path: Path) -> Layout:
        """The layout of a file; its tensor is called like the file."""
        size = path.stat().st_size
        builder = _Builder()
        with path.open("rb") as file:
            builder.add(path.stem, _array(path, file.read(MAX_HEADER), size), offset=0)
        return builder.layout(self.name, size)


class NpzReader:
    """A zip of arrays; compressed members stay as they are."""

    name = "npz"

    def claims(self, path: Path, head: bytes) -> bool:
        """By name and magic."""
        return path.name.lower().endswith(".npz") and head.startswith(ZIP_MAGIC)

    def read(self, path: Path) -> Layout:
        """The layout of a file; tensors are called like the members, without `.npy`."""
        builder = _Builder()
        with path.open("rb") as file:
            for member in members(path):
                if not member.name.endswith(".npy"):
                    continue
                if member.is_stored:
                    array = _array_of(path, file, member)
                    builder.add(member.name.removesuffix(".npy"), array, offset=member.offset)
                else:
                    builder.note("compressed arrays are kept as they are")
        return builder.layout(self.name, path.stat().st_size)


npy_reader = NpyReader()
npz_reader = NpzReader()


class _Array:
    """What a header says: where the elements begin, their dtype and shape, or why not."""

    __slots__ = ("begin", "dtype", "fortran", "note", "shape")

    def __init__(
        self, *, begin: int, dtype: str, shape: Shape, fortran: bool, note: str = ""
    ) -> None:
        self.begin = begin
        self.dtype = dtype
        self.shape = shape
        self.fortran = fortran
        self.note = note


def _array_of(path: Path, file: BinaryIO, member: StoredMember) -> _Array:
    file.seek(member.offset)
    return _array(path, file.read(min(member.size, MAX_HEADER)), member.size)


def _array(path: Path, head: bytes, size: int) -> _Array:
    """Read the header of an array that takes `size` bytes, header included."""
    stream = io.BytesIO(head)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers that Python 2 wrote
            version = npy_format.read_magic(stream)
            shape, fortran, dtype = _READ_HEADER[version](stream, max_header_size=MAX_HEADER)
    except Exception as error:  # noqa: BLE001 - numpy's parser raises whatever Python's does
        raise DamagedFileError(
            f"{path}: the header of an array is not valid ({shown(str(error))})"
        ) from None
    return _understood(path, shape, dtype, fortran=fortran, begin=stream.tell(), size=size)


def _understood(
    path: Path, shape: Shape, dtype: np.dtype[Any], *, fortran: bool, begin: int, size: int
) -> _Array:
    if not is_possible(shape):
        raise DamagedFileError(f"{path}: an array has an impossible shape")
    if dtype.hasobject or dtype.name not in NUMPY or dtype.newbyteorder("<") != dtype:
        what = f"arrays of dtype {shown(str(dtype))} are kept as bytes"
        return _Array(begin=begin, dtype="", shape=(), fortran=False, note=what)
    if dtype.itemsize * prod(shape) != size - begin:
        raise DamagedFileError(
            f"{path}: an array of {dtype} and shape {shape} does not fill its "
            f"{size - begin:,} bytes; is the file cut off?"
        )
    return _Array(begin=begin, dtype=dtype.name, shape=tuple(map(int, shape)), fortran=fortran)


class _Builder:
    """Collects arrays into a layout."""

    def __init__(self) -> None:
        self._names = UniqueNames()
        self._spans: list[TensorSpan] = []
        self._tensors: list[NamedTensor] = []
        self._notes: dict[str, None] = {}

    def note(self, text: str) -> None:
        """Say something to the user, once."""
        if len(self._notes) < MAX_NOTES:
            self._notes[text] = None

    def add(self, name: str, array: _Array, *, offset: int) -> None:
        """Add an array that begins, header included, at `offset`."""
        if array.note:
            self.note(array.note)
            return
        index, view = None, None
        if prod(array.shape):
            index = len(self._spans)
            stored, view = _stored(array)
            begin = offset + array.begin
            self._spans.append(TensorSpan(offset=begin, dtype=array.dtype, shape=stored))
        self._tensors.append(
            NamedTensor(
                name=self._names.take(name),
                dtype=array.dtype,
                shape=array.shape,
                span=index,
                view=view,
            )
        )

    def layout(self, reader: str, size: int) -> Layout:
        """What was collected."""
        return Layout(
            reader=reader,
            size=size,
            spans=tuple(self._spans),
            tensors=tuple(self._tensors),
            note="; ".join(self._notes),
        )


def _stored(array: _Array) -> tuple[Shape, View | None]:
    """The shape that an array's bytes have in C order, and how it is a view of that."""
    if not array.fortran or len(array.shape) <= 1:
        return array.shape, None
    strides = tuple(prod(array.shape[:axis]) for axis in range(len(array.shape)))
    return array.shape[::-1], View(shape=array.shape, strides=strides, offset=0)
