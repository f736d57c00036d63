"""Tensors of a snapshot, read when they are looked at: whole, or only some rows."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.versions import SnapshotTensor
from modelhub.dtypes import numpy_dtype, size_bytes
from modelhub.errors import InputError, IntegrityError, NotFoundError
from modelhub.values import Shape, TensorId, View

Array = npt.NDArray[Any]
MAX_VIEW = 1 << 16  # times that a view may repeat the elements of its tensor


class Tensor:
    """One stored tensor; nothing is read before it is asked for.

    `tensor[2:5]` reads the stored bytes of those rows and no others; any other index reads
    the whole tensor. `numpy()` and `numpy.asarray(tensor)` read it whole. Opaque dtypes come
    as bytes (uint8). What is read is verified.
    """

    def __init__(self, repository: ReadableRepository, found: SnapshotTensor) -> None:
        self._repository = repository
        self._found = found

    @property
    def name(self) -> str:
        """Its name in the snapshot."""
        return self._found.name

    @property
    def id(self) -> TensorId:
        """The id of the stored tensor."""
        return self._found.info.id

    @property
    def dtype(self) -> str:
        """The name of its dtype (docs/spec/repository.md §2)."""
        return self._found.info.dtype

    @property
    def shape(self) -> Shape:
        """Its extents."""
        return self._found.shape

    @property
    def size_bytes(self) -> int:
        """Bytes when it is in memory."""
        return size_bytes(self.dtype, self.shape)

    def numpy(self) -> Array:
        """The whole tensor."""
        flat = self._flat(0, prod(self._found.info.shape))
        view = self._found.view
        return flat.reshape(self.shape) if view is None else _strided(flat, view)

    def read_into(self, out: memoryview) -> None:
        """Its elements, little-endian in C order, into memory of exactly their size.

        Raises:
            InputError: `out` is read-only, or of another size.
        """
        if self._found.view is None:
            self._repository.reader.read_into(self.id, out)
            return
        data = np.ascontiguousarray(self.numpy()).reshape(-1).view(np.uint8)
        if out.readonly or out.nbytes != data.nbytes:
            raise InputError(f"{self.name} needs {data.nbytes} bytes of memory that can be written")
        out.cast("B")[:] = data.data

    def __array__(self, dtype: npt.DTypeLike | None = None, *, copy: bool | None = None) -> Array:
        """What numpy asks for."""
        del copy  # every read makes a new array
        array = self.numpy()
        return array if dtype is None else array.astype(dtype)

    def __getitem__(self, index: Any) -> Array:
        """A part of the tensor, as numpy would index it."""
        rows = _rows(index, self.shape) if self._found.view is None else None
        if rows is None:
            found: Array = self.numpy()[index]
            return found
        width = prod(self.shape[1:])
        start, stop = rows
        part = self._flat(start * width, stop * width).reshape(stop - start, *self.shape[1:])
        return part[0] if isinstance(index, int | np.integer) else part

    def __len__(self) -> int:
        """The first extent."""
        return self.shape[0]

    def __repr__(self) -> str:
        return f"Tensor({self.name!r}, {self.dtype}, {list(self.shape)})"

    def _flat(self, start: int, stop: int) -> Array:
        data = self._repository.reader.read(self.id, start=start, stop=stop)
        return np.frombuffer(data, dtype=numpy_dtype(self.dtype))


def _rows(index: Any, shape: Shape) -> tuple[int, int] | None:
    """The range of rows that an index means, or None if it means anything else."""
    if not shape:
        return None
    if isinstance(index, int | np.integer):
        row = int(index) + (shape[0] if index < 0 else 0)
        if not 0 <= row < shape[0]:
            raise IndexError(f"row {index} is out of range for {shape[0]} rows")
        return row, row + 1
    if isinstance(index, slice) and index.step in (None, 1):
        start, stop, _ = index.indices(shape[0])
        return start, max(start, stop)
    return None


def _strided(flat: Array, view: View) -> Array:
    """A view of a flat array, as an array of its own.

    Raises:
        IntegrityError: the view reaches outside the stored tensor.
    """
    reach = [(extent - 1) * stride for extent, stride in zip(view.shape, view.strides, strict=True)]
    first = view.offset + sum(r for r in reach if r < 0)
    last = view.offset + sum(r for r in reach if r > 0)
    if 0 in view.shape:
        return np.empty(view.shape, flat.dtype)
    if first < 0 or last >= flat.size:
        raise IntegrityError("a view reaches outside its tensor; run dlv fsck")
    if prod(view.shape) > MAX_VIEW * flat.size:
        raise IntegrityError("a view repeats its tensor without measure; read the stored one")
    strides = [stride * flat.itemsize for stride in view.strides]
    # Some of ml_dtypes' types have no array interface; bytes of their width always have one.
    plain = flat.view(f"V{flat.itemsize}")
    strided = np.lib.stride_tricks.as_strided(plain[view.offset :], view.shape, strides)
    return strided.copy().view(flat.dtype)


class Tensors(Mapping[str, Tensor]):
    """The tensors of a snapshot by name; a pattern gives those that match.

    `tensors["conv1.weight"]` is one tensor, `tensors["layer*.weight"]` another `Tensors`.
    """

    def __init__(self, repository: ReadableRepository, found: Sequence[SnapshotTensor]) -> None:
        self._repository = repository
        self._found = {each.name: each for each in found}

    def __getitem__(self, name: str) -> Any:
        """One tensor by its name, or several by a pattern."""
        if name in self._found:
            return Tensor(self._repository, self._found[name])
        if any(c in name for c in "*?["):
            return self.matching(name)
        known = ", ".join(list(self._found)[:10])
        raise NotFoundError(f"no tensor is called {name!r}; there are: {known}")

    def matching(self, pattern: str) -> "Tensors":
        """Those whose name matches a pattern (`*`, `?`, `[abc]`).

        Raises:
            NotFoundError: none does.
        """
        found = [each for name, each in self._found.items() if fnmatchcase(name, pattern)]
        if not found:
            known = ", ".join(list(self._found)[:10])
            raise NotFoundError(f"no tensor matches {pattern!r}; there are: {known}")
        return Tensors(self._repository, found)

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        total = sum(prod(each.shape) for each in self._found.values())
        return f"Tensors({len(self)} tensors, {total:,} parameters)"
