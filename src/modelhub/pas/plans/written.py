"""A storage graph as JSON, for tests and bug reports; the arrays are what programs use."""

from collections.abc import Mapping
from typing import Any

from modelhub.errors import InputError
from modelhub.pas.plans.builder import GraphBuilder
from modelhub.pas.plans.graph import StorageGraph
from modelhub.values import Json

_COLUMNS = 4


def to_json(graph: StorageGraph) -> dict[str, Json]:
    """The graph as a mapping that `from_json` reads; equal graphs give equal mappings."""
    bounds = graph.start.tolist()
    return {
        "matrices": graph.matrices,
        "edges": [list(edge) for edge in zip(*(c.tolist() for c in graph.edges[:4]), strict=True)],
        "snapshots": {
            name: graph.member[bounds[at] : bounds[at + 1]].tolist()
            for at, name in enumerate(graph.snapshots)
        },
    }


def from_json(written: Mapping[str, Any]) -> StorageGraph:
    """The graph of a mapping: how many matrices, edges and the members of each snapshot.

    An edge is a list of source, target, storage and recreation.

    Raises:
        InputError: that is no graph.
    """
    try:
        matrices, edges, snapshots = (
            written["matrices"],
            [tuple(edge) for edge in written["edges"]],
            dict(written["snapshots"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"a storage graph has matrices, edges and snapshots: {error!r}") from None
    if type(matrices) is not int or any(len(edge) != _COLUMNS for edge in edges):
        raise InputError("matrices is a number, and an edge has four")
    builder = GraphBuilder(matrices)
    source, target, storage, recreation = zip(*edges, strict=True) if edges else ((),) * _COLUMNS
    builder.add_many(source, target, storage=storage, recreation=recreation)
    for name, members in snapshots.items():
        builder.snapshot(name, members)
    return builder.build()
