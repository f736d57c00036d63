"""Model versions as rows, read in the pieces that a question needs."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from modelhub.dlv.catalog.connection import Catalog
from modelhub.dlv.catalog.rows import TENSOR, info_of
from modelhub.dlv.manifest import metric_from_text
from modelhub.dlv.versions import SnapshotTensor, VersionFile, VersionRef
from modelhub.values import BlobId, FileId, VersionId, View

_WILDCARDS = set("*?[")
AT_ONCE = 500  # values that one question names; every database takes as many


def ref_of(row: Any) -> VersionRef:
    """The names in a row that has id, name and number."""
    return VersionRef(id=row.id, name=row.name, number=row.number)


def living(catalog: Catalog, pattern: str = "*") -> list[Any]:
    """The rows of all versions that are not removed, in the order in which they were made.

    Args:
        catalog: where.
        pattern: a glob on names; only one without wildcards leaves anything out, the caller
            must compare the others.
    """
    question = "select key, id, name, number, created, message from version where removed is null"
    if _WILDCARDS & set(pattern):
        return catalog.ask(f"{question} order by key")
    return catalog.ask(f"{question} and name = :name order by key", name=pattern)


def latest_of(catalog: Catalog, name: str) -> Any | None:
    """The version row of a name with the greatest number."""
    return catalog.ask_one(
        "select * from version where removed is null and name = :name order by number desc limit 1",
        name=name,
    )


def version_row(catalog: Catalog, id_: VersionId) -> Any | None:
    """The row of a version, removed or not."""
    return catalog.ask_one("select * from version where id = :id", id=id_)


def parents_of(catalog: Catalog, key: int) -> list[VersionId]:
    """The ids of a version's parents, the first one first."""
    rows = catalog.ask("select base from parent where version = :key order by position", key=key)
    return [VersionId(row.base) for row in rows]


def refs_of(catalog: Catalog, ids: Iterable[VersionId]) -> dict[VersionId, VersionRef]:
    """The names of versions, of those that are there."""
    wanted, found = sorted(set(ids)), {}
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        rows = catalog.ask("select id, name, number from version where id in :ids", ids=part)
        found.update({row.id: ref_of(row) for row in rows})
    return found


def metrics_of(catalog: Catalog, key: int) -> dict[str, float]:
    """A version's metrics; a number that was annotated later hides a committed one."""
    rows = catalog.ask(
        "select name, value from metric where version = :key order by name, annotated", key=key
    )
    return {row.name: metric_from_text(row.value) for row in rows}


def hyperparameters_of(catalog: Catalog, key: int) -> dict[str, Any]:
    """A version's hyperparameters, by name."""
    rows = catalog.ask(
        "select name, value from hyperparameter where version = :key order by name", key=key
    )
    return {row.name: json.loads(row.value) for row in rows}


def notes_of(catalog: Catalog, key: int) -> dict[str, str]:
    """What was noted on a version later."""
    rows = catalog.ask("select name, value from note where version = :key order by name", key=key)
    return {row.name: row.value for row in rows}


def tags_of(catalog: Catalog, key: int) -> tuple[list[str], list[str]]:
    """The tags and the aliases of a version."""
    tags = catalog.ask("select tag from tag where version = :key order by tag", key=key)
    aliases = catalog.ask("select alias from alias where version = :key order by alias", key=key)
    return [row.tag for row in tags], [row.alias for row in aliases]


def files_of(catalog: Catalog, key: int) -> list[VersionFile]:
    """A version's files, by path."""
    rows = catalog.ask(
        "select path, file.id, file.size, role, format, snapshot, executable"
        " from version_file join file on file.key = version_file.file"
        " where version_file.version = :key order by path",
        key=key,
    )
    return [
        VersionFile(
            path=row.path,
            id=row.id,
            size=row.size,
            role=row.role,
            format=row.format,
            snapshot=row.snapshot,
            executable=bool(row.executable),
        )
        for row in rows
    ]


def snapshot_rows(catalog: Catalog, key: int) -> Sequence[Any]:
    """The snapshots of a version, in their order."""
    return catalog.ask("select * from snapshot where version = :key order by position", key=key)


def snapshot_metrics_of(catalog: Catalog, key: int) -> dict[str, float]:
    """The metrics of one snapshot."""
    rows = catalog.ask(
        "select name, value from snapshot_metric where snapshot = :key order by name", key=key
    )
    return {row.name: metric_from_text(row.value) for row in rows}


def tensors_of(catalog: Catalog, snapshot_key: int) -> list[SnapshotTensor]:
    """The tensors of a snapshot, in their order."""
    return [
        SnapshotTensor(name=row.name, info=info_of(row), view=_view(row.view))
        for row in tensor_rows(catalog, snapshot_key)
    ]


def tensor_rows(catalog: Catalog, snapshot_key: int) -> list[Any]:
    """The tensors of a snapshot in their order, as rows of `tensor` with their names there."""
    return catalog.ask(
        f"select snapshot_tensor.name, view, {TENSOR}"
        " from snapshot_tensor join tensor on tensor.key = snapshot_tensor.tensor"
        " where snapshot_tensor.snapshot = :key order by position",
        key=snapshot_key,
    )


def _view(text: str | None) -> View | None:
    if text is None:
        return None
    shape, strides, offset = json.loads(text)
    return View(shape=tuple(shape), strides=tuple(strides), offset=offset)


def recipe_of(catalog: Catalog, id_: FileId) -> BlobId | None:
    """The blob that holds a file's recipe, or None if no such file is stored."""
    row = catalog.ask_one(
        "select blob.id from blob join file on file.recipe = blob.key where file.id = :id", id=id_
    )
    return None if row is None else BlobId(row.id)


def count_versions(catalog: Catalog) -> int:
    """How many versions there are that are not removed."""
    (row,) = catalog.ask("select count(*) as versions from version where removed is null")
    return int(row.versions)
