"""dlv diff: what differs between two versions: files, tensors, settings, metrics."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod, sqrt
from typing import Any

import numpy as np

from modelhub.dlv.base import BaseRepository
from modelhub.dlv.catalog.versions import (
    files_of,
    hyperparameters_of,
    metrics_of,
    snapshot_rows,
    tensors_of,
    version_row,
)
from modelhub.dlv.naming import Resolved, resolve_all
from modelhub.dlv.tensors import Tensor
from modelhub.dlv.versions import SnapshotTensor, VersionFile, VersionRef
from modelhub.dtypes import numpy_dtype

SAME, CHANGED, ADDED, REMOVED = "same", "changed", "added", "removed"
CHUNK = 1 << 20  # elements that are compared at a time

RESHAPED, RETYPED, RENAMED = "reshaped", "retyped", "renamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """A file that differs: added, removed or changed."""

    path: str
    change: str
    size_before: int | None
    size_after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedTensor:
    """A tensor that differs.

    Attributes:
        name: in the second version, or in the first if it is removed.
        change: added, removed, reshaped, retyped, renamed or changed.
        before: dtype and shape in the first version.
        after: dtype and shape in the second.
        old_name: the name in the first version, if it is renamed.
        relative_change: norm of the difference over the norm of the first; None where it has
            no meaning.
        share_changed: share of elements whose bytes differ.
    """

    name: str
    change: str
    before: str
    after: str
    old_name: str | None = None
    relative_change: float | None = None
    share_changed: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedValue:
    """A hyperparameter or metric that differs; None where it is not there."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What differs between two versions; all empty if nothing does.

    Attributes:
        before: the first version.
        after: the second one.
        snapshots: the names of the two snapshots that were compared.
        files: files that differ.
        tensors: tensors that differ.
        tensors_same: how many tensors are the same in both, by name and content.
        hyperparameters: settings that differ.
        metrics: metrics that differ.
    """

    before: VersionRef
    after: VersionRef
    snapshots: tuple[str | None, str | None]
    files: Sequence[ChangedFile]
    tensors: Sequence[ChangedTensor]
    tensors_same: int
    hyperparameters: Sequence[ChangedValue]
    metrics: Sequence[ChangedValue]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.files or self.tensors or self.hyperparameters or self.metrics)


def diff(repository: BaseRepository, before: str, after: str) -> Difference:
    """Compare two versions, their last snapshots or the ones that the revisions name.

    Cost: tensors that changed are read, a group at a time; nothing else is.

    Raises:
        NotFoundError: no such version, snapshot or tensor.
    """
    first = resolve_all(repository, before)
    second = resolve_all(repository, after)
    keys = [_key(repository, first), _key(repository, second)]
    names, sides = zip(
        *(_tensors(repository, f, k) for f, k in zip((first, second), keys, strict=True)),
        strict=True,
    )
    tensors, same = _compare_tensors(repository, *sides)
    files = _paired([{f.path: f for f in files_of(repository.catalog, key)} for key in keys])
    settings = [hyperparameters_of(repository.catalog, key) for key in keys]
    metrics = [metrics_of(repository.catalog, key) for key in keys]
    return Difference(
        before=first.ref,
        after=second.ref,
        snapshots=(names[0], names[1]),
        files=_compare_files(*files),
        tensors=tensors,
        tensors_same=same,
        hyperparameters=_compare_values(*settings),
        metrics=_compare_values(*metrics),
    )


def _key(repository: BaseRepository, found: Resolved) -> int:
    row = version_row(repository.catalog, found.ref.id)
    assert row is not None
    return int(row.key)


def _tensors(
    repository: BaseRepository, found: Resolved, key: int
) -> tuple[str | None, dict[str, SnapshotTensor]]:
    row = found.snapshot(snapshot_rows(repository.catalog, key))
    if row is None:
        return None, {}
    chosen = found.choose(tensors_of(repository.catalog, row.key))
    return row.name, {each.name: each for each in chosen}


Files = Mapping[str, VersionFile]


def _paired(sides: Sequence[Files]) -> Sequence[Files]:
    """Files by the paths under which they are compared.

    Versions that have no path in common lie in folders of their own, as a copy does: then
    paths count from the folder that a version's files have in common.
    """
    if not all(sides) or set(sides[0]) & set(sides[1]):
        return sides
    return [_below_common_folder(side) for side in sides]


def _below_common_folder(side: Files) -> Files:
    common = posixpath.commonpath([posixpath.dirname("/" + path) for path in side])
    return {posixpath.relpath("/" + path, common): file for path, file in side.items()}


def _compare_files(before: Files, after: Files) -> list[ChangedFile]:
    found = []
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old is not None and new is not None and old.id == new.id:
            continue
        change = ADDED if old is None else REMOVED if new is None else CHANGED
        found.append(
            ChangedFile(
                path=path,
                change=change,
                size_before=None if old is None else old.size,
                size_after=None if new is None else new.size,
            )
        )
    return found


def _compare_values(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[ChangedValue]:
    names = [name for name in {**before, **after} if _differs(before.get(name), after.get(name))]
    return [
        ChangedValue(name=name, before=before.get(name), after=after.get(name))
        for name in sorted(names)
    ]


def _differs(one: Any, other: Any) -> bool:
    both_nan = one != one and other != other  # noqa: PLR0124 - NaN is the only such value
    return one != other and not both_nan


Named = Mapping[str, SnapshotTensor]


def _compare_tensors(
    repository: BaseRepository, before: Named, after: Named
) -> tuple[list[ChangedTensor], int]:
    """The tensors that differ, in the order of the second version, and how many do not."""
    renamed = _renamed(before, after)
    found, same = [], 0
    for name, new in after.items():
        old = before.get(name)
        if old is not None and _content(old) == _content(new):
            same += 1
        elif name in renamed:
            kept = before[renamed[name]]
            found.append(_changed(RENAMED, name, kept, new, old_name=renamed[name]))
        elif old is None:
            found.append(_changed(ADDED, name, None, new))
        else:
            found.append(_compare(repository, name, old, new))
    gone = set(before) - set(after) - set(renamed.values())
    found += [_changed(REMOVED, n, old, None) for n, old in before.items() if n in gone]
    return found, same


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


def _compare(
    repository: BaseRepository, name: str, old: SnapshotTensor, new: SnapshotTensor
) -> ChangedTensor:
    if old.shape != new.shape:
        return _changed(RESHAPED, name, old, new)
    if old.info.dtype != new.info.dtype:
        return _changed(RETYPED, name, old, new)
    relative, share = _distance(_chunks(repository, old), _chunks(repository, new))
    return _changed(CHANGED, name, old, new, relative_change=relative, share_changed=share)


def _chunks(repository: BaseRepository, tensor: SnapshotTensor) -> Iterator[np.ndarray[Any, Any]]:
    """The elements, in pieces of equal length whatever the encoding."""
    if tensor.view is not None:
        yield Tensor(repository, tensor).numpy().reshape(-1)
        return
    info = tensor.info
    elements = prod(info.shape)
    for start in range(0, elements, CHUNK):
        part = repository.reader.read(info.id, start=start, stop=min(start + CHUNK, elements))
        yield np.frombuffer(part, numpy_dtype(info.dtype))


def _distance(
    before: Iterator[np.ndarray[Any, Any]], after: Iterator[np.ndarray[Any, Any]]
) -> tuple[float | None, float]:
    """Relative L2 distance over pairs that are finite, and the share of unequal elements."""
    difference = norm = 0.0
    unequal = elements = 0
    for one, other in zip(before, after, strict=True):
        elements += one.size
        unequal += int(np.count_nonzero(_bits(one) != _bits(other)))
        old, new = _numbers(one), _numbers(other)
        if old is None or new is None:
            continue
        finite = np.isfinite(old) & np.isfinite(new)
        with np.errstate(over="ignore"):
            difference += float(np.sum(np.abs(new[finite] - old[finite]) ** 2))
            norm += float(np.sum(np.abs(old[finite]) ** 2))
    relative = sqrt(difference / norm) if norm > 0 and np.isfinite(difference / norm) else None
    return relative, unequal / elements if elements else 0.0


def _bits(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Elements as bytes, so that NaN equals itself and -0 differs from 0."""
    width = array.dtype.itemsize
    return array.view({1: "u1", 2: "u2", 4: "u4", 8: "u8"}.get(width, f"V{width}"))


def _numbers(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any] | None:
    if array.dtype.kind == "c":
        return array.astype(np.complex128)
    return array.astype(np.float64)
