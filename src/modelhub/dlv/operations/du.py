"""dlv du: bytes by model and version, and which of them are shared."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from modelhub.dlv.catalog.versions import living
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.usage import usage


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """Bytes of one model, or of one version.

    Attributes:
        name: `name`, or `name@number`.
        versions: how many versions it is the sum of.
        raw: bytes of their files, as they are.
        stored: bytes that they take in the repository.
        exclusive: bytes that would be freed if they were gone.
        shared: stored bytes that others use, too.
    """

    name: str
    versions: int
    raw: int
    stored: int
    exclusive: int
    shared: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskUsage:
    """Bytes of a repository.

    Attributes:
        rows: by model or by version.
        raw: bytes of the files of all versions, as they are.
        objects: bytes of all packs on disk.
        catalog: bytes of the catalog file.
    """

    rows: Sequence[UsageRow]
    raw: int
    objects: int
    catalog: int


def disk_usage(
    repository: ReadableRepository, *, pattern: str = "*", by_version: bool = False
) -> DiskUsage:
    """Bytes of the models whose name matches `pattern`, or of each of their versions."""
    catalog = repository.catalog
    rows = living(catalog, pattern)
    labels = {
        row.key: f"{row.name}@{row.number}" if by_version else row.name
        for row in rows
        if fnmatchcase(row.name, pattern)
    }
    found = usage(catalog, labels)
    counted = dict.fromkeys(found, 0)
    for label in labels.values():
        counted[label] += 1
    (total,) = catalog.ask("select coalesce(sum(size), 0) as size from pack")
    return DiskUsage(
        rows=[
            UsageRow(
                name=name,
                versions=counted[name],
                raw=each.raw,
                stored=each.stored,
                exclusive=each.exclusive,
                shared=each.shared,
            )
            for name, each in found.items()
        ],
        raw=sum(each.raw for each in found.values()),
        objects=int(total.size),
        catalog=catalog.path.stat().st_size,
    )
