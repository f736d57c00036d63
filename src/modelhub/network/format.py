"""Networks as canonical JSON and back (docs/spec/network.md); all that is read is checked."""

import itertools
import json
import re
from collections.abc import Callable, Container, Mapping, Sequence
from math import prod
from typing import Any

from modelhub.errors import InputError, IntegrityError, NewerFormatError
from modelhub.identity import blob_id, canonical_json
from modelhub.network.expressions import check_extent
from modelhub.network.graph import (
    BUFFER,
    CONSTANT,
    INPUT,
    OPS,
    OUTPUT,
    PARAMETER,
    STATE_PREFIX,
    Arguments,
    Attribute,
    Body,
    Network,
    Node,
    Operation,
    Part,
    State,
    Symbol,
    SymbolicShape,
    Value,
    references,
)
from modelhub.values import BlobId, Json, Shape, TensorId

FORMAT = 1
MAX_BYTES = 64 << 20
MAX_DEPTH = 32
_NAME = re.compile(r"[^\s\x00-\x1f\x7f]{1,512}")
_ID = re.compile(r"[0-9a-f]{64}")
_TREE_KEYS: Mapping[str, type] = {
    "$": str,
    "dtype": str,
    "slice": list,
    "float": str,
    "device": str,
    "layout": str,
    "memory_format": str,
    "map": list,
}


def network_bytes(network: Network) -> bytes:
    """The canonical JSON of a network.

    Raises:
        InputError: it breaks a rule of the format, or is too large.
    """
    raw = canonical_json(_network_json(network))
    try:
        parse_network(raw)
    except IntegrityError as error:
        raise InputError(f"the network cannot be stored: {error}") from error
    return raw


def network_id(network: Network) -> BlobId:
    """The id of a network: equal networks have equal ids."""
    return blob_id(network_bytes(network))


def _network_json(network: Network) -> Json:
    required: dict[str, Any] = {
        "format": FORMAT,
        "dialect": network.dialect,
        "partial": network.partial,
        "nodes": [_node_json(each) for each in network.nodes],
        "states": [_state_json(each) for each in network.states],
        "modules": [[path, name] for path, name in network.modules],
        "symbols": {
            name: {"example": each.example, "min": each.min, "max": each.max}
            for name, each in network.symbols.items()
        },
    }
    optional = {
        "training": [_node_json(each) for each in network.training],
        "training_gap": network.training_gap,
    }
    return required | _without_empty(optional)


def _without_empty(found: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if value not in (None, False, 0, "", [], {})}


def _node_json(node: Node) -> Json:
    return _without_empty(
        {
            "name": node.name,
            "op": node.op,
            "template": node.template,
            "kind": node.kind,
            "target": node.target,
            "attributes": dict(node.attributes),
            "inputs": _arguments_json(node.inputs),
            "states": list(node.states),
            "body": None if node.body is None else _body_json(node.body),
            "module": node.module,
            "call": node.call,
            "outputs": [_value_json(each) for each in node.outputs],
            "plumbing": node.plumbing,
        }
    )


def _arguments_json(arguments: Arguments) -> dict[str, Any]:
    return _without_empty({"args": list(arguments.args), "kwargs": dict(arguments.kwargs)})


def _value_json(value: Value) -> Json:
    return {"dtype": value.dtype, "shape": list(value.shape)}


def _body_json(body: Body) -> Json:
    return {
        "inputs": body.inputs,
        "ops": [
            {
                "name": each.name,
                "target": each.target,
                "inputs": _arguments_json(each.inputs),
                "outputs": [_value_json(value) for value in each.outputs],
            }
            for each in body.ops
        ],
        "returns": list(body.returns),
    }


def _state_json(state: State) -> Json:
    required = {
        "name": state.name,
        "kind": state.kind,
        "dtype": state.dtype,
        "shape": list(state.shape),
    }
    optional = {
        "transient": state.transient,
        "tied": state.tied,
        "tensor": state.tensor,
        "frozen": state.frozen,
        "in_files": list(state.in_files),
        "parts": [
            {"name": part.name, "start": list(part.start), "shape": list(part.shape)}
            for part in state.parts
        ],
    }
    return required | _without_empty(optional)


def parse_network(raw: bytes) -> Network:
    """The network in a blob.

    Raises:
        IntegrityError: it is not what the format says.
        NewerFormatError: it is of a later version of the format.
    """
    if len(raw) > MAX_BYTES:
        raise IntegrityError(f"a network of {len(raw)} bytes is larger than {MAX_BYTES}")
    try:
        found = json.loads(raw)
        if found["format"] != FORMAT:
            raise NewerFormatError(
                f"a network has format {found['format']}; "
                f"this dlv reads up to {FORMAT}, use a later one"
            )
        network = _network(found)
        _check(network)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise IntegrityError(f"a network is not valid ({error}); run dlv fsck") from error
    return network


