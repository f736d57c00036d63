"""A network as Python that one can read, change and run, without this software."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import fx

from modelhub.network import LAYER, PARAMETER, Network, Node, State
from modelhub.wrappers.torch.classes import TARGETS
from modelhub.wrappers.torch.lower import is_plain_name, lower
from modelhub.wrappers.torch.modes import count_batch, while_training
from modelhub.wrappers.torch.targets import name_of

_HEAD = '''"""Written by ModelHub; load weights with `Network().load_state_dict(…)`."""

import math
import operator

import torch
from torch import nn


class Network(nn.Module):
    def __init__(self):
        super().__init__()
'''


def source(network: Network) -> str:
    """Python that defines a class `Network`, whose state dict has the network's keys.

    The memory of parameters is left as it is found: load weights into it.

    Raises:
        InputError: the network cannot be run.
    """
    lines = [_HEAD.rstrip("\n")]
    lines += [f"        {line}" for line in (*_parts(network), *_freezing(network))]
    lines += ["", *_forward(lower(network), is_split=bool(network.training))]
    if network.training:
        lines += ["", *_forward(lower(network, training=True), name="forward_training")]
    return "\n".join(lines) + "\n"


def _parts(network: Network) -> Iterator[str]:
    """Statements that make the parts, in the order of the state dict."""
    nodes = (*network.nodes, *network.training)
    layers = {node.module: node for node in nodes if node.op == LAYER and node.body is None}
    made = {""}
    by_name = {state.name: state for state in network.states}
    for state in network.states:
        home = state.name.rpartition(".")[0]
        yield from _made(home, layers, made)
        yield from _state(state, home, layers, by_name)
    for path in (*layers, *(node.module for node in nodes)):
        yield from _made(path, layers, made)


def _made(path: str, layers: Mapping[str, Node], made: set[str]) -> Iterator[str]:
    if path in made:
        return
    made.add(path)
    above, _, name = path.rpartition(".")
    yield from _made(above, layers, made)
    part = _constructor(layers[path]) if path in layers else "nn.Module()"
    place = _place(above)
    if is_plain_name(name):
        yield f"{place}.{name} = {part}"
    else:
        yield f"{place}.add_module({name!r}, {part})"


def _constructor(node: Node) -> str:
    assert node.target is not None
    defaults = TARGETS[node.target].defaults
    given = [
        f"{name}={_literal(value)}"
        for name, value in node.attributes.items()
        if name not in defaults or not _is_default(value, defaults[name])
    ]
    return f"nn.{node.target.rpartition('.')[2]}({', '.join(given)})"


def _is_default(value: Any, default: Any) -> bool:
    """Whether a value is the default, or that for each dimension."""
    if isinstance(value, list | tuple) and not isinstance(default, list | tuple):
        return all(each == default for each in value)
    return _literal(value) == _literal(default)


def _literal(value: Any) -> str:
    if isinstance(value, list | tuple):
        inside = ", ".join(map(_literal, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return repr(value)


def _state(
    state: State, home: str, layers: Mapping[str, Node], by_name: Mapping[str, State]
) -> Iterator[str]:
    name = state.name.rpartition(".")[2]
    place = _place(home)
    if state.tied is not None:
        yield _assigned(place, name, _place(by_name[state.tied].name), state.kind)
    elif home not in layers:
        empty = f"torch.empty({_literal(tuple(state.shape))}, dtype=torch.{state.dtype})"
        if state.kind == PARAMETER:
            yield _assigned(place, name, f"nn.Parameter({empty})", state.kind)
        elif state.is_stored_with_weights:
            yield f"{place}.register_buffer({name!r}, {empty})"
        else:
            yield f"{place}.register_buffer({name!r}, {empty}, persistent=False)"


def _assigned(place: str, name: str, value: str, kind: str) -> str:
    if is_plain_name(name):
        return f"{place}.{name} = {value}"
    return f"{place}.register_{kind}({name!r}, {value})"


def _freezing(network: Network) -> Iterator[str]:
    """Statements that freeze what does not train, by the outermost part that is all frozen."""
    frozen = {state.name: state.frozen for state in network.states}
    whole: dict[str, bool] = {}
    places = [
        (frozen[state.tied or state.name], _around(state.name))
        for state in network.states
        if state.kind == PARAMETER
    ]
    for is_frozen, around in places:
        for path in around:
            whole[path] = whole.get(path, True) and is_frozen
    found = (next((each for each in around if whole[each]), None) for _, around in places)
    for path in dict.fromkeys(each for each in found if each is not None):
        yield f"{_place(path)}.requires_grad_(False)"


def _around(path: str) -> list[str]:
    """The paths around a state, the outermost first, and its own."""
    parts = path.split(".")
    return [".".join(parts[:count]) for count in range(len(parts) + 1)]


def _place(path: str) -> str:
    """How code says a path below `self`."""
    found = "self"
    for name in path.split(".") if path else ():
        found = f"{found}.{name}" if is_plain_name(name) else f"getattr({found}, {name!r})"
    return found


def _forward(graph: fx.Graph, *, name: str = "forward", is_split: bool = False) -> Iterator[str]:
    places = [node.name for node in graph.nodes if node.op == "placeholder"]
    yield f"    def {name}({', '.join(['self', *places])}):"
    if is_split:
        yield "        if self.training:"
        yield f"            return self.forward_training({', '.join(places)})"
    inline: dict[fx.Node, str] = {}
    for node in graph.nodes:
        if node.op == "get_attr":
            inline[node] = _place(str(node.target))
        elif node.op == "output":
            yield f"        return {_text(node.args[0], inline)}"
        elif node.op != "placeholder":
            yield from _statement(node, inline)


def _statement(node: fx.Node, inline: dict[fx.Node, str]) -> Iterator[str]:
    args = [_text(each, inline) for each in node.args]
    if node.target is while_training:
        inline[node] = f"({args[1]} if {args[0]} else 0.0)"
    elif node.target is count_batch:
        yield f"        if {args[0]}:"
        yield f"            {args[1]}.add_(1)"
    elif node.target is getattr:
        inline[node] = f"{args[0]}.device"
    elif name_of(node.target) is None and node.op == "call_function":  # getitem
        inline[node] = f"{args[0]}[{args[1]}]"
    else:
        args += [f"{name}={_text(value, inline)}" for name, value in node.kwargs.items()]
        yield f"        {node.name} = {_called(node)}({', '.join(args)})"


def _called(node: fx.Node) -> str:
    if node.op == "call_module":
        return _place(str(node.target))
    name = name_of(node.target)
    assert name is not None
    if isinstance(node.target, torch._ops.OpOverload):  # noqa: SLF001
        return f"torch.ops.{name.replace('::', '.')}"
    return name.partition("::")[2]


def _text(value: Any, inline: Mapping[fx.Node, str]) -> str:
    if isinstance(value, fx.Node):
        return inline.get(value, value.name)
    if isinstance(value, list | tuple):
        inside = ", ".join(_text(each, inline) for each in value)
        if isinstance(value, list):
            return f"[{inside}]"
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {_text(v, inline)}" for k, v in value.items()) + "}"
    return _plain(value, inline)


def _plain(value: Any, inline: Mapping[fx.Node, str]) -> str:
    if isinstance(value, slice):
        parts = (value.start, value.stop, value.step)
        return f"slice({', '.join(_text(each, inline) for each in parts)})"
    if isinstance(value, torch.device):
        return f"torch.{value!r}"
    if isinstance(value, float) and not (abs(value) < float("inf")):
        return f"float({str(value)!r})"
    return repr(value)
