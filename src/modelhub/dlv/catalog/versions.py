"""Model versions as rows: written once, read in the pieces that a question needs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from modelhub.dlv.catalog.connection import Catalog
from modelhub.dlv.catalog.rows import info_of, key_of, keys_of
from modelhub.dlv.catalog.schema import (
    alias,
    blob,
    file,
    file_blob,
    file_tensor,
    hyperparameter,
    metric,
    model,
    network,
    note,
    parent,
    snapshot,
    snapshot_metric,
    snapshot_tensor,
    tag,
    tensor,
    version,
    version_file,
)
from modelhub.dlv.manifest import metric_from_text
from modelhub.dlv.versions import Manifest, Snapshot, SnapshotTensor, VersionFile, VersionRef
from modelhub.identity import canonical_json
from modelhub.values import BlobId, FileId, TensorId, VersionId, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a file is made of, for the catalog: everything it refers to."""

    file: FileId
    size: int
    recipe: BlobId
    tensors: Sequence[TensorId]
    blobs: Sequence[BlobId]


_WILDCARDS = set("*?[")


def next_number(connection: Connection, name: str) -> int:
    """The number that the next version of a name will have."""
    query = select(model.c.last_number).where(model.c.name == name)
    return 1 + int(connection.execute(query).scalar() or 0)


def add_version(
    connection: Connection,
    ref: VersionRef,
    manifest: Manifest,
    *,
    content: str,
    recipes: Iterable[Recipe],
) -> None:
    """Insert a version and all its rows; its packs must be registered, and its network be there.

    Args:
        connection: in whose transaction.
        ref: the version's names.
        manifest: what it holds.
        content: the id of its content.
        recipes: of all its files.

    Raises:
        Vanished: a tensor, blob or network that it refers to is not in the index.
    """
    if manifest.content.network is not None:
        for table in (blob, network):
            keys_of(connection, table, [manifest.content.network])
    for recipe in recipes:
        _add_file(connection, recipe)
    row = insert(version).values(
        id=ref.id,
        name=ref.name,
        number=ref.number,
        created=manifest.created,
        author=manifest.author,
        message=manifest.message,
        content=content,
        network=manifest.content.network,
        history=manifest.content.history,
    )
    key = key_of(connection.execute(row))
    _insert_all(
        connection,
        parent,
        [{"version": key, "position": i, "base": b} for i, b in enumerate(manifest.parents)],
    )
    _add_numbers(connection, key, manifest)
    for position, each in enumerate(manifest.content.snapshots):
        _add_snapshot(connection, key, position, each)
    _add_version_files(connection, key, manifest.content.files)


