"""Revisions looked up in the catalog."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modelhub.dlv.catalog import Catalog
from modelhub.dlv.catalog.versions import latest_of, parents_of, ref_of, version_row
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

_LIVING = "select id, name, number from version where removed is null"


@dataclass(frozen=True, slots=True)
class CatalogNames:
    """`modelhub.dlv.revisions.Names` over the catalog."""

    catalog: Catalog

    def latest(self, name: str, /) -> VersionRef | None:
        """The version of the name with the greatest number."""
        return _ref(latest_of(self.catalog, name))

    def numbered(self, name: str, number: int, /) -> VersionRef | None:
        """The version `name@number`."""
        here = f"{_LIVING} and name = :name and number = :number"
        return _ref(self.catalog.ask_one(here, name=name, number=number))

    def labelled(self, name: str, label: str, /) -> VersionRef | None:
        """The version of the name that has this tag or, if none has, this alias."""
        for marked in (
            "select version from tag where name = :name and tag = :label",
            "select version from alias where name = :name and alias = :label",
        ):
            here = f"{_LIVING} and key in ({marked})"
            row = self.catalog.ask_one(here, name=name, label=label)
            if row is not None:
                return ref_of(row)
        return None

    def with_id(self, prefix: str, limit: int, /) -> Sequence[VersionRef]:
        """At most `limit` versions whose id begins with these lower-case digits."""
        above = prefix + "g"  # sorts behind every id with the prefix, so that the index serves
        here = f"{_LIVING} and id >= :low and id < :high limit :limit"
        rows = self.catalog.ask(here, low=prefix, high=above, limit=limit)
        return [ref_of(row) for row in rows]

    def parents(self, ref: VersionRef, /) -> Sequence[VersionRef | None]:
        """The parents, the first one first; None in the place of one that is gone."""
        row = version_row(self.catalog, ref.id)
        bases = parents_of(self.catalog, row.key) if row is not None else []
        return [_ref(self.catalog.ask_one(f"{_LIVING} and id = :id", id=base)) for base in bases]

    def measured(self, name: str, measure: str, /) -> Iterable[tuple[VersionRef, float]]:
        """The versions of the name that have the metric, with its value, annotated or not."""
        rows = self.catalog.ask(
            "select id, version.name, number, value"
            " from version join metric on metric.version = version.key"
            " where removed is null and version.name = :name and metric.name = :measure"
            " order by annotated",
            name=name,
            measure=measure,
        )
        return {row.id: (ref_of(row), metric_from_text(row.value)) for row in rows}.values()

    def models(self) -> Sequence[str]:
        """The names of all models."""
        return self._column("select distinct name from version where removed is null")

    def labels(self, name: str, /) -> Sequence[str]:
        """The tags and aliases of the name."""
        tags = "select tag from tag where name = :name"
        aliases = "select alias from alias where name = :name"
        return self._column(f"{tags} union {aliases}", name=name)

    def metrics(self, name: str, /) -> Sequence[str]:
        """The metrics that any version of the name has."""
        return self._column(
            "select distinct metric.name from metric join version on version.key = metric.version"
            " where version.name = :name",
            name=name,
        )

    def _column(self, question: str, **values: object) -> list[str]:
        return sorted(row[0] for row in self.catalog.ask(question, **values))


def _ref(row: Any) -> VersionRef | None:
    return None if row is None else ref_of(row)


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
