"""Revisions looked up in the catalog."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import select, union

from modelhub.dlv.catalog import Catalog
from modelhub.dlv.catalog.schema import alias, metric, tag, version
from modelhub.dlv.catalog.versions import latest_of, living, parents_of, ref_of, version_row
from modelhub.dlv.manifest import metric_from_text
from modelhub.dlv.metadata import Metadata
from modelhub.dlv.revisions import (
    BestRule,
    Revision,
    check_snapshot,
    choose_snapshot,
    choose_tensors,
    parse,
)
from modelhub.dlv.revisions import resolve as resolve_among
from modelhub.dlv.versions import SnapshotTensor, VersionRef

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CatalogNames:
    """`modelhub.dlv.revisions.Names` over the catalog."""

    catalog: Catalog

    def latest(self, name: str, /) -> VersionRef | None:
        """The version of the name with the greatest number."""
        return _ref(latest_of(self.catalog, name))

    def numbered(self, name: str, number: int, /) -> VersionRef | None:
        """The version `name@number`."""
        here = (version.c.name == name) & (version.c.number == number)
        return _ref(self.catalog.first(living().where(here)))

    def labelled(self, name: str, label: str, /) -> VersionRef | None:
        """The version of the name that has this tag or, if none has, this alias."""
        for table in (tag, alias):
            here = (table.c.name == name) & (table.c[table.name] == label)
            query = living().join(table, table.c.version == version.c.key).where(here)
            row = self.catalog.first(query)
            if row is not None:
                return ref_of(row)
        return None

    def with_id(self, prefix: str, limit: int, /) -> Sequence[VersionRef]:
        """At most `limit` versions whose id begins with these lower-case digits."""
        above = prefix + "g"  # sorts behind every id with the prefix, so that the index serves
        here = (version.c.id >= prefix) & (version.c.id < above)
        rows = self.catalog.rows(living().where(here).order_by(None).limit(limit))
        return [ref_of(row) for row in rows]

    def parents(self, ref: VersionRef, /) -> Sequence[VersionRef | None]:
        """The parents, the first one first; None in the place of one that is gone."""
        row = version_row(self.catalog, ref.id)
        bases = parents_of(self.catalog, row.key) if row is not None else []
        return [_ref(self.catalog.first(living().where(version.c.id == b))) for b in bases]

    def measured(self, name: str, measure: str, /) -> Iterable[tuple[VersionRef, float]]:
        """The versions of the name that have the metric, with its value, annotated or not."""
        query = (
            living()
            .add_columns(metric.c.value)
            .join(metric, metric.c.version == version.c.key)
            .where((version.c.name == name) & (metric.c.name == measure))
            .order_by(None)
            .order_by(metric.c.annotated)
        )
        found = {
            row.id: (ref_of(row), metric_from_text(row.value)) for row in self.catalog.rows(query)
        }
        return found.values()

    def models(self) -> Sequence[str]:
        """The names of all models."""
        query = select(version.c.name).where(version.c.removed.is_(None)).distinct()
        return _column(self.catalog, query.order_by(version.c.name))

    def labels(self, name: str, /) -> Sequence[str]:
        """The tags and aliases of the name."""
        tags = select(tag.c.tag).where(tag.c.name == name)
        return _column(self.catalog, union(tags, select(alias.c.alias).where(alias.c.name == name)))

    def metrics(self, name: str, /) -> Sequence[str]:
        """The metrics that any version of the name has."""
        query = select(metric.c.name).join(version, version.c.key == metric.c.version)
        return _column(self.catalog, query.where(version.c.name == name).distinct())


def _ref(row: Any) -> VersionRef | None:
    return None if row is None else ref_of(row)


def _column(catalog: Catalog, query: Any) -> list[str]:
    return sorted(row[0] for row in catalog.rows(query))


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A version that a revision named, and what else the revision says."""

    ref: VersionRef
    revision: Revision

    @property
    def names_snapshot(self) -> bool:
        """Whether the revision says which snapshot it means."""
        return self.revision.snapshot is not None or self.revision.step is not None

    @property
    def tensors(self) -> str | None:
        """The pattern of tensor names, if there is one."""
        return self.revision.tensors

    def snapshot(self, rows: Sequence[Any]) -> Any:
        """The row of the snapshot that the revision names, else the last; None if none is there.

        Raises:
            NotFoundError: the version has no such snapshot.
            AmbiguousError: several are of the step that is asked for.
        """
        places = [(row.name, row.step) for row in rows]
        name = choose_snapshot(self.revision, self.ref, places)
        if name is None:
            return rows[-1] if rows else None
        return next(row for row in rows if row.name == name)

    def choose(self, tensors: Sequence[SnapshotTensor]) -> list[SnapshotTensor]:
        """The tensors that the revision's pattern means; all without one.

        Raises:
            NotFoundError: none matches.
        """
        names = set(choose_tensors(self.revision, [each.name for each in tensors]))
        return [each for each in tensors if each.name in names]


def resolve_all(repository: Metadata, text: str, *, snapshot: str | None = None) -> Resolved:
    """What a revision names; `snapshot` stands for the one that the text would name.

    Raises:
        InputError: the text is no revision.
        NotFoundError: there is no such version; says what there is instead.
        AmbiguousError: it fits several versions.
    """
    revision = parse(text)
    if snapshot is not None:
        revision = replace(revision, snapshot=check_snapshot(snapshot), step=None)
    settings = repository.settings
    best = BestRule(metric=settings.best_metric, mode=settings.best_mode)
    return Resolved(
        ref=resolve_among(CatalogNames(repository.catalog), revision, best=best),
        revision=revision,
    )


def resolve(repository: Metadata, text: str) -> VersionRef:
    """The version that a revision names; the same errors as `resolve_all`."""
    return resolve_all(repository, text).ref