def _network(found: Mapping[str, Any]) -> Network:
    return Network(
        dialect=_text(found["dialect"]),
        partial=_optional(found["partial"], _text),
        nodes=[_node(each) for each in found["nodes"]],
        states=[_state(each) for each in found["states"]],
        modules=[(_text(path), _text(name)) for path, name in found["modules"]],
        symbols={_text(name): _symbol(each) for name, each in found["symbols"].items()},
        training=[_node(each) for each in found.get("training", [])],
        training_gap=_optional(found.get("training_gap"), _text),
    )


def _symbol(found: Mapping[str, Any]) -> Symbol:
    return Symbol(
        example=_whole(found["example"]),
        min=_optional(found["min"], _whole),
        max=_optional(found["max"], _whole),
    )


def _node(found: Mapping[str, Any]) -> Node:
    return Node(
        name=_name(found["name"]),
        op=_one_of(found["op"], OPS),
        template=_optional(found.get("template"), _text),
        kind=_optional(found.get("kind"), _text),
        target=_optional(found.get("target"), _text),
        attributes={_text(k): _attribute(v) for k, v in found.get("attributes", {}).items()},
        inputs=_arguments(found.get("inputs", {})),
        states=[_text(each) for each in found.get("states", [])],
        body=_optional(found.get("body"), _body),
        module=_text(found.get("module", "")),
        call=_whole(found.get("call", 0)),
        outputs=[_value(each) for each in found.get("outputs", [])],
        plumbing=_flag(found.get("plumbing", False)),
    )


def _arguments(found: Mapping[str, Any]) -> Arguments:
    return Arguments(
        args=[_tree(each) for each in found.get("args", [])],
        kwargs={_text(key): _tree(each) for key, each in found.get("kwargs", {}).items()},
    )


def _tree(found: Any, depth: int = 0) -> Json:
    if depth > MAX_DEPTH:
        raise ValueError(f"an argument is nested deeper than {MAX_DEPTH}")
    if isinstance(found, dict):
        keys = set(found) - {"i"} if "$" in found else set(found)
        (key,) = keys
        if not isinstance(found[key], _TREE_KEYS[key]) or not isinstance(found.get("i", 0), int):
            raise TypeError(f"{found!r} stands for nothing")
        inside = found[key] if key in {"map", "slice"} else ()
        for each in inside:
            _tree(_named(each) if key == "map" else each, depth + 1)
    elif isinstance(found, list):
        for each in found:
            _tree(each, depth + 1)
    checked: Json = found
    return checked


def _named(pair: Any) -> Any:
    """The tree of a pair of a map, whose order is kept."""
    name, tree = pair
    _text(name)
    return tree


def _attribute(found: Any, depth: int = 0) -> Attribute:
    if isinstance(found, dict) or depth > MAX_DEPTH:
        raise TypeError("attributes are scalars and lists of them")
    if isinstance(found, list):
        return [_attribute(each, depth + 1) for each in found]
    checked: Attribute = found
    return checked


def _body(found: Mapping[str, Any]) -> Body:
    return Body(
        inputs=_whole(found["inputs"]),
        ops=[
            Operation(
                name=_name(each["name"]),
                target=_text(each["target"]),
                inputs=_arguments(each["inputs"]),
                outputs=[_value(value) for value in each["outputs"]],
            )
            for each in found["ops"]
        ],
        returns=[_tree(each) for each in found["returns"]],
    )


def _value(found: Mapping[str, Any]) -> Value:
    return Value(dtype=_text(found["dtype"]), shape=_shape(found["shape"]))


def _shape(found: Sequence[Any]) -> SymbolicShape:
    return tuple(check_extent(extent) for extent in found)


def _state(found: Mapping[str, Any]) -> State:
    shape = tuple(_whole(extent) for extent in found["shape"])
    if any(extent < 0 for extent in shape):
        raise ValueError(f"{shape} is no shape")
    return State(
        name=_name(found["name"]),
        kind=_one_of(found["kind"], (PARAMETER, BUFFER, CONSTANT)),
        dtype=_text(found["dtype"]),
        shape=shape,
        transient=_flag(found.get("transient", False)),
        tied=_optional(found.get("tied"), _text),
        tensor=_optional(found.get("tensor"), _tensor_id),
        frozen=_flag(found.get("frozen", False)),
        in_files=tuple(map(_name, found.get("in_files", ()))),
        parts=_parts(found.get("parts", ()), shape),
    )


