"""Arrays of unknown length, put by on disk as they come."""

import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import numpy as np

from modelhub.dtypes import name_of
from modelhub.errors import InputError
from modelhub.evaluation.data import Array
from modelhub.recipes import OutgoingTensor

_CHUNK = 4 << 20


class Spool:
    """Rows of one dtype and shape, in a file without a name that vanishes when it is closed.

    Attributes:
        count: how many rows there are.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._shape: tuple[int, ...] = ()
        self._dtype: np.dtype[Any] | None = None
        self.count = 0

    def append(self, rows: Array) -> None:
        """Put rows by.

        Raises:
            InputError: they are not like those before.
        """
        if self._dtype is None:
            self._dtype, self._shape = rows.dtype, rows.shape[1:]
        if (rows.dtype, rows.shape[1:]) != (self._dtype, self._shape):
            raise InputError(
                f"{self._name} have the shape {list(rows.shape[1:])} in one batch and "
                f"{list(self._shape)} in another; they cannot be kept side by side"
            )
        self._file.write(np.ascontiguousarray(rows).reshape(-1).view(np.uint8).data)
        self.count += len(rows)

    def array(self) -> Array:
        """All rows, read where they are looked at; not to be written to."""
        self._file.flush()
        shape = (self.count, *self._shape)
        if 0 in shape or self._dtype is None:
            return np.zeros(shape, self._dtype)
        return np.memmap(self._file, self._dtype, "r", 0, shape)

    def outgoing(self, name: str) -> OutgoingTensor:
        """All rows, to be written under a name; dtypes that NumPy lacks become float32."""
        rows = self.array()
        dtype = rows.dtype if rows.dtype.isbuiltin == 1 else np.dtype(np.float32)
        step = max(1, _CHUNK // max(1, rows[:1].nbytes))

        def parts() -> Iterator[bytes]:
            for start in range(0, len(rows), step):
                yield rows[start : start + step].astype(dtype, copy=False).tobytes()

        return OutgoingTensor(name=name, dtype=name_of(dtype), shape=rows.shape, parts=parts)

    def close(self) -> None:
        """Let the file vanish."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _: TracebackType | None,
    ) -> None:
        self.close()
