"""dlv desc: everything that is known of one version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from modelhub.dlv.architecture import DescribedNetwork, describe_network
from modelhub.dlv.catalog.rows import statistics_of
from modelhub.dlv.catalog.versions import (
    files_of,
    hyperparameters_of,
    metrics_of,
    notes_of,
    parents_of,
    refs_of,
    snapshot_metrics_of,
    snapshot_rows,
    tags_of,
    tensor_rows,
    tensors_of,
    version_row,
)
from modelhub.dlv.courses import MetricCourse, course_of
from modelhub.dlv.histories import read_history
from modelhub.dlv.naming import Resolved, resolve_all
from modelhub.dlv.networks import read_network
from modelhub.dlv.notebook import Shown
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.usage import Usage, usage
from modelhub.dlv.versions import SnapshotTensor, VersionFile, VersionRef
from modelhub.errors import InputError, NotFoundError
from modelhub.values import Statistics, TensorId


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedTensor:
    """A tensor with the statistics that were taken when it was committed."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    size: int
    id: TensorId
    statistics: Statistics | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedSnapshot:
    """A snapshot in brief."""

    name: str
    step: int | None
    tensors: int
    parameters: int
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description(Shown):
    """One version.

    Attributes:
        version: its names.
        created: when, UTC.
        author: who.
        message: what changed, and why.
        parents: what it was made from.
        children: what was made from it.
        tags: tags.
        aliases: aliases.
        network: the id of its network, or None if it is not known.
        hyperparameters: settings.
        metrics: final values, annotated ones included.
        notes: texts that were annotated.
        history: the course of each metric over training.
        snapshots: in brief.
        snapshot: the one whose tensors are shown.
        tensors: of that snapshot.
        files: of the version.
        usage: its bytes.
        architecture: its network, or None if it is not known.
    """

    version: VersionRef
    created: str
    author: str
    message: str
    parents: Sequence[str]
    children: Sequence[str]
    tags: Sequence[str]
    aliases: Sequence[str]
    network: str | None
    hyperparameters: Mapping[str, Any]
    metrics: Mapping[str, float]
    notes: Mapping[str, str]
    history: Sequence[MetricCourse]
    snapshots: Sequence[DescribedSnapshot]
    snapshot: str | None
    tensors: Sequence[DescribedTensor]
    files: Sequence[VersionFile]
    usage: Usage
    architecture: DescribedNetwork | None


def describe(
    repository: ReadableRepository,
    revision: str,
    *,
    sizes: Mapping[str, Sequence[int]] | None = None,
    unfold: bool = False,
) -> Description:
    """Everything that is known of a version; no tensor is read.

    Args:
        repository: where.
        revision: which.
        sizes: of the input, for what the network costs (`modelhub.network.solve_sizes`).
        unfold: whether every layer of repeated blocks is listed.

    A revision that names a snapshot shows that snapshot's tensors, else the last one's; one
    that ends in `::pattern` shows only tensors that match.

    Raises:
        NotFoundError: no such version, snapshot or tensor.
        InputError: a size is unknown, or does not fit; or no network is known to need it.
    """
    found = resolve_all(repository, revision)
    catalog = repository.catalog
    row = version_row(catalog, found.ref.id)
    assert row is not None
    tags, aliases = tags_of(catalog, row.key)
    snapshots = snapshot_rows(catalog, row.key)
    shown = found.snapshot(snapshots)
    if shown is None and found.tensors is not None:
        raise NotFoundError(f"{found.ref} has no tensors")
    return Description(
        version=found.ref,
        created=row.created,
        author=row.author,
        message=row.message,
        parents=_names(repository, parents_of(catalog, row.key)),
        children=_names(repository, _children(repository, row.id)),
        tags=tags,
        aliases=aliases,
        network=row.network,
        hyperparameters=hyperparameters_of(catalog, row.key),
        metrics=metrics_of(catalog, row.key),
        notes=notes_of(catalog, row.key),
        history=[
            course_of(name, points)
            for name, points in read_history(repository, row.history).items()
        ],
        snapshots=[_described(repository, each) for each in snapshots],
        snapshot=None if shown is None else shown.name,
        tensors=[] if shown is None else _tensors(repository, shown.key, found),
        files=files_of(catalog, row.key),
        usage=_usage(repository, row.key),
        architecture=_architecture(repository, found.ref, row.network, sizes or {}, unfold=unfold),
    )


def _architecture(
    repository: ReadableRepository,
    ref: VersionRef,
    id_: Any,
    sizes: Mapping[str, Sequence[int]],
    *,
    unfold: bool,
) -> DescribedNetwork | None:
    if id_ is None:
        if sizes:
            raise InputError(f"the network of {ref} is not known, so it has no input sizes")
        return None
    return describe_network(read_network(repository, id_), id_, sizes=sizes, unfold=unfold)


def _names(repository: ReadableRepository, ids: Sequence[Any]) -> list[str]:
    refs = refs_of(repository.catalog, ids)
    return [str(refs[id_]) if id_ in refs else id_[:12] for id_ in ids]


def _children(repository: ReadableRepository, id_: str) -> list[str]:
    rows = repository.catalog.ask(
        "select id from version where removed is null"
        " and key in (select version from parent where base = :id) order by key",
        id=id_,
    )
    return [row.id for row in rows]


def _described(repository: ReadableRepository, row: Any) -> DescribedSnapshot:
    tensors = tensors_of(repository.catalog, row.key)
    return DescribedSnapshot(
        name=row.name,
        step=row.step,
        tensors=len(tensors),
        parameters=row.parameters,
        metrics=snapshot_metrics_of(repository.catalog, row.key),
    )


def _tensors(repository: ReadableRepository, key: int, found: Resolved) -> list[DescribedTensor]:
    rows = {row.id: row for row in tensor_rows(repository.catalog, key)}
    chosen = found.choose(tensors_of(repository.catalog, key))
    return [_described_tensor(each, rows[each.info.id]) for each in chosen]


def _described_tensor(found: SnapshotTensor, row: Any) -> DescribedTensor:
    elements = prod(found.info.shape)
    return DescribedTensor(
        name=found.name,
        dtype=found.info.dtype,
        shape=found.shape,
        size=row.size * prod(found.shape) // elements if elements else 0,
        id=found.info.id,
        statistics=statistics_of(row),
    )


def _usage(repository: ReadableRepository, key: int) -> Usage:
    return usage(repository.catalog, {key: "this"})["this"]