def _parts(found: Sequence[Mapping[str, Any]], whole: Shape) -> tuple[Part, ...]:
    """Boxes that are the cells of a grid which fills the state, each once."""
    parts = tuple(
        Part(
            name=_name(each["name"]),
            start=tuple(map(_whole, each["start"])),
            shape=tuple(map(_whole, each["shape"])),
        )
        for each in found
    )
    if any(not len(each.start) == len(each.shape) == len(whole) for each in parts):
        raise ValueError("a part is no box of its state")
    extents = [_cells({each.start[axis] for each in parts}, n) for axis, n in enumerate(whole)]
    if len({each.start for each in parts}) < len(parts) or any(
        each.shape != tuple(along[at] for along, at in zip(extents, each.start, strict=True))
        for each in parts
    ):
        raise ValueError("the parts of a state are no cells of a grid")
    if parts and len(parts) != prod(map(len, extents)):
        raise ValueError("the parts of a state do not fill it")
    return parts


def _cells(starts: set[int], size: int) -> dict[int, int]:
    """The extents of cells along an axis by where they begin, from 0 to the end."""
    if not starts:
        return {}
    bounds = [*sorted(starts), size]
    if bounds[0] != 0 or bounds[-2] >= size:
        raise ValueError("the parts of a state do not fill it")
    return {a: b - a for a, b in itertools.pairwise(bounds)}


def _check(network: Network) -> None:
    """References lead to earlier nodes, names are unique, states are known."""
    states: set[str] = set()
    for state in network.states:
        if state.name in states or (state.tied is not None and state.tied not in states):
            raise ValueError(f"state {state.name!r} comes twice, or is tied to no earlier one")
        states.add(state.name)
    _check_nodes(network.nodes, states, is_partial=network.partial is not None)
    if network.training:
        _check_nodes(network.training, states, is_partial=False)
        inputs = [node.name for node in network.training if node.op == INPUT]
        if inputs != [node.name for node in network.inputs]:
            raise ValueError("while training, the network has other inputs")


def _check_nodes(nodes: Sequence[Node], states: Container[str], *, is_partial: bool) -> None:
    seen: dict[str, int] = {}
    for node in nodes:
        if node.name in seen:
            raise ValueError(f"two nodes are called {node.name!r}")
        _check_read(node, seen)
        if unknown := [each for each in node.states if each not in states]:
            raise ValueError(f"node {node.name!r} reads the unknown state {unknown[0]!r}")
        if node.body is not None:
            _check_body(node, node.body)
        seen[node.name] = max(1, len(node.outputs))
    outputs = sum(node.op == OUTPUT for node in nodes)
    if outputs != 1 and not is_partial:
        raise ValueError(f"there are {outputs} output nodes, where one must be")


def _check_read(node: Node, seen: Mapping[str, int]) -> None:
    for name, index in node.inputs.references():
        if name not in seen or not 0 <= index < seen[name]:
            raise ValueError(f"node {node.name!r} reads {name!r}, which is not before it")


def _check_body(node: Node, body: Body) -> None:
    if not 0 <= body.inputs <= len(list(node.inputs.references())):
        raise ValueError(f"the body of {node.name!r} has {body.inputs} inputs")
    seen = {f"in{i}": 1 for i in range(body.inputs)}
    seen |= {STATE_PREFIX + name: 1 for name in node.states}
    for each in body.ops:
        read = list(each.inputs.references())
        if each.name in seen or any(name not in seen for name, _ in read):
            raise ValueError(f"the body of {node.name!r} is not in order at {each.name!r}")
        seen[each.name] = max(1, len(each.outputs))
    if any(name not in seen for name, _ in references(list(body.returns))):
        raise ValueError(f"the body of {node.name!r} returns what it does not compute")


def _optional(found: Any, read: Callable[[Any], Any]) -> Any:
    return None if found is None else read(found)


def _text(found: Any) -> str:
    if not isinstance(found, str):
        raise TypeError(f"{found!r} is no text")
    return found


def _name(found: Any) -> str:
    if not _NAME.fullmatch(_text(found)):
        raise ValueError(f"{found!r} is no name of a node or state")
    return str(found)


def _one_of(found: Any, known: Sequence[str]) -> str:
    if found not in known:
        raise ValueError(f"{found!r} is none of {', '.join(known)}")
    return str(found)


def _whole(found: Any) -> int:
    if not isinstance(found, int) or isinstance(found, bool):
        raise TypeError(f"{found!r} is no whole number")
    return found


def _flag(found: Any) -> bool:
    if not isinstance(found, bool):
        raise TypeError(f"{found!r} is neither true nor false")
    return found


def _tensor_id(found: Any) -> TensorId:
    if not _ID.fullmatch(_text(found)):
        raise ValueError(f"{found!r} is no tensor id")
    return TensorId(found)
