"""dlv list: models and their lineage; dlv log: the history of one version."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import CTE, Column, ColumnElement, Row, Select, func, literal_column, select

from modelhub.dlv.catalog.schema import (
    alias,
    file,
    metric,
    parent,
    snapshot,
    tag,
    version,
    version_file,
)
from modelhub.dlv.catalog.versions import living, ref_of
from modelhub.dlv.filters import Filter, check_metrics, read_filter
from modelhub.dlv.lineage import Placed, forest
from modelhub.dlv.manifest import metric_from_text
from modelhub.dlv.metadata import Metadata
from modelhub.dlv.naming import resolve
from modelhub.dlv.versions import VersionRef
from modelhub.errors import InputError
from modelhub.values import VersionId

MAX_KEYS = 500  # named in a query; where more are wanted, all rows are read
_AS_GIVEN: ColumnElement[int] = literal_column("metric.rowid")  # SQLite's order of insertion
_SHOWN = (
    version.c.key,
    version.c.id,
    version.c.name,
    version.c.number,
    version.c.created,
    version.c.message,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVersion:
    """A version in a list.

    Attributes:
        version: its names.
        depth: how far it stands from the left in the drawing of the lineage.
        is_branch: whether it begins a line of its own there.
        drawing: the rails of the lineage that stand before its name.
        parents: the names, or else ids, of its parents.
        created: when, UTC.
        message: what changed, and why.
        snapshots: how many it has.
        parameters: elements of all tensors of its last snapshot.
        size: bytes of its files.
        metrics: final values.
        tags: tags and aliases.
    """

    version: VersionRef
    depth: int
    is_branch: bool
    drawing: str
    parents: Sequence[str]
    created: str
    message: str
    snapshots: int
    parameters: int
    size: int
    metrics: dict[str, float]
    tags: Sequence[str]


def list_versions(
    repository: Metadata,
    *,
    pattern: str = "*",
    where: Sequence[str] = (),
    sort: str = "",
    reverse: bool = False,
    limit: int | None = None,
) -> list[ListedVersion]:
    """The versions of all models whose name matches `pattern`, as a lineage forest.

    Args:
        repository: where.
        pattern: a glob on names.
        where: conditions that all must hold (`dlv.filters`); the lineage is of what is left.
        sort: "created", "size", "parameters" or the name of a metric; the lineage if empty.
        reverse: the other way round; versions without the metric stay last.
        limit: only so many.

    Raises:
        InputError: no version has the metric to sort by, or of a condition; a condition is none.
    """
    rows = _living(repository, pattern)
    if where:
        rows = _fitting(repository, rows, [read_filter(each) for each in where])
    first = _first_parents(repository, _every([row.key for row in rows]))
    placed = forest([ref_of(row) for row in rows], first)
    by_id = {row.id: row for row in rows}
    if not sort:
        placed = (placed[::-1] if reverse else placed)[:limit]
    shown = [by_id[place.ref.id] for place in placed]
    facts = _Facts.read(repository, _every([row.key for row in shown]))
    listed = [facts.listed(place, row) for place, row in zip(placed, shown, strict=True)]
    return _sorted(listed, sort, reverse=reverse)[:limit] if sort else listed


def _fitting(
    repository: Metadata, rows: list[Row[Any]], filters: Sequence[Filter]
) -> list[Row[Any]]:
    facts = _Facts.read(repository, _every([row.key for row in rows]))
    listed = [facts.listed(Placed(ref=ref_of(r), depth=0, is_branch=False), r) for r in rows]
    check_metrics(filters, listed)
    pairs = zip(rows, listed, strict=True)
    return [row for row, each in pairs if all(f.holds(each) for f in filters)]


def _living(repository: Metadata, pattern: str) -> list[Row[Any]]:
    rows = repository.catalog.rows(living(pattern).with_only_columns(*_SHOWN))
    return [row for row in rows if fnmatchcase(row.name, pattern)]


def _every(keys: Sequence[int]) -> Sequence[int] | None:
    """Keys that a query can name; None, for the facts of all versions, if they are many."""
    return keys if len(keys) <= MAX_KEYS else None


def _of(query: Select[Any], column: Column[int], keys: Sequence[int] | None) -> Select[Any]:
    return query if keys is None else query.where(column.in_(keys))


def _first_parents(repository: Metadata, keys: Sequence[int] | None) -> dict[VersionId, VersionId]:
    query = (
        select(version.c.id, parent.c.base)
        .join(parent, parent.c.version == version.c.key)
        .where(parent.c.position == 0)
    )
    return dict(map(tuple, repository.catalog.rows(_of(query, version.c.key, keys))))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What a list says of versions, by version key; one query each, whatever their number."""

    parents: dict[int, list[str]]
    snapshots: dict[int, tuple[int, int]]
    sizes: dict[int, int]
    metrics: dict[int, dict[str, float]]
    tags: dict[int, list[str]]

    @classmethod
    def read(cls, repository: Metadata, keys: Sequence[int] | None) -> "_Facts":
        """The facts of the versions with these keys, or of all."""
        return cls(
            parents=_parents(repository, keys),
            snapshots=_snapshots(repository, keys),
            sizes=_sizes(repository, keys),
            metrics=_metrics(repository, keys),
            tags=_labels(repository, keys),
        )

    def listed(self, place: Placed, row: Row[Any]) -> ListedVersion:
        count, parameters = self.snapshots.get(row.key, (0, 0))
        return ListedVersion(
            version=place.ref,
            depth=place.depth,
            is_branch=place.is_branch,
            drawing=place.drawing,
            parents=self.parents[row.key],
            created=row.created,
            message=row.message,
            snapshots=count,
            parameters=parameters,
            size=self.sizes.get(row.key, 0),
            metrics=self.metrics[row.key],
            tags=self.tags[row.key],
        )


