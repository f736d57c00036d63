"""NumPy's files: an array in `.npy`, several in the zip `.npz`."""

import io
import warnings
from collections.abc import Mapping
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy_format

from modelhub.dtypes import NUMPY
from modelhub.errors import DamagedFileError
from modelhub.recipes.layout import Layout, NamedTensor, TensorSpan, UniqueNames
from modelhub.recipes.zips import StoredMember, members
from modelhub.values import Shape, View

MAGIC = b"\x93NUMPY"
MAX_HEADER = 64 << 10
ZIP_MAGIC = b"PK\x03\x04"
_READ_HEADER: Mapping[tuple[int, int], Any] = {
    (1, 0): npy_format.read_array_header_1_0,
    (2, 0): npy_format.read_array_header_2_0,
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
        with path.open("rb") as file:
            array = _array(path, file.read(MAX_HEADER), size)
        empty = Layout(reader=self.name, size=size, note=array.note)
        return _with(empty, path.stem, array, offset=0)


class NpzReader:
    """A zip of arrays; compressed members stay as they are."""

    name = "npz"

    def claims(self, path: Path, head: bytes) -> bool:
        """By name and magic."""
        return path.name.lower().endswith(".npz") and head.startswith(ZIP_MAGIC)

    def read(self, path: Path) -> Layout:
        """The layout of a file; tensors are called like the members, without `.npy`."""
        layout = Layout(reader=self.name, size=path.stat().st_size)
        names = UniqueNames()
        notes: list[str] = []
        with path.open("rb") as file:
            for member in members(path):
                if not member.name.endswith(".npy"):
                    continue
                if not member.is_stored:
                    notes.append("compressed arrays are kept as they are")
                    continue
                array = _array_of(path, file, member)
                name = names.take(member.name.removesuffix(".npy"))
                notes.append(array.note)
                layout = _with(layout, name, array, offset=member.offset)
        note = "; ".join(dict.fromkeys(each for each in notes if each))
        return replace(layout, note=note)


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
            # Version 3 differs from 2 in the encoding of field names, which we refuse anyway.
            read = _READ_HEADER.get(version, npy_format.read_array_header_2_0)
            shape, fortran, dtype = read(stream, max_header_size=MAX_HEADER)
    except Exception as error:  # noqa: BLE001 - numpy's parser raises whatever Python's does
        raise DamagedFileError(f"{path}: the header of an array is not valid ({error})") from None
    return _understood(path, shape, dtype, fortran=fortran, begin=stream.tell(), size=size)


def _understood(
    path: Path, shape: Shape, dtype: np.dtype[Any], *, fortran: bool, begin: int, size: int
) -> _Array:
    if any(extent < 0 for extent in shape):
        raise DamagedFileError(f"{path}: an array has the impossible shape {shape}")
    if dtype.hasobject or dtype.name not in NUMPY or dtype.newbyteorder("<") != dtype:
        what = f"arrays of dtype {dtype} are kept as bytes"
        return _Array(begin=begin, dtype="", shape=(), fortran=False, note=what)
    if dtype.itemsize * prod(shape) != size - begin:
        raise DamagedFileError(
            f"{path}: an array of {dtype} and shape {shape} does not fill its "
            f"{size - begin:,} bytes; is the file cut off?"
        )
    return _Array(begin=begin, dtype=dtype.name, shape=tuple(shape), fortran=fortran)


def _with(layout: Layout, name: str, array: _Array, *, offset: int) -> Layout:
    """The layout with one array more, which begins at `offset`."""
    if not array.dtype:
        return layout
    if prod(array.shape) == 0:
        tensor = NamedTensor(name=name, dtype=array.dtype, shape=array.shape, span=None)
        return replace(layout, tensors=(*layout.tensors, tensor))
    stored, view = array.shape, None
    if array.fortran and len(array.shape) > 1:
        stored = array.shape[::-1]
        strides = [prod(array.shape[:axis]) for axis in range(len(array.shape))]
        view = View(shape=array.shape, strides=tuple(strides), offset=0)
    span = TensorSpan(offset=offset + array.begin, dtype=array.dtype, shape=stored)
    tensor = NamedTensor(
        name=name, dtype=array.dtype, shape=array.shape, span=len(layout.spans), view=view
    )
    return replace(layout, spans=(*layout.spans, span), tensors=(*layout.tensors, tensor))