def _insert_all(connection: Connection, table: Any, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _add_file(connection: Connection, recipe: Recipe) -> None:
    known = select(file.c.key).where(file.c.id == recipe.file)
    if connection.execute(known).first() is not None:
        return
    tensors = keys_of(connection, tensor, recipe.tensors)
    blobs = keys_of(connection, blob, [*recipe.blobs, recipe.recipe])
    row = insert(file).values(id=recipe.file, size=recipe.size, recipe=blobs[recipe.recipe])
    key = key_of(connection.execute(row))
    _insert_all(connection, file_tensor, [{"file": key, "tensor": t} for t in tensors.values()])
    pieces = [blobs[each] for each in set(recipe.blobs)]
    _insert_all(connection, file_blob, [{"file": key, "blob": b} for b in pieces])


def _add_numbers(connection: Connection, key: int, manifest: Manifest) -> None:
    content = manifest.content
    settings = [
        {"version": key, "name": name, "value": _json(value)}
        for name, value in content.hyperparameters.items()
    ]
    _insert_all(connection, hyperparameter, settings)
    metrics = [
        {"version": key, "name": name, "value": _json(value), "annotated": False}
        for name, value in content.metrics.items()
    ]
    _insert_all(connection, metric, metrics)


def _json(value: Any) -> str:
    return canonical_json(value).decode()


def _add_snapshot(connection: Connection, key: int, position: int, found: Snapshot) -> None:
    row = insert(snapshot).values(
        version=key,
        position=position,
        name=found.name,
        step=found.step,
        parameters=sum(prod(each.shape) for each in found.tensors),
    )
    own = key_of(connection.execute(row))
    metrics = [
        {"snapshot": own, "name": name, "value": _json(value)}
        for name, value in found.metrics.items()
    ]
    _insert_all(connection, snapshot_metric, metrics)
    keys = keys_of(connection, tensor, [each.info.id for each in found.tensors])
    rows = [
        {
            "snapshot": own,
            "position": i,
            "name": each.name,
            "tensor": keys[each.info.id],
            "view": _view_text(each.view),
        }
        for i, each in enumerate(found.tensors)
    ]
    _insert_all(connection, snapshot_tensor, rows)


def _view_text(view: View | None) -> str | None:
    if view is None:
        return None
    return json.dumps([view.shape, view.strides, view.offset])


def _add_version_files(connection: Connection, key: int, files: Sequence[VersionFile]) -> None:
    keys = keys_of(connection, file, [each.id for each in files])
    rows = [
        {
            "version": key,
            "path": each.path,
            "file": keys[each.id],
            "role": each.role,
            "format": each.format,
            "snapshot": each.snapshot,
            "executable": each.executable,
        }
        for each in files
    ]
    _insert_all(connection, version_file, rows)


# Reading.


def ref_of(row: Row[Any]) -> VersionRef:
    """The names in a row that has id, name and number."""
    return VersionRef(id=row.id, name=row.name, number=row.number)


def living(pattern: str = "*") -> Select[Any]:
    """All versions that are not removed, in the order in which they were made.

    Args:
        pattern: a glob on names; only one without wildcards leaves anything out, the caller
            must compare the others.
    """
    query = select(version).where(version.c.removed.is_(None)).order_by(version.c.key)
    return query if _WILDCARDS & set(pattern) else query.where(version.c.name == pattern)


def latest_of(catalog: Catalog, name: str) -> Row[Any] | None:
    """The version row of a name with the greatest number."""
    query = living().where(version.c.name == name).order_by(None)
    return catalog.first(query.order_by(version.c.number.desc()).limit(1))


def version_row(catalog: Catalog, id_: VersionId) -> Row[Any] | None:
    """The row of a version, removed or not."""
    return catalog.first(select(version).where(version.c.id == id_))


def parents_of(catalog: Catalog, key: int) -> list[VersionId]:
    """The ids of a version's parents, the first one first."""
    query = select(parent.c.base).where(parent.c.version == key).order_by(parent.c.position)
    return [VersionId(row.base) for row in catalog.rows(query)]


def refs_of(catalog: Catalog, ids: Iterable[VersionId]) -> dict[VersionId, VersionRef]:
    """The names of versions, of those that are there."""
    wanted, found = sorted(set(ids)), {}
    for start in range(0, len(wanted), 500):
        query = select(version).where(version.c.id.in_(wanted[start : start + 500]))
        found.update({row.id: ref_of(row) for row in catalog.rows(query)})
    return found


def metrics_of(catalog: Catalog, key: int) -> dict[str, float]:
    """A version's metrics; a number that was annotated later hides a committed one."""
    query = select(metric).where(metric.c.version == key).order_by(metric.c.annotated)
    return {row.name: metric_from_text(row.value) for row in catalog.rows(query)}


def hyperparameters_of(catalog: Catalog, key: int) -> dict[str, Any]:
    """A version's hyperparameters, by name."""
    query = select(hyperparameter).where(hyperparameter.c.version == key)
    rows = catalog.rows(query.order_by(hyperparameter.c.name))
    return {row.name: json.loads(row.value) for row in rows}


def notes_of(catalog: Catalog, key: int) -> dict[str, str]:
    """What was noted on a version later."""
    query = select(note).where(note.c.version == key).order_by(note.c.name)
    return {row.name: row.value for row in catalog.rows(query)}


def tags_of(catalog: Catalog, key: int) -> tuple[list[str], list[str]]:
    """The tags and the aliases of a version."""
    tags = catalog.rows(select(tag.c.tag).where(tag.c.version == key).order_by(tag.c.tag))
    aliases = catalog.rows(
        select(alias.c.alias).where(alias.c.version == key).order_by(alias.c.alias)
    )
    return [row.tag for row in tags], [row.alias for row in aliases]


def files_of(catalog: Catalog, key: int) -> list[VersionFile]:
    """A version's files, by path."""
    query = (
        select(version_file, file.c.id, file.c.size)
        .join(file, file.c.key == version_file.c.file)
        .where(version_file.c.version == key)
        .order_by(version_file.c.path)
    )
    return [
        VersionFile(
            path=row.path,
            id=row.id,
            size=row.size,
            role=row.role,
            format=row.format,
            snapshot=row.snapshot,
            executable=row.executable,
        )
        for row in catalog.rows(query)
    ]


def snapshot_rows(catalog: Catalog, key: int) -> Sequence[Row[Any]]:
    """The snapshots of a version, in their order."""
    query = select(snapshot).where(snapshot.c.version == key).order_by(snapshot.c.position)
    return catalog.rows(query)


def snapshot_metrics_of(catalog: Catalog, key: int) -> dict[str, float]:
    """The metrics of one snapshot."""
    query = select(snapshot_metric).where(snapshot_metric.c.snapshot == key)
    rows = catalog.rows(query.order_by(snapshot_metric.c.name))
    return {row.name: metric_from_text(row.value) for row in rows}


def tensors_of(catalog: Catalog, snapshot_key: int) -> list[SnapshotTensor]:
    """The tensors of a snapshot, in their order."""
    query = (
        select(snapshot_tensor.c.name, snapshot_tensor.c.view, tensor)
        .join(tensor, tensor.c.key == snapshot_tensor.c.tensor)
        .where(snapshot_tensor.c.snapshot == snapshot_key)
        .order_by(snapshot_tensor.c.position)
    )
    return [
        SnapshotTensor(name=row.name, info=info_of(row), view=_view(row.view))
        for row in catalog.rows(query)
    ]


def _view(text: str | None) -> View | None:
    if text is None:
        return None
    shape, strides, offset = json.loads(text)
    return View(shape=tuple(shape), strides=tuple(strides), offset=offset)


def recipe_of(catalog: Catalog, id_: FileId) -> BlobId | None:
    """The blob that holds a file's recipe, or None if no such file is stored."""
    query = select(blob.c.id).join(file, file.c.recipe == blob.c.key).where(file.c.id == id_)
    row = catalog.first(query)
    return None if row is None else BlobId(row.id)


def count_versions(catalog: Catalog) -> int:
    """How many versions there are that are not removed."""
    query = select(func.count()).select_from(version).where(version.c.removed.is_(None))
    row = catalog.first(query)
    return 0 if row is None else int(row[0])
