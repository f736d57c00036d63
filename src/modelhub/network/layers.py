"""The layer graph: what people and queries see of a network (docs/spec/network.md §6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modelhub.network.graph import STATE, Network, Node


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerGraph:
    """Layers in execution order, and what each reads; plumbing and states are left out.

    Attributes:
        layers: the vertices.
        previous: name -> the layers that it reads, in the order of its inputs.
        next: name -> the layers that read it, in execution order.
    """

    layers: Sequence[Node]
    previous: Mapping[str, Sequence[str]]
    next: Mapping[str, Sequence[str]]


def layer_graph(network: Network) -> LayerGraph:
    """The layer graph of a network; without edges if it is partial.

    Cost: O(nodes + edges + edges that lead through plumbing).
    """
    layers: list[Node] = []
    previous: dict[str, list[str]] = {}
    following: dict[str, list[str]] = {}
    seen_through: dict[str, list[str]] = {}  # what reading a node's value means in layers
    for node in network.nodes:
        read = list(dict.fromkeys(found for name in node.reads for found in seen_through[name]))
        if node.op == STATE or node.plumbing:
            seen_through[node.name] = read
            continue
        seen_through[node.name] = [node.name]
        layers.append(node)
        previous[node.name] = read
        following[node.name] = []
        for name in read:
            following[name].append(node.name)
    return LayerGraph(layers=layers, previous=previous, next=following)
