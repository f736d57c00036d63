"""NumPy's archives as data; compressed arrays are unpacked while they are read."""

import contextlib
import zipfile
from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy_format

from modelhub.dtypes import NUMPY
from modelhub.errors import DamagedFileError, InputError
from modelhub.evaluation.columns import Column, ColumnsSource
from modelhub.evaluation.data import Array, DataOptions, DataSource, Field, WantedInput
from modelhub.evaluation.tensors import mapped_columns
from modelhub.recipes import is_possible

MAX_HEADER = 64 << 10
_CHUNK = 1 << 20
_FAULTS = (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, OverflowError)
_READ_HEADER: dict[tuple[int, int], Any] = {
    (1, 0): npy_format.read_array_header_1_0,
    (2, 0): npy_format.read_array_header_2_0,
}


class NpzFiles:
    """Opens `.npz` files."""

    def open(
        self,
        path: Path,
        wanted: Sequence[WantedInput],  # noqa: ARG002 - the protocol's signature
        options: DataOptions,  # noqa: ARG002
    ) -> DataSource:
        """The arrays of a file, by name."""
        columns: dict[str, Column] = {**mapped_columns(path)}
        for name in _compressed(path, columns):
            columns[name] = CompressedColumn(path, f"{name}.npy")
        if not columns:
            raise InputError(f"{path} holds no arrays of numbers")
        return ColumnsSource(path, columns)


def _compressed(path: Path, stored: dict[str, Column]) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except _FAULTS as error:
        raise DamagedFileError(f"{path} is not a whole zip file ({error})") from error
    names = [each.filename for each in infos if each.compress_type != zipfile.ZIP_STORED]
    plain = [name.removesuffix(".npy") for name in names if name.endswith(".npy")]
    return [name for name in plain if name not in stored]


class CompressedColumn:
    """An array in a compressed member of a zip file."""

    def __init__(self, path: Path, member: str) -> None:
        self._path = path
        self._member = member
        with self._stream() as stream:
            self._dtype, self._shape = self._header(stream)
        shape = self._shape
        self.field = Field(dtype=self._dtype.name, shape=shape[1:], count=shape[0] if shape else 0)

    def batches(self, size: int) -> Iterator[Array]:
        """Rows, unpacked as they come."""
        row = self._dtype.itemsize * prod(self._shape[1:])
        with self._stream() as stream:
            self._header(stream)
            for start in range(0, self.field.count or 0, size):
                rows = min(size, (self.field.count or 0) - start)
                raw = self._read(stream, rows * row)
                yield np.frombuffer(raw, self._dtype).reshape(rows, *self._shape[1:])

    @contextlib.contextmanager
    def _stream(self) -> Iterator[IO[bytes]]:
        with contextlib.ExitStack() as stack:
            try:
                archive = stack.enter_context(zipfile.ZipFile(self._path))
                stream = stack.enter_context(archive.open(self._member))
            except (*_FAULTS, OSError, KeyError, RuntimeError) as error:
                raise DamagedFileError(
                    f"{self._path}: the array {self._member!r} cannot be unpacked ({error})"
                ) from error
            yield stream

    def _header(self, stream: IO[bytes]) -> tuple[np.dtype[Any], tuple[int, ...]]:
        try:
            version = npy_format.read_magic(stream)
            read = _READ_HEADER[version]
            shape, is_fortran, dtype = read(stream, max_header_size=MAX_HEADER)
        except Exception as error:
            raise DamagedFileError(
                f"{self._path}: the header of {self._member!r} is not valid"
            ) from error
        if dtype.name not in NUMPY or not is_possible(shape):
            raise InputError(f"{self._path}: {self._member!r} is of dtype {dtype}, no numbers")
        if is_fortran and len(shape) > 1:
            raise InputError(
                f"{self._path}: {self._member!r} is compressed column by column, so that examples "
                "lie apart; save numpy.ascontiguousarray of it"
            )
        return dtype, tuple(map(int, shape))

    def _read(self, stream: IO[bytes], size: int) -> bytearray:
        """Exactly so many bytes; memory grows with what comes, not with what was promised."""
        found = bytearray()
        try:
            while len(found) < size:
                part = stream.read(min(_CHUNK, size - len(found)))
                if not part:
                    raise EOFError
                found += part
        except (*_FAULTS, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
            raise DamagedFileError(
                f"{self._path}: the array {self._member!r} is cut off or damaged"
            ) from error
        return found


npz = NpzFiles()
