"""Model versions as rows: written once, in the transaction that publishes them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from sqlalchemy import Connection, insert, select

from modelhub.dlv.catalog.keys import key_of, keys_of
from modelhub.dlv.catalog.schema import (
    blob,
    file,
    file_blob,
    file_tensor,
    hyperparameter,
    metric,
    model,
    network,
    parent,
    snapshot,
    snapshot_metric,
    snapshot_tensor,
    tensor,
    version,
    version_file,
)
from modelhub.dlv.versions import Manifest, Snapshot, VersionFile, VersionRef
from modelhub.identity import canonical_json
from modelhub.values import BlobId, FileId, TensorId, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a file is made of, for the catalog: everything it refers to."""

    file: FileId
    size: int
    recipe: BlobId
    tensors: Sequence[TensorId]
    blobs: Sequence[BlobId]


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
