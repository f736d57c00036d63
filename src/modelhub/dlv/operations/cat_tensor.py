"""dlv cat-tensor: one tensor, or some of its rows, read without the rest of the model."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from modelhub.dlv.catalog.versions import snapshot_rows, tensors_of, version_row
from modelhub.dlv.naming import resolve_all
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.tensors import Tensor
from modelhub.errors import InputError, NotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorValues:
    """A tensor's elements.

    Attributes:
        name: in its snapshot.
        dtype: its name.
        shape: of `values`.
        values: the elements.
        bytes_read: stored bytes that were read for them.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    values: np.ndarray[Any, Any]
    bytes_read: int


def cat_tensor(
    repository: ReadableRepository, revision: str, *, rows: tuple[int, int] | None = None
) -> TensorValues:
    """Read the one tensor that a revision names after `::`, or rows [start, stop) of it.

    Raises:
        InputError: the revision names no tensor, or several, or the rows are out of range.
        NotFoundError: there is no such version, snapshot or tensor.
    """
    found = resolve_all(repository, revision)
    if found.tensors is None:
        raise InputError(f"{revision!r} names no tensor; write {found.ref}::NAME")
    row = version_row(repository.catalog, found.ref.id)
    assert row is not None
    snapshot = found.snapshot(snapshot_rows(repository.catalog, row.key))
    if snapshot is None:
        raise NotFoundError(f"{found.ref} has no tensors")
    chosen = found.choose(tensors_of(repository.catalog, snapshot.key))
    if len(chosen) > 1:
        names = ", ".join(each.name for each in chosen[:10])
        raise InputError(f"{found.tensors!r} matches {len(chosen)} tensors; choose one of: {names}")
    tensor = Tensor(repository, chosen[0])
    before = repository.store.bytes_read
    values = tensor.numpy() if rows is None else tensor[_checked(rows, tensor)]
    return TensorValues(
        name=tensor.name,
        dtype=tensor.dtype,
        shape=values.shape,
        values=values,
        bytes_read=repository.store.bytes_read - before,
    )


def _checked(rows: tuple[int, int], tensor: Tensor) -> slice:
    start, stop = rows
    if not tensor.shape:
        raise InputError(f"{tensor.name} has no rows: it is a single number")
    if not 0 <= start <= stop <= tensor.shape[0]:
        raise InputError(
            f"rows {start}:{stop} are out of range; {tensor.name} has {tensor.shape[0]}"
        )
    return slice(start, stop)
