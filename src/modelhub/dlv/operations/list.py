"""dlv list: models and their lineage; dlv log: the history of one version."""

import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

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
_FIRST = """
with first_parent(version, id, base) as (
    select version.key, version.id, parent.base
    from parent join version on version.key = parent.version where parent.position = 0
)
"""
_LINE = """
with recursive line(key) as (
    select key from version where id = :id
    union
    select version.key from line
        join parent on parent.version = line.key join version on version.id = parent.base
)
select version.* from line join version on version.key = line.key
order by version.key desc limit :limit
"""  # a version and all its ancestors, each once


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


def _fitting(repository: Metadata, rows: list[Any], filters: Sequence[Filter]) -> list[Any]:
    facts = _Facts.read(repository, _every([row.key for row in rows]))
    listed = [facts.listed(Placed(ref=ref_of(r), depth=0, is_branch=False), r) for r in rows]
    check_metrics(filters, listed)
    pairs = zip(rows, listed, strict=True)
    return [row for row, each in pairs if all(f.holds(each) for f in filters)]


def _living(repository: Metadata, pattern: str) -> list[Any]:
    return [row for row in living(repository.catalog, pattern) if fnmatchcase(row.name, pattern)]


def _every(keys: Sequence[int]) -> Sequence[int] | None:
    """Keys that a query can name; None, for the facts of all versions, if they are many."""
    return keys if len(keys) <= MAX_KEYS else None


def _ask(
    repository: Metadata, question: str, keys: Sequence[int] | None, *, order: str = ""
) -> list[Any]:
    """The rows of a question that belong to some versions, by a column `version`; or all."""
    if keys is None:
        return repository.catalog.ask(question + order)
    return repository.catalog.ask(f"{question} where version in :keys{order}", keys=keys)


def _first_parents(repository: Metadata, keys: Sequence[int] | None) -> dict[VersionId, VersionId]:
    question = "select id, base from first_parent"
    return dict(_ask(repository, _FIRST + question, keys))


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

    def listed(self, place: Placed, row: Any) -> ListedVersion:
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
    rows = _ask(
        repository,
        "select version, base, name, number from parent left join version on id = base",
        keys,
        order=" order by version, position",
    )
    found: dict[int, list[str]] = defaultdict(list)
    for key, base, name, number in rows:
        found[key].append(base[:12] if name is None else f"{name}@{number}")
    return found


def _snapshots(repository: Metadata, keys: Sequence[int] | None) -> dict[int, tuple[int, int]]:
    """How many snapshots each version has, and the parameters of the last one."""
    question = "select version, position, parameters from snapshot"
    rows = _ask(repository, question, keys, order=" order by version, position")
    return {key: (position + 1, parameters) for key, position, parameters in rows}


def _metrics(repository: Metadata, keys: Sequence[int] | None) -> dict[int, dict[str, float]]:
    """The metrics of each version, by name; a number that was annotated hides a committed one."""
    question = "select version, name, value from metric"
    found: dict[int, dict[str, float]] = defaultdict(dict)
    for key, name, value in _ask(
        repository, question, keys, order=" order by version, name, annotated"
    ):
        found[key][name] = metric_from_text(value)
    return found


def _labels(repository: Metadata, keys: Sequence[int] | None) -> dict[int, list[str]]:
    """The tags of each version, then its aliases."""
    found: dict[int, list[str]] = defaultdict(list)
    for question in (
        "select version, tag as label from tag",
        "select version, alias as label from alias",
    ):
        for key, label in _ask(repository, question, keys, order=" order by label"):
            found[key].append(label)
    return found


def _sizes(repository: Metadata, keys: Sequence[int] | None) -> dict[int, int]:
    question = (
        "select version, sum(size) from version_file join file on file.key = version_file.file"
    )
    return dict(_ask(repository, question, keys, order=" group by version"))


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
    rows = repository.catalog.ask(_LINE, id=start.id, limit=limit or sys.maxsize)
    facts = _Facts.read(repository, _every([row.key for row in rows]))
    return [facts.listed(Placed(ref=ref_of(row), depth=0, is_branch=False), row) for row in rows]
