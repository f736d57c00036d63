"""Bytes of versions: as files, as stored, and how much of that is theirs alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select, union

from modelhub.dlv.catalog import Catalog
from modelhub.dlv.catalog.schema import (
    blob,
    copy,
    file,
    file_blob,
    file_tensor,
    network,
    network_tensor,
    segment,
    snapshot,
    snapshot_tensor,
    tensor,
    version,
    version_file,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Bytes of one version, or of several together.

    Attributes:
        raw: its files, as they are.
        stored: what they take in the repository.
        exclusive: what would be freed if it were gone.
        shared: what others use, too.
    """

    raw: int
    stored: int
    exclusive: int

    @property
    def shared(self) -> int:
        """Stored bytes that others use, too."""
        return self.stored - self.exclusive


def usage(catalog: Catalog, groups: Mapping[int, str]) -> dict[str, Usage]:
    """The bytes of groups of versions.

    Args:
        catalog: where.
        groups: version key -> the group that it counts for; what two versions of one group
            share is exclusive to the group.

    Cost: a few passes over the relations of all versions.
    """
    sizes = _tensor_sizes(catalog), _blob_sizes(catalog)
    users: dict[tuple[int, int], set[str]] = defaultdict(set)
    for kind, query in enumerate((_tensors_of_versions(), _blobs_of_versions())):
        for owner, item in map(tuple, catalog.rows(query)):
            # A version outside every group still shares what it uses.
            users[kind, item].add(groups.get(owner, f"\0{owner}"))
    stored: dict[str, int] = defaultdict(int)
    exclusive: dict[str, int] = defaultdict(int)
    for (kind, item), owners in users.items():
        size = sizes[kind].get(item, 0)
        for owner in owners:
            stored[owner] += size
            if len(owners) == 1:
                exclusive[owner] += size
    raw = _raw_sizes(catalog, groups)
    return {
        name: Usage(raw=raw.get(name, 0), stored=stored[name], exclusive=exclusive[name])
        for name in _ordered(groups.values())
    }


def _ordered(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _tensor_sizes(catalog: Catalog) -> dict[int, int]:
    """Stored bytes by tensor key; a small tensor counts its share of its block."""
    whole = (
        select(copy.c.tensor, func.sum(segment.c.size).label("size"))
        .join(segment, segment.c.copy == copy.c.key)
        .group_by(copy.c.tensor)
    )
    share = func.coalesce(blob.c.size * tensor.c.size / func.nullif(blob.c.raw_size, 0), 0)
    small = (
        select(copy.c.tensor, share.label("size"))
        .join(blob, blob.c.key == copy.c.block)
        .join(tensor, tensor.c.key == copy.c.tensor)
    )
    rows = [row for query in (whole, small) for row in catalog.rows(query)]
    return {row.tensor: int(row.size) for row in rows}


def _blob_sizes(catalog: Catalog) -> dict[int, int]:
    return {row.key: row.size for row in catalog.rows(select(blob.c.key, blob.c.size))}


def _tensors_of_versions() -> Select[tuple[int, int]]:
    in_files = select(version_file.c.version, file_tensor.c.tensor).join(
        file_tensor, file_tensor.c.file == version_file.c.file
    )
    in_snapshots = select(snapshot.c.version, snapshot_tensor.c.tensor).join(
        snapshot_tensor, snapshot_tensor.c.snapshot == snapshot.c.key
    )
    in_networks = (
        select(version.c.key.label("version"), network_tensor.c.tensor)
        .join(network, network.c.id == version.c.network)
        .join(network_tensor, network_tensor.c.network == network.c.key)
    )
    every = union(in_files, in_snapshots, in_networks).subquery()
    return select(every.c.version, every.c.tensor)


def _blobs_of_versions() -> Select[Any]:
    in_files = select(version_file.c.version, file_blob.c.blob).join(
        file_blob, file_blob.c.file == version_file.c.file
    )
    recipes = select(version_file.c.version, file.c.recipe).join(
        file, file.c.key == version_file.c.file
    )
    manifests = select(version.c.key, blob.c.key).join(blob, blob.c.id == version.c.id)
    histories = select(version.c.key, blob.c.key).join(blob, blob.c.id == version.c.history)
    networks = select(version.c.key, blob.c.key).join(blob, blob.c.id == version.c.network)
    every = union(in_files, recipes, manifests, histories, networks).subquery()
    return select(*every.c)


def _raw_sizes(catalog: Catalog, groups: Mapping[int, str]) -> dict[str, int]:
    query = (
        select(version_file.c.version, func.sum(file.c.size).label("size"))
        .join(file, file.c.key == version_file.c.file)
        .group_by(version_file.c.version)
    )
    raw: dict[str, int] = defaultdict(int)
    for row in catalog.rows(query):
        if row.version in groups:
            raw[groups[row.version]] += row.size
    return raw
