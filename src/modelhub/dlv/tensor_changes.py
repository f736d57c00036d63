"""Tensors of two snapshots, compared: which are the same, and how far the others lie apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from modelhub.dlv.distances import Array, Distance, Reader, distance
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.tensors import Tensor
from modelhub.dlv.versions import SnapshotTensor
from modelhub.dtypes import numpy_dtype

CHANGED, ADDED, REMOVED = "changed", "added", "removed"
RESHAPED, RETYPED, RENAMED = "reshaped", "retyped", "renamed"
PIECES = 96  # pieces of tensors that are read of each side, unless all is wanted
Named = Mapping[str, SnapshotTensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedTensor:
    """A tensor that differs.

    The numbers are of elements that are finite in both; they are estimates where `share_read`
    is less than 1, from pieces that lie evenly over the tensor.

    Attributes:
        name: in the second version, or in the first if it is removed.
        change: added, removed, reshaped, retyped, renamed or changed.
        before: dtype and shape in the first version.
        after: dtype and shape in the second.
        old_name: the name in the first version, if it is renamed.
        relative_change: norm of the difference over the norm of the first; None where it has
            no meaning.
        share_changed: share of elements whose bytes differ.
        cosine: of the angle between the two.
        stable_rank: of the difference as a matrix: squared Frobenius norm over squared spectral
            norm; None for vectors, large tensors, and what was not read whole.
        share_read: share of the elements that were read.
    """

    name: str
    change: str
    before: str
    after: str
    old_name: str | None = None
    relative_change: float | None = None
    share_changed: float | None = None
    cosine: float | None = None
    stable_rank: float | None = None
    share_read: float | None = None


def compare_tensors(
    repository: ReadableRepository, before: Named, after: Named, *, is_exact: bool
) -> tuple[list[ChangedTensor], int]:
    """The tensors that differ, in the order of the second version, and how many do not.

    Cost: reads the tensors that changed, of each side at most `PIECES` pieces or a piece of
    each; all of them if `is_exact`. What is the same by id is not read.
    """
    renamed = _renamed(before, after)
    found, changed, same = [], [], 0
    for name, new in after.items():
        old = before.get(name)
        if old is not None and _content(old) == _content(new):
            same += 1
        elif name in renamed:
            kept = before[renamed[name]]
            found.append(_changed(RENAMED, name, kept, new, old_name=renamed[name]))
        elif old is None:
            found.append(_changed(ADDED, name, None, new))
        elif old.shape != new.shape or old.info.dtype != new.info.dtype:
            kind = RESHAPED if old.shape != new.shape else RETYPED
            found.append(_changed(kind, name, old, new))
        else:
            changed.append((name, old, new))
    pieces = None if is_exact else max(1, PIECES // max(1, len(changed)))
    found += [_apart(repository, *each, pieces=pieces) for each in changed]
    order = {name: place for place, name in enumerate(after)}
    found.sort(key=lambda each: order[each.name])
    gone = set(before) - set(after) - set(renamed.values())
    found += [_changed(REMOVED, n, old, None) for n, old in before.items() if n in gone]
    return found, same


def _apart(
    repository: ReadableRepository,
    name: str,
    old: SnapshotTensor,
    new: SnapshotTensor,
    *,
    pieces: int | None,
) -> ChangedTensor:
    readers = _reader(repository, old), _reader(repository, new)
    found: Distance = distance(*readers, new.shape, pieces=pieces)
    return _changed(
        CHANGED,
        name,
        old,
        new,
        relative_change=found.relative_change,
        share_changed=found.share_changed,
        cosine=found.cosine,
        stable_rank=found.stable_rank,
        share_read=found.share_read,
    )


def _reader(repository: ReadableRepository, tensor: SnapshotTensor) -> Reader:
    """Reads elements of a tensor taken flat; of a view, from the whole view."""
    if tensor.view is None and prod(tensor.info.shape) == prod(tensor.shape):

        def stored(start: int, stop: int) -> Array:
            part = repository.reader.read(tensor.info.id, start=start, stop=stop)
            return np.frombuffer(part, numpy_dtype(tensor.info.dtype))

        return stored
    whole = Tensor(repository, tensor).numpy().reshape(-1)
    return lambda start, stop: whole[start:stop]


def _content(tensor: SnapshotTensor) -> tuple[Any, ...]:
    return tensor.info.id, tensor.view


def _renamed(before: Named, after: Named) -> dict[str, str]:
    """New name -> old name, of tensors that only one side has by name, of equal content."""
    gone = {name: _content(each) for name, each in before.items() if name not in after}
    by_content: dict[tuple[Any, ...], list[str]] = {}
    for name, content in gone.items():
        by_content.setdefault(content, []).append(name)
    found = {}
    for name, each in after.items():
        olds = by_content.get(_content(each), [])
        if name not in before and olds:
            found[name] = olds.pop(0)
    return found


def _kind(tensor: SnapshotTensor | None) -> str:
    if tensor is None:
        return ""
    return f"{tensor.info.dtype}[{', '.join(map(str, tensor.shape))}]"


def _changed(
    change: str,
    name: str,
    before: SnapshotTensor | None,
    after: SnapshotTensor | None,
    **more: Any,
) -> ChangedTensor:
    return ChangedTensor(name=name, change=change, before=_kind(before), after=_kind(after), **more)
