"""The content of a catalog in terms of ids, so that two catalogs can be compared."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, select

from modelhub.dlv.catalog.connection import Catalog
from modelhub.dlv.catalog.schema import (
    alias,
    blob,
    copy,
    edge,
    file,
    file_blob,
    file_tensor,
    hop,
    hyperparameter,
    metric,
    model,
    network,
    network_tensor,
    node,
    note,
    parent,
    record,
    snapshot,
    snapshot_metric,
    snapshot_tensor,
    tag,
    template_count,
    tensor,
    version,
    version_file,
)

MISSING, EXTRA = "missing", "extra"
STORAGE = {"tensor", "blob", "file", "file_tensor", "file_blob"}  # may hold less than the objects

_VERSION = version.c.id.label("version_id")
_SNAPSHOT = (_VERSION, snapshot.c.name.label("snapshot_name"))


def _of_version(table: Any, *columns: Any) -> Select[Any]:
    return select(_VERSION, *columns).join(table, table.c.version == version.c.key)


def _of_snapshot(table: Any, *columns: Any) -> Select[Any]:
    return (
        select(*_SNAPSHOT, *columns)
        .join(snapshot, snapshot.c.version == version.c.key)
        .join(table, table.c.snapshot == snapshot.c.key)
    )


def _of_network(table: Any) -> Select[Any]:
    columns = [column for column in table.c if column.name != "network"]
    query = select(network.c.id.label("network_id"), *columns)
    return query.join(table, table.c.network == network.c.key)


def _own(table: Any, *left_out: str) -> list[Any]:
    keys = {"key", "version", "snapshot", "tensor", "file", "pack", *left_out}
    return [column for column in table.c if column.name not in keys]


_QUERIES: dict[str, Select[Any]] = {
    "tensor": select(*_own(tensor)).join(copy, copy.c.tensor == tensor.c.key),
    "blob": select(blob.c.id, blob.c.role, blob.c.raw_size, blob.c.file),
    "file": select(file.c.id, file.c.size),
    "file_tensor": select(file.c.id, tensor.c.id.label("tensor_id"))
    .join(file_tensor, file_tensor.c.file == file.c.key)
    .join(tensor, tensor.c.key == file_tensor.c.tensor),
    "file_blob": select(file.c.id, blob.c.id.label("blob_id"))
    .join(file_blob, file_blob.c.file == file.c.key)
    .join(blob, blob.c.key == file_blob.c.blob),
    "model": select(model),
    "version": select(*_own(version)),
    "parent": _of_version(parent, *_own(parent)),
    "snapshot": _of_version(snapshot, *_own(snapshot)),
    "snapshot_metric": _of_snapshot(snapshot_metric, *_own(snapshot_metric)),
    "snapshot_tensor": _of_snapshot(
        snapshot_tensor, *_own(snapshot_tensor), tensor.c.id.label("tensor_id")
    ).join(tensor, tensor.c.key == snapshot_tensor.c.tensor),
    "version_file": _of_version(
        version_file, *_own(version_file), version_file.c.snapshot, file.c.id.label("file_id")
    ).join(file, file.c.key == version_file.c.file),
    "metric": _of_version(metric, *_own(metric)),
    "hyperparameter": _of_version(hyperparameter, *_own(hyperparameter)),
    "note": _of_version(note, *_own(note)),
    "tag": _of_version(tag, *_own(tag)),
    "alias": _of_version(alias, *_own(alias)),
    "network": select(*_own(network)),
    **{each.name: _of_network(each) for each in (node, edge, hop, template_count)},
    "network_tensor": select(network.c.id.label("network_id"), tensor.c.id)
    .join(network_tensor, network_tensor.c.network == network.c.key)
    .join(tensor, tensor.c.key == network_tensor.c.tensor),
    "record": select(record.c.seq, blob.c.id).join(blob, blob.c.key == record.c.blob),
}


def differences(one: Catalog, other: Catalog) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """Rows that only one of two catalogs has: (relation, `MISSING` or `EXTRA`, row).

    A row of `other` that `one` lacks is missing, the reverse is extra.
    """
    for name, query in _QUERIES.items():
        mine = {tuple(row) for row in one.rows(query)}
        theirs = {tuple(row) for row in other.rows(query)}
        for kind, rows in ((MISSING, theirs - mine), (EXTRA, mine - theirs)):
            for row in sorted(rows, key=repr):
                yield name, kind, row
