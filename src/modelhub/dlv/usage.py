"""Bytes of versions: as files, as stored, and how much of that is theirs alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, func, select, union

from modelhub.dlv.catalog import Catalog
from modelhub.dlv.catalog.bases import needed_bases
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


MAX_KEYS = 500  # named in a query; where more are wanted, all rows are read
Items = Select[tuple[int]]


@dataclass(frozen=True, slots=True)
class _Use:
    """One way in which versions refer to items: a query of both, and its two columns."""

    query: Select[Any]
    version: ColumnElement[int]
    item: ColumnElement[int]


def usage(catalog: Catalog, groups: Mapping[int, str]) -> dict[str, Usage]:
    """The bytes of groups of versions.

    Args:
        catalog: where.
        groups: version key -> the group that it counts for; what two versions of one group
            share is exclusive to the group.

    Cost: what these versions refer to, and who else does; for more than `MAX_KEYS` of them
        a few passes over the relations of all versions.
    """
    keys = list(groups) if len(groups) <= MAX_KEYS else None
    stored: dict[str, int] = defaultdict(int)
    exclusive: dict[str, int] = defaultdict(int)
    for uses, sizes_of in ((_tensor_uses(), _tensor_sizes), (_blob_uses(), _blob_sizes)):
        items = None if keys is None else _items(uses, keys)
        sizes = sizes_of(catalog, items)
        for item, owners in _owners(catalog, uses, items, groups).items():
            for owner in owners:
                stored[owner] += sizes.get(item, 0)
                if len(owners) == 1:
                    exclusive[owner] += sizes.get(item, 0)
    raw = _raw_sizes(catalog, groups, keys)
    return {
        name: Usage(raw=raw.get(name, 0), stored=stored[name], exclusive=exclusive[name])
        for name in _ordered(groups.values())
    }


def _ordered(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _items(uses: Sequence[_Use], keys: Sequence[int]) -> Items:
    """The keys of what some versions refer to."""
    found = (use.query.with_only_columns(use.item).where(use.version.in_(keys)) for use in uses)
    return select(*union(*found).subquery().c)


def _of(query: Select[Any], column: ColumnElement[int], items: Items | None) -> Select[Any]:
    return query if items is None else query.where(column.in_(items))


def _owners(
    catalog: Catalog, uses: Sequence[_Use], items: Items | None, groups: Mapping[int, str]
) -> dict[int, set[str]]:
    """Which groups refer to each item; a version outside all of them counts as one of its own."""
    every = union(*(_of(use.query, use.item, items) for use in uses)).subquery()
    found: dict[int, set[str]] = defaultdict(set)
    for version_key, item in map(tuple, catalog.rows(select(*every.c))):
        found[item].add(groups.get(version_key, f"\0{version_key}"))
    return found


def _tensor_sizes(catalog: Catalog, items: Items | None) -> dict[int, int]:
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
    queries = (_of(query, copy.c.tensor, items) for query in (whole, small))
    rows = [row for query in queries for row in catalog.rows(query)]
    return {row.tensor: int(row.size) for row in rows}


def _blob_sizes(catalog: Catalog, items: Items | None) -> dict[int, int]:
    query = _of(select(blob.c.key, blob.c.size), blob.c.key, items)
    return {row.key: row.size for row in catalog.rows(query)}


def _tensor_uses() -> list[_Use]:
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
    direct = [
        _Use(in_files, version_file.c.version, file_tensor.c.tensor),
        _Use(in_snapshots, snapshot.c.version, snapshot_tensor.c.tensor),
        _Use(in_networks, version.c.key, network_tensor.c.tensor),
    ]
    need = needed_bases()
    return [*direct, *(_through_bases(each, need) for each in direct)]


def _through_bases(use: _Use, need: CTE) -> _Use:
    """What a version needs because its deltas are based on it."""
    query = select(use.version, need.c.base).select_from(
        use.query.get_final_froms()[0].join(need, need.c.tensor == use.item)
    )
    return _Use(query, use.version, need.c.base)


def _blob_uses() -> list[_Use]:
    in_files = select(version_file.c.version, file_blob.c.blob).join(
        file_blob, file_blob.c.file == version_file.c.file
    )
    recipes = select(version_file.c.version, file.c.recipe).join(
        file, file.c.key == version_file.c.file
    )
    manifests = select(version.c.key, blob.c.key).join(blob, blob.c.id == version.c.id)
    histories = select(version.c.key, blob.c.key).join(blob, blob.c.id == version.c.history)
    networks = select(version.c.key, blob.c.key).join(blob, blob.c.id == version.c.network)
    return [
        _Use(in_files, version_file.c.version, file_blob.c.blob),
        _Use(recipes, version_file.c.version, file.c.recipe),
        _Use(manifests, version.c.key, blob.c.key),
        _Use(histories, version.c.key, blob.c.key),
        _Use(networks, version.c.key, blob.c.key),
    ]


def _raw_sizes(
    catalog: Catalog, groups: Mapping[int, str], keys: Sequence[int] | None
) -> dict[str, int]:
    query = (
        select(version_file.c.version, func.sum(file.c.size).label("size"))
        .join(file, file.c.key == version_file.c.file)
        .group_by(version_file.c.version)
    )
    if keys is not None:
        query = query.where(version_file.c.version.in_(keys))
    raw: dict[str, int] = defaultdict(int)
    for row in catalog.rows(query):
        if row.version in groups:
            raw[groups[row.version]] += row.size
    return raw
