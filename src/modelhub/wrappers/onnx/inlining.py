"""Functions of a model, put in the place of the nodes that call them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from modelhub.recipes import WireError
from modelhub.wrappers.onnx.messages import OnnxFunction, OnnxGraph, OnnxModel, OnnxNode

_T = TypeVar("_T")
MAX_NODES = 1_000_000  # of a graph without calls
MAX_DEPTH = 30  # functions that call functions


def without_functions(model: OnnxModel) -> OnnxModel:
    """The model with the nodes of functions for each call; others are as they were.

    Values inside are called `CALL/VALUE`, so that none is met twice. Operator sets are those
    of the model, and of functions where it names none.

    Cost: O(nodes that come out); no more than `MAX_NODES`.

    Raises:
        WireError: a function calls itself, or too many nodes come out.
    """
    if not model.functions:
        return model
    opsets: dict[str, int] = {}
    for each in model.functions.values():
        opsets |= each.opsets
    nodes: list[OnnxNode] = []
    for node in _unfolded(model, model.graph.nodes, 0):
        nodes.append(node)
        if len(nodes) > MAX_NODES:
            raise WireError(f"its functions make more than {MAX_NODES:,} nodes")
    return replace(
        model, graph=replace(model.graph, nodes=nodes), opsets=opsets | dict(model.opsets)
    )


def _unfolded(model: OnnxModel, nodes: Sequence[OnnxNode], depth: int) -> Iterator[OnnxNode]:
    if depth > MAX_DEPTH:
        raise WireError("its functions call each other without an end")
    for node in nodes:
        function = model.functions.get((node.domain, node.operator, node.overload))
        if function is None:
            yield node
        else:
            yield from _unfolded(model, _called(node, function), depth + 1)


def _called(call: OnnxNode, function: OnnxFunction) -> list[OnnxNode]:
    """The nodes of a function with the names and settings of a call."""
    place = next((name for name in (call.name, *call.outputs) if name), function.name)
    names = {
        name: f"{place}/{name}"
        for node in function.nodes
        for name in (*node.inputs, *node.outputs)
        if name
    }
    for inside, outside in ((function.inputs, call.inputs), (function.outputs, call.outputs)):
        given = [*outside, *[""] * (len(inside) - len(outside))]
        is_output = inside is function.outputs
        names |= {
            name: value
            for name, value in zip(inside, given, strict=False)
            if value or not is_output
        }
    return [_renamed(_set(node, call, function), names, place) for node in function.nodes]


def _set(node: OnnxNode, call: OnnxNode, function: OnnxFunction) -> OnnxNode:
    """A node of a function with the settings that it takes from the call."""
    if not node.taken:
        return node
    given = dict(function.defaults.attributes) | dict(call.attributes)
    tensors = dict(function.defaults.tensors) | dict(call.tensors)
    graphs = dict(function.defaults.graphs) | dict(call.graphs)
    return replace(
        node,
        attributes=dict(node.attributes) | _picked(node.taken, given),
        tensors=dict(node.tensors) | _picked(node.taken, tensors),
        graphs=dict(node.graphs) | _picked(node.taken, graphs),
    )


def _picked(taken: Mapping[str, str], given: Mapping[str, _T]) -> dict[str, _T]:
    return {name: given[source] for name, source in taken.items() if source in given}


def _renamed(node: OnnxNode, names: Mapping[str, str], place: str) -> OnnxNode:
    return replace(
        node,
        name=f"{place}/{node.name}" if node.name and place else node.name,
        inputs=[names.get(name, name) for name in node.inputs],
        outputs=[names.get(name, name) for name in node.outputs],
        graphs={key: _graph_renamed(graph, names) for key, graph in node.graphs.items()},
    )


def _graph_renamed(graph: OnnxGraph, names: Mapping[str, str]) -> OnnxGraph:
    """What a graph inside reads from around it; what it names itself has other names."""
    return replace(graph, nodes=[_renamed(node, names, "") for node in graph.nodes])