def _parents(repository: Metadata, keys: Sequence[int] | None) -> dict[int, list[str]]:
    """The names of each version's parents, or the ids of those that are gone."""
    query = (
        select(parent.c.version, parent.c.base, version.c.name, version.c.number)
        .join(version, version.c.id == parent.c.base, isouter=True)
        .order_by(parent.c.version, parent.c.position)
    )
    found: dict[int, list[str]] = defaultdict(list)
    rows = repository.catalog.rows(_of(query, parent.c.version, keys))
    for key, base, name, number in map(tuple, rows):
        found[key].append(base[:12] if name is None else f"{name}@{number}")
    return found


def _snapshots(repository: Metadata, keys: Sequence[int] | None) -> dict[int, tuple[int, int]]:
    """How many snapshots each version has, and the parameters of the last one."""
    columns = snapshot.c.version, snapshot.c.position, snapshot.c.parameters
    query = select(*columns).order_by(snapshot.c.version, snapshot.c.position)
    rows = map(tuple, repository.catalog.rows(_of(query, snapshot.c.version, keys)))
    return {key: (position + 1, parameters) for key, position, parameters in rows}


def _metrics(repository: Metadata, keys: Sequence[int] | None) -> dict[int, dict[str, float]]:
    columns = metric.c.version, metric.c.name, metric.c.value
    query = select(*columns).order_by(metric.c.annotated, _AS_GIVEN)
    found: dict[int, dict[str, float]] = defaultdict(dict)
    rows = repository.catalog.rows(_of(query, metric.c.version, keys))
    for key, name, value in map(tuple, rows):
        found[key][name] = metric_from_text(value)
    return found


def _labels(repository: Metadata, keys: Sequence[int] | None) -> dict[int, list[str]]:
    """The tags of each version, then its aliases."""
    found: dict[int, list[str]] = defaultdict(list)
    for table, column in ((tag, tag.c.tag), (alias, alias.c.alias)):
        query = select(table.c.version, column).order_by(column)
        rows = repository.catalog.rows(_of(query, table.c.version, keys))
        for key, label in map(tuple, rows):
            found[key].append(label)
    return found


def _sizes(repository: Metadata, keys: Sequence[int] | None) -> dict[int, int]:
    query = (
        select(version_file.c.version, func.sum(file.c.size))
        .join(file, file.c.key == version_file.c.file)
        .group_by(version_file.c.version)
    )
    return dict(map(tuple, repository.catalog.rows(_of(query, version_file.c.version, keys))))


def _sorted(listed: list[ListedVersion], sort: str, *, reverse: bool) -> list[ListedVersion]:
    if sort in ("created", "size", "parameters"):
        return sorted(listed, key=lambda each: getattr(each, sort), reverse=reverse)
    having = [each for each in listed if sort in each.metrics]
    if not having:
        known = sorted({name for each in listed for name in each.metrics})
        raise InputError(
            f"no version has a metric {sort!r} to sort by; there are: {', '.join(known) or 'none'}"
        )
    rest = [each for each in listed if sort not in each.metrics]
    return sorted(having, key=lambda each: each.metrics[sort], reverse=reverse) + rest


def log(repository: Metadata, revision: str, *, limit: int | None = None) -> list[ListedVersion]:
    """A version and its ancestors, the newest first, each once.

    Raises:
        NotFoundError: no such version.
    """
    start = resolve(repository, revision)
    query = select(*_SHOWN).join(line := _line_of(start.id), line.c.key == version.c.key)
    rows = repository.catalog.rows(query.order_by(version.c.key.desc()).limit(limit))
    facts = _Facts.read(repository, _every([row.key for row in rows]))
    return [facts.listed(Placed(ref=ref_of(row), depth=0, is_branch=False), row) for row in rows]


def _line_of(id_: VersionId) -> CTE:
    """The keys of a version and of all its ancestors, each once."""
    start = select(version.c.key).where(version.c.id == id_).cte("line", recursive=True)
    bases = (
        select(version.c.key)
        .join(parent, parent.c.base == version.c.id)
        .join(start, start.c.key == parent.c.version)
    )
    return start.union(bases)
