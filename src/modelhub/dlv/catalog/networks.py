"""Networks as rows: the layer graph of each, inserted once, for queries (network.md §6)."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from json import JSONEncoder
from math import prod

from sqlalchemy import Connection, Table, insert, select

from modelhub.dlv.catalog.keys import key_of, keys_of
from modelhub.dlv.catalog.schema import (
    edge,
    hop,
    network,
    network_tensor,
    node,
    template_count,
    tensor,
)
from modelhub.identity import canonical_json
from modelhub.network import (
    PARAMETER,
    STATE,
    LayerGraph,
    Network,
    Node,
    SymbolicShape,
    layer_aliases,
    layer_graph,
)
from modelhub.values import BlobId


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSummary:
    """A network in brief.

    Attributes:
        id: its id.
        dialect: whose operators it names.
        partial: None, or why it has no edges.
        nodes: vertices of its layer graph.
        edges: edges of its layer graph.
        parameters: elements of its parameters; tied ones count once.
    """

    id: BlobId
    dialect: str
    partial: str | None
    nodes: int
    edges: int
    parameters: int


def summarize(found: Network, id_: BlobId) -> NetworkSummary:
    """A network in brief, before it is stored."""
    return _summary(found, id_, layer_graph(found))


def _summary(found: Network, id_: BlobId, graph: LayerGraph) -> NetworkSummary:
    return NetworkSummary(
        id=id_,
        dialect=found.dialect,
        partial=found.partial,
        nodes=len(graph.layers),
        edges=sum(map(len, graph.previous.values())),
        parameters=found.parameter_count,
    )


def add_network(connection: Connection, id_: BlobId, found: Network) -> None:
    """Insert the layer graph of a network, unless the catalog has it; its tensors must be there.

    Cost: O(nodes + edges), a few statements whatever their number.

    Raises:
        Vanished: a tensor that it refers to is not in the index.
    """
    known = select(network.c.key).where(network.c.id == id_)
    if connection.execute(known).first() is not None:
        return
    graph = layer_graph(found)
    brief = _summary(found, id_, graph)
    values = {column: getattr(brief, column) for column in NetworkSummary.__slots__}
    key = key_of(connection.execute(insert(network).values(**values)))
    tensors = keys_of(connection, tensor, [s.tensor for s in found.states if s.tensor is not None])
    _insert(connection, network_tensor, [(key, each) for each in tensors.values()])
    _insert(connection, node, _nodes(key, found, graph))
    positions = {each.name: i for i, each in enumerate(graph.layers)}
    edges = [
        (key, positions[target], slot, positions[source])
        for target, sources in graph.previous.items()
        for slot, source in enumerate(sources)
    ]
    _insert(connection, edge, edges)
    kinds = {each.name: (each.template or "", each.kind or "") for each in graph.layers}
    hops = [
        (key, source, target, *kinds[source], *kinds[target])
        for target, sources in graph.previous.items()
        for source in sources
    ]
    _insert(connection, hop, sorted(hops))
    counts = Counter(kinds.values()).items()
    _insert(connection, template_count, [(key, *kind, count) for kind, count in counts])


def _insert(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows whose values stand in the order of the table's columns."""
    if rows:
        # Past SQLAlchemy's own insert, which takes several times as long a row.
        marks = ", ".join("?" * len(table.c))
        statement = f"insert into {table.name} values ({marks})"
        connection.exec_driver_sql(statement, list(rows))


def _nodes(key: int, found: Network, graph: LayerGraph) -> list[tuple[object, ...]]:
    aliases = layer_aliases(graph.layers)
    counts = _parameters(found)
    return [
        (
            *(key, position, each.name, aliases[each.name], each.name.rpartition(".")[0]),
            *(each.template or "", each.kind or "", each.op, _attributes(each)),
            *((_shape(each.outputs[0].shape), each.outputs[0].dtype) if each.outputs else _UNKNOWN),
            counts(each),
        )
        for position, each in enumerate(graph.layers)
    ]


_UNKNOWN = (None, None)
_ENCODER = JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _attributes(each: Node) -> str:
    """Canonical JSON; what is not finite is left to the slower way."""
    if not each.attributes:
        return "{}"
    try:
        return _ENCODER.encode(each.attributes)
    except (TypeError, ValueError):
        return canonical_json(dict(each.attributes)).decode()


@lru_cache(maxsize=1024)
def _shape(shape: SymbolicShape) -> str:
    return canonical_json(list(shape)).decode()


def _parameters(found: Network) -> Callable[[Node], int]:
    """Tells the elements of a node's parameters: its own, and those that it reads as states."""
    sizes = {each.name: prod(each.shape) for each in found.states if each.kind == PARAMETER}
    loose = {each.name: each.states for each in found.nodes if each.op == STATE}

    def of(each: Node) -> int:
        names = set(each.states)
        if loose:
            names.update(*(loose.get(source, ()) for source in each.reads))
        return sum(sizes.get(name, 0) for name in names)

    return of
