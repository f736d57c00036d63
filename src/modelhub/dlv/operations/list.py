"""dlv list: models and their lineage; dlv log: the history of one version."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import func, select

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
from modelhub.dlv.lineage import Placed, forest
from modelhub.dlv.manifest import metric_from_text
from modelhub.dlv.metadata import Metadata
from modelhub.dlv.naming import resolve
from modelhub.dlv.versions import VersionRef
from modelhub.errors import InputError
from modelhub.values import VersionId


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
    sort: str = "",
    reverse: bool = False,
    limit: int | None = None,
) -> list[ListedVersion]:
    """The versions of all models whose name matches `pattern`, as a lineage forest.

    Args:
        repository: where.
        pattern: a glob on names.
        sort: "created", "size", "parameters" or the name of a metric; the lineage if empty.
        reverse: the other way round; versions without the metric stay last.
        limit: only so many.

    Raises:
        InputError: no version has the metric to sort by.
    """
    rows = [r for r in repository.catalog.rows(living()) if fnmatchcase(r.name, pattern)]
    facts = _Facts.read(repository)
    refs = {row.id: ref_of(row) for row in rows}
    first = {row.id: facts.parents[row.key][0] for row in rows if facts.parents[row.key]}
    placed = forest(list(refs.values()), first)
    by_id = {row.id: row for row in rows}
    listed = [facts.listed(place, by_id[place.ref.id]) for place in placed]
    if sort:
        listed = _sorted(listed, sort, reverse=reverse)
    elif reverse:
        listed = listed[::-1]
    return listed[:limit]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What a list says of versions, by version key; one query each, whatever their number."""

    names: dict[str, str]
    parents: dict[int, list[VersionId]]
    snapshots: dict[int, tuple[int, int]]
    sizes: dict[int, int]
    metrics: dict[int, dict[str, float]]
    tags: dict[int, list[str]]

    @classmethod
    def read(cls, repository: Metadata) -> "_Facts":
        rows = repository.catalog.rows
        order = parent.c.version, parent.c.position
        parents: dict[int, list[VersionId]] = defaultdict(list)
        for key, base in map(tuple, rows(select(parent.c.version, parent.c.base).order_by(*order))):
            parents[key].append(base)
        return cls(
            names={
                id_: f"{name}@{number}"
                for id_, name, number in map(
                    tuple, rows(select(version.c.id, version.c.name, version.c.number))
                )
            },
            parents=parents,
            snapshots=_snapshots(repository),
            sizes=_sizes(repository),
            metrics=_metrics(repository),
            tags=_labels(repository),
        )

    def listed(self, place: Placed, row: Any) -> ListedVersion:
        count, parameters = self.snapshots.get(row.key, (0, 0))
        return ListedVersion(
            version=place.ref,
            depth=place.depth,
            is_branch=place.is_branch,
            drawing=place.drawing,
            parents=[self.names.get(base, base[:12]) for base in self.parents[row.key]],
            created=row.created,
            message=row.message,
            snapshots=count,
            parameters=parameters,
            size=self.sizes.get(row.key, 0),
            metrics=self.metrics[row.key],
            tags=self.tags[row.key],
        )


def _snapshots(repository: Metadata) -> dict[int, tuple[int, int]]:
    """How many snapshots each version has, and the parameters of the last one."""
    columns = snapshot.c.version, snapshot.c.position, snapshot.c.parameters
    query = select(*columns).order_by(snapshot.c.version, snapshot.c.position)
    rows = map(tuple, repository.catalog.rows(query))
    return {key: (position + 1, parameters) for key, position, parameters in rows}


def _metrics(repository: Metadata) -> dict[int, dict[str, float]]:
    query = select(metric.c.version, metric.c.name, metric.c.value).order_by(metric.c.annotated)
    found: dict[int, dict[str, float]] = defaultdict(dict)
    for key, name, value in map(tuple, repository.catalog.rows(query)):
        found[key][name] = metric_from_text(value)
    return found


def _labels(repository: Metadata) -> dict[int, list[str]]:
    """The tags of each version, then its aliases."""
    found: dict[int, list[str]] = defaultdict(list)
    for table, column in ((tag, tag.c.tag), (alias, alias.c.alias)):
        query = select(table.c.version, column).order_by(column)
        for key, label in map(tuple, repository.catalog.rows(query)):
            found[key].append(label)
    return found


def _sizes(repository: Metadata) -> dict[int, int]:
    query = (
        select(version_file.c.version, func.sum(file.c.size))
        .join(file, file.c.key == version_file.c.file)
        .group_by(version_file.c.version)
    )
    return dict(map(tuple, repository.catalog.rows(query)))


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
    facts = _Facts.read(repository)
    by_id = {row.id: row for row in repository.catalog.rows(select(version))}
    wanted, seen = [start.id], {start.id}
    for id_ in wanted:  # grows while it is walked
        for base in facts.parents[by_id[id_].key]:
            if base in by_id and base not in seen:
                seen.add(base)
                wanted.append(base)
    rows = sorted((by_id[id_] for id_ in wanted), key=lambda row: -row.key)
    return [
        facts.listed(Placed(ref=ref_of(row), depth=0, is_branch=False), row) for row in rows[:limit]
    ]
