"""The matrices that a storage plan is about, and the snapshots that they are read for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelhub.dlv.naming import Resolved, resolve_all
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.revisions import choose_snapshot
from modelhub.dlv.versions import VersionRef
from modelhub.errors import ConflictError, IntegrityError
from modelhub.pas import MAX_DEPTH, StoredTensor
from modelhub.values import TensorId


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSnapshot:
    """A snapshot, and the numbers of its matrices by their names; those in blocks are left out."""

    version: int  # its key in the catalog
    ref: VersionRef
    name: str
    members: Mapping[str, int]

    @property
    def label(self) -> str:
        """The revision that names it."""
        return f"{self.ref}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrices:
    """Stored tensors, numbered from 1.

    Attributes:
        stored: how each is stored now, the first of them as number 1.
        movable: so many of them, the first, may be stored otherwise. The others stay as they
            are: bases of the first that no planned snapshot holds, and groups of other sizes.
        snapshots: in the order in which they were committed.
        parents: of each version, those that are planned, too.
        room: for each, how many bases it may need: tensors that stay may lean on it.
    """

    stored: Sequence[StoredTensor]
    movable: int
    snapshots: Sequence[PlannedSnapshot]
    parents: Mapping[int, Sequence[int]]
    room: Sequence[int]

    @property
    def numbers(self) -> dict[TensorId, int]:
        """The number of each tensor."""
        return {each.info.id: number for number, each in enumerate(self.stored, 1)}


def matrices_of(
    repository: ReadableRepository, revisions: Sequence[str], *, group_size: int
) -> Matrices:
    """What snapshots hold, of the versions that are named, or of all.

    Args:
        repository: where.
        revisions: versions, or single snapshots of them; all that are not removed if there are
            none.
        group_size: of the copies that can be written; tensors in other groups stay.

    Raises:
        NotFoundError: no such version or snapshot.
        IntegrityError: a base is not stored.
        ConflictError: another process freed some of them just now.

    Cost:
        one question a tensor.
    """
    found = _found(repository, [resolve_all(repository, text) for text in revisions])
    stored: dict[TensorId, StoredTensor] = {}
    for row in (row for rows in found.values() for row in rows):
        if row.id not in stored:
            each = repository.index.find_tensor(row.id)
            if each is not None and each.block is None:
                stored[row.id] = each
    movable = [each for each in stored.values() if each.group_size == group_size]
    kept = [each for each in stored.values() if each.group_size != group_size]
    ordered = [*movable, *kept, *_bases(repository, stored)]
    numbers = {each.info.id: number for number, each in enumerate(ordered, 1)}
    snapshots = [
        PlannedSnapshot(
            version=rows[0].version,
            ref=VersionRef(id=rows[0].version_id, name=rows[0].model, number=rows[0].number),
            name=rows[0].snapshot,
            members={row.name: numbers[row.id] for row in rows if row.id in numbers},
        )
        for rows in found.values()
    ]
    return Matrices(
        stored=ordered,
        movable=len(movable),
        snapshots=[each for each in snapshots if each.members],
        parents=_parents(repository, {each.version for each in snapshots}),
        room=_room(repository, ordered, len(movable)),
    )


def _found(repository: ReadableRepository, wanted: Sequence[Resolved]) -> dict[int, list[Any]]:
    """Rows of tensors with their names, by the keys of snapshots."""
    question = (
        "select snapshot.key, snapshot.name as snapshot, snapshot.step, version.key as version,"
        " version.id as version_id, version.name as model, version.number,"
        " snapshot_tensor.name, tensor.id"
        " from version join snapshot on snapshot.version = version.key"
        " join snapshot_tensor on snapshot_tensor.snapshot = snapshot.key"
        " join tensor on tensor.key = snapshot_tensor.tensor where version.removed is null"
    )
    order = " order by version.key, snapshot.position, snapshot_tensor.position"
    if not wanted:
        return _by_snapshot(repository.catalog.ask(question + order))
    found: dict[int, list[Any]] = {}
    for each in wanted:
        rows = repository.catalog.ask(f"{question} and version.id = :id{order}", id=each.ref.id)
        places = list(dict.fromkeys((row.snapshot, row.step) for row in rows))
        name = choose_snapshot(each.revision, each.ref, places)
        found |= _by_snapshot(row for row in rows if name in {None, row.snapshot})
    return dict(sorted(found.items()))


def _by_snapshot(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return found


def _bases(
    repository: ReadableRepository, stored: Mapping[TensorId, StoredTensor]
) -> list[StoredTensor]:
    """What they are based on now, through whole chains, where no planned snapshot holds it."""
    found: dict[TensorId, StoredTensor] = {}
    waiting = list(stored.values())
    while waiting:
        leaning = waiting.pop()
        base = leaning.base
        if base is None or base in stored or base in found:
            continue
        below = repository.index.find_tensor(base)
        if below is None and repository.index.find_tensor(leaning.info.id) != leaning:
            raise ConflictError("another process freed versions that are planned for; run it again")
        if below is None:
            raise IntegrityError(
                f"tensor {base}, which others are deltas of, is lost; run dlv fsck"
            )
        found[base] = below
        waiting.append(below)
    return list(found.values())


def _parents(repository: ReadableRepository, versions: set[int]) -> dict[int, list[int]]:
    rows = repository.catalog.ask(
        "select parent.version, base.key as base from parent"
        " join version as base on base.id = parent.base order by parent.version, parent.position"
    )
    found: dict[int, list[int]] = {}
    for row in rows:
        if row.version in versions and row.base in versions:
            found.setdefault(row.version, []).append(row.base)
    return found


def _room(
    repository: ReadableRepository, ordered: Sequence[StoredTensor], movable: int
) -> list[int]:
    """One base fewer than the format allows, for a commit that runs meanwhile."""
    rows = repository.catalog.ask(
        "select tensor.id, copy.base from copy join tensor on tensor.key = copy.tensor"
        " where copy.base is not null"
    )
    moved = {each.info.id for each in ordered[:movable]}
    leaning: dict[str, list[str]] = {}
    for row in rows:
        if row.id not in moved:
            leaning.setdefault(row.base, []).append(row.id)

    def height(id_: str) -> int:
        return max((1 + height(each) for each in leaning.get(id_, ())), default=0)

    most = [MAX_DEPTH - 1 - height(each.info.id) for each in ordered[:movable]]
    return [*(max(each, 0) for each in most), *([MAX_DEPTH] * (len(ordered) - movable))]
