"""What nothing refers to any more: found and taken out of the catalog, for `gc`."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, union

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
    network,
    network_tensor,
    node,
    note,
    pack,
    parent,
    record,
    segment,
    snapshot,
    snapshot_metric,
    snapshot_tensor,
    tag,
    template_count,
    tensor,
    version,
    version_file,
)


def delete_versions(connection: Connection, keys: Sequence[int]) -> None:
    """Take versions and all their rows out; their numbers stay used."""
    for key in keys:
        snapshots = select(snapshot.c.key).where(snapshot.c.version == key)
        for table in (snapshot_metric, snapshot_tensor):
            connection.execute(delete(table).where(table.c.snapshot.in_(snapshots)))
        for table in (snapshot, version_file, metric, hyperparameter, note, tag, alias, parent):
            connection.execute(delete(table).where(table.c.version == key))
        connection.execute(delete(version).where(version.c.key == key))


def delete_unreferenced(connection: Connection) -> None:
    """Take out files, networks, tensors and blobs that no version needs, directly or as a base."""
    used = select(version_file.c.file)
    gone = select(file.c.key).where(file.c.key.not_in(used))
    for table in (file_tensor, file_blob):
        connection.execute(delete(table).where(table.c.file.in_(gone)))
    connection.execute(delete(file).where(file.c.key.not_in(used)))
    _delete_networks(connection)
    while _delete_tensors(connection):
        pass  # what only a deleted delta was based on goes in the next round
    while _delete_blobs(connection):
        pass


def _delete_networks(connection: Connection) -> None:
    named = select(version.c.network).where(version.c.network.is_not(None))
    gone = select(network.c.key).where(network.c.id.not_in(named))
    for table in (node, edge, hop, template_count, network_tensor):
        connection.execute(delete(table).where(table.c.network.in_(gone)))
    connection.execute(delete(network).where(network.c.id.not_in(named)))


def _delete_tensors(connection: Connection) -> int:
    used = union(
        select(file_tensor.c.tensor),
        select(snapshot_tensor.c.tensor),
        select(network_tensor.c.tensor),
        select(tensor.c.key).join(copy, copy.c.base == tensor.c.id),
    )
    dead = select(tensor.c.key).where(tensor.c.key.not_in(used))
    keys = [row.key for row in connection.execute(dead)]
    for part in _parts(keys):
        copies = select(copy.c.key).where(copy.c.tensor.in_(part))
        connection.execute(delete(segment).where(segment.c.copy.in_(copies)))
        connection.execute(delete(copy).where(copy.c.tensor.in_(part)))
        connection.execute(delete(tensor).where(tensor.c.key.in_(part)))
    return len(keys)


def _delete_blobs(connection: Connection) -> int:
    other = blob.alias("other")
    used = union(
        select(file.c.recipe),
        select(file_blob.c.blob),
        select(record.c.blob),
        select(copy.c.block).where(copy.c.block.is_not(None)),
        select(blob.c.key).join(version, version.c.id == blob.c.id),
        select(blob.c.key).join(version, version.c.history == blob.c.id),
        select(blob.c.key).join(version, version.c.network == blob.c.id),
        select(blob.c.key).join(other, other.c.base == blob.c.id),
    )
    dead = select(blob.c.key).where(blob.c.key.not_in(used))
    keys = [row.key for row in connection.execute(dead)]
    for part in _parts(keys):
        connection.execute(delete(blob).where(blob.c.key.in_(part)))
    return len(keys)


def _parts(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + 500] for start in range(0, len(keys), 500))


def live_bytes(connection: Connection) -> list[tuple[str, int, int]]:
    """Every pack's id, size, and bytes of members that the index needs."""
    by_segment = (
        select(segment.c.pack, func.sum(segment.c.size).label("size"))
        .group_by(segment.c.pack)
        .subquery()
    )
    by_blob = (
        select(blob.c.pack, func.sum(blob.c.size).label("size")).group_by(blob.c.pack).subquery()
    )
    live = func.coalesce(by_segment.c.size, 0) + func.coalesce(by_blob.c.size, 0)
    query = (
        select(pack.c.id, pack.c.size, live.label("live"))
        .outerjoin(by_segment, by_segment.c.pack == pack.c.key)
        .outerjoin(by_blob, by_blob.c.pack == pack.c.key)
        .order_by(pack.c.key)
    )
    return [(row.id, row.size, row.live) for row in connection.execute(query)]


def delete_empty_packs(connection: Connection) -> list[str]:
    """Take out packs of which the index needs nothing; their ids."""
    used: Any = union(select(segment.c.pack), select(blob.c.pack))
    dead = select(pack.c.id).where(pack.c.key.not_in(used))
    ids = [row.id for row in connection.execute(dead)]
    for part in (ids[start : start + 500] for start in range(0, len(ids), 500)):
        connection.execute(delete(pack).where(pack.c.id.in_(part)))
    return ids


TABLES: tuple[Table, ...] = (version, tensor, blob, file)


def counts(connection: Connection) -> dict[str, int]:
    """How many versions, tensors, blobs and files there are."""
    return {
        table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in TABLES
    }
