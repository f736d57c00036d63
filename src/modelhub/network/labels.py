"""What a node computes, apart from its name and from what it reads: equal layers, equal labels."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from modelhub.network.graph import STATE_PREFIX, Body, Node, State
from modelhub.values import Json

_VALUE = {"$": ""}  # stands for any value that is read


def label(node: Node, states: Mapping[str, State]) -> str:
    """A text that two nodes share if and only if they compute the same of what they read.

    Sizes of values are left out: they follow from the layer and its inputs.

    Args:
        node: of a network.
        states: that network's, by name.
    """
    held = [_held(node, states[name]) for name in node.states if name in states]
    said = (node.op, node.template, node.kind, node.target, node.attributes, held)
    arguments = (_blank(list(node.inputs.args)), _blank(dict(node.inputs.kwargs)))
    body = None if node.body is None else _body(node, node.body)
    return json.dumps((said, arguments, body), sort_keys=True, separators=(",", ":"), default=_list)


def local_name(node: Node, state: str) -> str:
    """A state's name as the layer knows it: `weight` of `features.0.weight`."""
    if node.module and state.startswith(f"{node.module}."):
        return state[len(node.module) + 1 :]
    return state.rpartition(".")[2]


def constants(node: Node) -> list[tuple[str, Json]]:
    """What is handed to an operator besides values: (where, what), references left out."""
    args = [(f"argument {i}", each) for i, each in enumerate(node.inputs.args)]
    found = [*args, *node.inputs.kwargs.items()]
    return [(where, _blank(each)) for where, each in found if not _is_reference(each)]


def _held(node: Node, state: State) -> Json:
    return [local_name(node, state.name), state.kind, state.dtype, list(state.shape)]


def _is_reference(tree: Json) -> bool:
    return isinstance(tree, Mapping) and "$" in tree


def _blank(tree: Json) -> Any:
    """An argument tree whose references say only that something is read."""
    if isinstance(tree, Mapping):
        return _VALUE if "$" in tree else {key: _blank(each) for key, each in tree.items()}
    if isinstance(tree, list | tuple):
        return [_blank(each) for each in tree]
    return tree


def _body(node: Node, body: Body) -> Json:
    """A body with its operators by position, so that their names do not matter."""
    places: dict[str, str] = {op.name: str(place) for place, op in enumerate(body.ops)}
    for name in node.states:
        places[STATE_PREFIX + name] = local_name(node, name)
    ops = [
        [op.target, _placed(list(op.inputs.args), places), _placed(dict(op.inputs.kwargs), places)]
        for op in body.ops
    ]
    return [body.inputs, ops, _placed(list(body.returns), places)]


def _placed(tree: Json, places: Mapping[str, str]) -> Any:
    if isinstance(tree, Mapping):
        if "$" in tree:
            name = str(tree["$"])
            return [places.get(name, name), tree.get("i", 0)]
        return {key: _placed(each, places) for key, each in tree.items()}
    if isinstance(tree, list | tuple):
        return [_placed(each, places) for each in tree]
    return tree


def _list(found: object) -> list[Any]:
    """What JSON writes of a sequence that it does not know."""
    assert isinstance(found, Sequence | Iterator)
    return list(found)
