"""Bytes of versions: as files, as stored, and how much of that is theirs alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelhub.dlv.catalog import Catalog


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


@dataclass(frozen=True, slots=True)
class _Use:
    """One way in which versions refer to items: columns of both, and where they meet."""

    version: str
    item: str
    tables: str

    def items(self) -> str:
        """A question for the items of the versions `:keys`."""
        return f"select {self.item} from {self.tables} where {self.version} in :keys"

    def owners(self, items: str) -> str:
        """A question for the versions of some items, whose keys another question gives."""
        here = f" where {self.item} in ({items})" if items else ""
        return f"select {self.version} as version, {self.item} as item from {self.tables}{here}"


_TENSOR_USES = (
    _Use(
        "version_file.version",
        "file_tensor.tensor",
        "version_file join file_tensor on file_tensor.file = version_file.file",
    ),
    _Use(
        "snapshot.version",
        "snapshot_tensor.tensor",
        "snapshot join snapshot_tensor on snapshot_tensor.snapshot = snapshot.key",
    ),
    _Use(
        "version.key",
        "network_tensor.tensor",
        "version join network on network.id = version.network"
        " join network_tensor on network_tensor.network = network.key",
    ),
)
_BLOB_USES = (
    _Use(
        "version_file.version",
        "file_blob.blob",
        "version_file join file_blob on file_blob.file = version_file.file",
    ),
    _Use(
        "version_file.version",
        "file.recipe",
        "version_file join file on file.key = version_file.file",
    ),
    *(
        _Use("version.key", "blob.key", f"version join blob on blob.id = version.{column}")
        for column in ("id", "history", "network")
    ),
)


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
    for uses, sizes_of in ((_TENSOR_USES, _tensor_sizes), (_BLOB_USES, _blob_sizes)):
        items = "" if keys is None else " union ".join(each.items() for each in uses)
        question = " union ".join(each.owners(items) for each in uses)
        sizes = sizes_of(catalog, items, keys)
        for item, owners in _owners(_ask(catalog, question, keys), groups).items():
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


def _ask(catalog: Catalog, question: str, keys: Sequence[int] | None) -> list[Any]:
    return catalog.ask(question) if keys is None else catalog.ask(question, keys=keys)


def _owners(uses: Iterable[tuple[int, int]], groups: Mapping[int, str]) -> dict[int, set[str]]:
    """Which groups refer to each item; a version outside all of them counts as one of its own."""
    found: dict[int, set[str]] = defaultdict(set)
    for version, item in uses:
        found[item].add(groups.get(version, f"\0{version}"))
    return found


def _tensor_sizes(catalog: Catalog, items: str, keys: Sequence[int] | None) -> dict[int, int]:
    """Stored bytes by tensor key; a small tensor counts its share of its block."""
    here = f" where copy.tensor in ({items})" if items else ""
    whole = (
        "select copy.tensor, sum(segment.size) as size"
        f" from copy join segment on segment.copy = copy.key{here} group by copy.tensor"
    )
    small = (
        "select copy.tensor, coalesce(blob.size * tensor.size / nullif(blob.raw_size, 0), 0)"
        " as size from copy join blob on blob.key = copy.block"
        f" join tensor on tensor.key = copy.tensor{here}"
    )
    return {
        row.tensor: int(row.size) for each in (whole, small) for row in _ask(catalog, each, keys)
    }


def _blob_sizes(catalog: Catalog, items: str, keys: Sequence[int] | None) -> dict[int, int]:
    here = f" where key in ({items})" if items else ""
    return dict(_ask(catalog, f"select key, size from blob{here}", keys))


def _raw_sizes(
    catalog: Catalog, groups: Mapping[int, str], keys: Sequence[int] | None
) -> dict[str, int]:
    question = (
        "select version_file.version, sum(file.size) as size"
        " from version_file join file on file.key = version_file.file"
    )
    here = "" if keys is None else " where version_file.version in :keys"
    raw: dict[str, int] = defaultdict(int)
    for version, size in _ask(catalog, f"{question}{here} group by version_file.version", keys):
        if version in groups:
            raw[groups[version]] += size
    return raw
