"""What the catalog knows of versions and networks, read when it is first asked for."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Any

from sqlalchemy import Row, Select, func, select

from modelhub.dlv.catalog import Catalog
from modelhub.dlv.catalog.schema import (
    alias,
    edge,
    file,
    hyperparameter,
    metric,
    network,
    node,
    note,
    parent,
    snapshot,
    snapshot_metric,
    snapshot_tensor,
    tag,
    tensor,
    version,
    version_file,
)
from modelhub.dlv.manifest import metric_from_text
from modelhub.network import LayerGraph, Node

OWN = ("key", "id", "name", "number", "created", "author", "message", "network")
STATISTICS = ("dtype", "shape", "size", "min", "max", "mean", "std", "zeros", "nans", "infinities")


class Graph:
    """The layer graph of a network as the catalog has it."""

    def __init__(self, row: Row[Any], nodes: Sequence[Row[Any]], edges: Sequence[Row[Any]]) -> None:
        self.partial = row.partial
        self.rows = {each.name: each for each in nodes}
        self.aliases = {each.name: each.alias for each in nodes}
        layers = [_node(each) for each in nodes]
        self.nodes = {each.name: each for each in layers}
        self.positions = {each.name: place for place, each in enumerate(layers)}
        before: dict[str, list[str]] = {each.name: [] for each in layers}
        behind: dict[str, list[str]] = {each.name: [] for each in layers}
        for target, source in map(tuple, edges):
            before[layers[target].name].append(layers[source].name)
            behind[layers[source].name].append(layers[target].name)
        self.layers = LayerGraph(layers=layers, previous=before, next=behind)


def _node(row: Row[Any]) -> Node:
    return Node(
        name=row.name,
        op=row.op,
        template=row.template or None,
        kind=row.kind or None,
        attributes=json.loads(row.attributes),
    )


class Facts:
    """Reads facts of one kind for all versions at once, and keeps them for the query."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.graph = cache(self._graph)
        self.metric = cache(self._metric)
        self.setting = cache(self._setting)
        self.note = cache(self._note)
        self.course = cache(self._course)
        self.tensor = cache(self._tensor)

    def versions(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        """The rows of versions."""
        return self._catalog.rows(statement)

    def _graph(self, id_: str) -> Graph | None:
        row = self._catalog.first(select(network).where(network.c.id == id_))
        if row is None:
            return None
        nodes = select(node).where(node.c.network == row.key).order_by(node.c.position)
        edges = select(edge.c.target, edge.c.source).where(edge.c.network == row.key)
        edges = edges.order_by(edge.c.target, edge.c.slot)
        return Graph(row, self._catalog.rows(nodes), self._catalog.rows(edges))

    @cached_property
    def networks(self) -> Mapping[str, Row[Any]]:
        """Networks in brief, by id."""
        return {row.id: row for row in self._catalog.rows(select(network))}

    def _metric(self, name: str) -> Mapping[int, float]:
        """Final values by version; those that were annotated later hide the others."""
        query = select(metric.c.version, metric.c.value).where(metric.c.name == name)
        rows = self._catalog.rows(query.order_by(metric.c.annotated))
        return {key: metric_from_text(value) for key, value in map(tuple, rows)}

    def _setting(self, name: str) -> Mapping[int, Any]:
        query = select(hyperparameter.c.version, hyperparameter.c.value)
        rows = self._catalog.rows(query.where(hyperparameter.c.name == name))
        return {key: json.loads(value) for key, value in map(tuple, rows)}

    def _note(self, name: str) -> Mapping[int, str]:
        query = select(note.c.version, note.c.value).where(note.c.name == name)
        return dict(map(tuple, self._catalog.rows(query)))

    def _course(self, name: str) -> Mapping[int, list[tuple[int | None, float]]]:
        """(step, value) of each snapshot that has the metric, by version, in their order."""
        query = (
            select(snapshot.c.version, snapshot.c.step, snapshot_metric.c.value)
            .join(snapshot_metric, snapshot_metric.c.snapshot == snapshot.c.key)
            .where(snapshot_metric.c.name == name)
            .order_by(snapshot.c.version, snapshot.c.position)
        )
        found: dict[int, list[tuple[int | None, float]]] = defaultdict(list)
        for key, step, value in map(tuple, self._catalog.rows(query)):
            found[key].append((step, metric_from_text(value)))
        return found

    def _tensor(self, name: str) -> Mapping[int, Row[Any]]:
        """The tensor of this name in the last snapshot that has it, by version."""
        query = (
            select(snapshot.c.version, tensor)
            .join(snapshot_tensor, snapshot_tensor.c.tensor == tensor.c.key)
            .join(snapshot, snapshot.c.key == snapshot_tensor.c.snapshot)
            .where(snapshot_tensor.c.name == name)
            .order_by(snapshot.c.version, snapshot.c.position)
        )
        return {row.version: row for row in self._catalog.rows(query)}

    @cached_property
    def names(self) -> Mapping[str, set[str]]:
        """The names that metrics, hyperparameters and notes have anywhere."""
        tables = {"metrics": metric, "hyperparameters": hyperparameter, "notes": note}
        return {
            kind: {row.name for row in self._catalog.rows(select(table.c.name).distinct())}
            for kind, table in tables.items()
        }

    @cached_property
    def tags(self) -> Mapping[int, list[str]]:
        """Tags, then aliases, by version."""
        found: dict[int, list[str]] = defaultdict(list)
        for table, column in ((tag, tag.c.tag), (alias, alias.c.alias)):
            query = select(table.c.version, column).order_by(column)
            for key, label in map(tuple, self._catalog.rows(query)):
                found[key].append(label)
        return found

    @cached_property
    def sizes(self) -> Mapping[int, int]:
        """Bytes of files, by version."""
        query = select(version_file.c.version, func.sum(file.c.size))
        query = query.join(file, file.c.key == version_file.c.file)
        rows = self._catalog.rows(query.group_by(version_file.c.version))
        return dict(map(tuple, rows))

    @cached_property
    def snapshots(self) -> Mapping[int, tuple[int, int]]:
        """How many, and the elements of the last one, by version."""
        columns = snapshot.c.version, snapshot.c.position, snapshot.c.parameters
        rows = self._catalog.rows(select(*columns).order_by(*columns[:2]))
        return {key: (position + 1, count) for key, position, count in map(tuple, rows)}

    @cached_property
    def parents(self) -> Mapping[str, list[str]]:
        """The ids of parents, by id, the first one first; removed versions included."""
        query = select(version.c.id, parent.c.base).join(parent, parent.c.version == version.c.key)
        found: dict[str, list[str]] = defaultdict(list)
        for id_, base in map(tuple, self._catalog.rows(query.order_by(parent.c.position))):
            found[id_].append(base)
        return found

    @cached_property
    def refs(self) -> Mapping[str, str]:
        """`name@number` by id."""
        query = select(version.c.id, version.c.name, version.c.number)
        return {i: f"{name}@{number}" for i, name, number in map(tuple, self._catalog.rows(query))}

    def ancestors(self, id_: str) -> set[str]:
        """The ids of all versions that a version was made from, by any way."""
        found: set[str] = set()
        left = list(self.parents.get(id_, ()))
        while left:
            each = left.pop()
            if each not in found:
                found.add(each)
                left += self.parents.get(each, ())
        return found
