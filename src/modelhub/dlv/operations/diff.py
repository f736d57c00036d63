"""dlv diff: what differs between two versions: files, tensors, settings, metrics."""

import posixpath
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelhub.dlv.catalog.versions import (
    files_of,
    hyperparameters_of,
    metrics_of,
    snapshot_rows,
    tensors_of,
    version_row,
)
from modelhub.dlv.courses import Points, cut, prominence
from modelhub.dlv.histories import read_history
from modelhub.dlv.naming import Resolved, resolve_all
from modelhub.dlv.networks import read_network
from modelhub.dlv.notebook import Shown
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.tensor_changes import ADDED, CHANGED, REMOVED, ChangedTensor, compare_tensors
from modelhub.dlv.versions import SnapshotTensor, VersionFile, VersionRef
from modelhub.network import NetworkChange, align_networks, align_training
from modelhub.values import BlobId

NETWORK, WEIGHTS, CONFIG, METRICS, FILES = "network", "weights", "config", "metrics", "files"
PARTS = (NETWORK, WEIGHTS, CONFIG, METRICS, FILES)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """A file that differs: added, removed or changed."""

    path: str
    change: str
    size_before: int | None
    size_after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedValue:
    """A hyperparameter or metric that differs; None where it is not there."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedCourse:
    """A metric that went otherwise over training.

    Attributes:
        name: of the metric.
        before: at most `courses.COURSE` points (step, value) of the first version; none if it
            has not logged the metric.
        after: of the second one.
    """

    name: str
    before: Points
    after: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkDifference:
    """What differs between two networks.

    Attributes:
        before: id of the first network; None if it is not known.
        after: id of the second one.
        is_partial: whether one of them has no edges, so that only layers were compared.
        changes: in the order of the second network; empty if one is not known.
        layers_same: how many layers compute the same in both, names and all.
        training: what differs besides, while they train.
        training_gap: why it is not known how one of them trains, or None.
    """

    before: str | None
    after: str | None
    is_partial: bool
    changes: Sequence[NetworkChange]
    layers_same: int
    training: Sequence[NetworkChange] = ()
    training_gap: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Shown):
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
        courses: metrics that went otherwise over training.
        network: how their networks differ; None if they are the same, or both not known.
    """

    before: VersionRef
    after: VersionRef
    snapshots: tuple[str | None, str | None]
    files: Sequence[ChangedFile]
    tensors: Sequence[ChangedTensor]
    tensors_same: int
    hyperparameters: Sequence[ChangedValue]
    metrics: Sequence[ChangedValue]
    courses: Sequence[ChangedCourse]
    network: NetworkDifference | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        values = (self.hyperparameters, self.metrics, self.courses)
        return not any((self.files, self.tensors, self.network, *values))


def diff(
    repository: ReadableRepository,
    before: str,
    after: str,
    *,
    only: Collection[str] = PARTS,
    is_exact: bool = False,
) -> Difference:
    """Compare two versions, their last snapshots or the ones that the revisions name.

    Args:
        repository: where.
        before: the first version.
        after: the second one.
        only: the parts to compare, of `PARTS`; the others come out empty.
        is_exact: read all of the tensors that changed, not only pieces of large ones.

    Cost: pieces of the tensors that changed are read (`tensor_changes`); nothing else is.

    Raises:
        NotFoundError: no such version, snapshot or tensor.
    """
    found = [resolve_all(repository, each) for each in (before, after)]
    rows = [_row(repository, each) for each in found]
    catalog = repository.catalog
    names, sides = zip(
        *(_tensors(repository, f, row.key) for f, row in zip(found, rows, strict=True)),
        strict=True,
    )
    tensors, same = (
        compare_tensors(repository, *sides, is_exact=is_exact) if WEIGHTS in only else ([], 0)
    )
    files = _paired([{f.path: f for f in files_of(catalog, row.key)} for row in rows])
    settings = [hyperparameters_of(catalog, row.key) for row in rows]
    metrics = [metrics_of(catalog, row.key) for row in rows]
    return Difference(
        before=found[0].ref,
        after=found[1].ref,
        snapshots=(names[0], names[1]),
        files=_compare_files(*files) if FILES in only else [],
        tensors=tensors,
        tensors_same=same,
        hyperparameters=_compare_values(*settings) if CONFIG in only else [],
        metrics=_compare_values(*metrics) if METRICS in only else [],
        courses=_courses(repository, rows[0].history, rows[1].history) if METRICS in only else [],
        network=_networks(repository, rows[0].network, rows[1].network)
        if NETWORK in only
        else None,
    )


def _row(repository: ReadableRepository, found: Resolved) -> Any:
    row = version_row(repository.catalog, found.ref.id)
    assert row is not None
    return row


def _networks(
    repository: ReadableRepository, before: str | None, after: str | None
) -> NetworkDifference | None:
    if before == after:
        return None
    if before is None or after is None:
        return NetworkDifference(
            before=before, after=after, is_partial=False, changes=[], layers_same=0
        )
    one, other = read_network(repository, before), read_network(repository, after)
    found = align_networks(one, other)
    touched = {each.after for each in found.changes if not each.is_of_training}
    same = sum(a == b and b not in touched for a, b in found.pairs)
    return NetworkDifference(
        before=before,
        after=after,
        is_partial=one.partial is not None or other.partial is not None,
        changes=found.changes,
        layers_same=same,
        training=align_training(one, other, found),
        training_gap=one.training_gap or other.training_gap,
    )


def _tensors(
    repository: ReadableRepository, found: Resolved, key: int
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


def _courses(
    repository: ReadableRepository, before: BlobId | None, after: BlobId | None
) -> list[ChangedCourse]:
    if before == after:
        return []
    old, new = read_history(repository, before), read_history(repository, after)
    return [
        ChangedCourse(
            name=name,
            before=cut(old.get(name, [])),
            after=cut(new.get(name, [])),
        )
        for name in sorted(sorted({*old, *new}), key=prominence)
        if _differ(old.get(name, []), new.get(name, []))
    ]


def _differ(one: Points, other: Points) -> bool:
    if len(one) != len(other):
        return True
    pairs = zip(one, other, strict=True)
    return any(a != b or _differs(x, y) for (a, x), (b, y) in pairs)


def _differs(one: Any, other: Any) -> bool:
    both_nan = one != one and other != other  # noqa: PLR0124 - NaN is the only such value
    return one != other and not both_nan
