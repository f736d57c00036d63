"""A network from an ONNX graph: a node an operator, a state a tensor."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from modelhub.network import (
    BUFFER,
    FUNCTION,
    INPUT,
    LAYER,
    OUTPUT,
    PARAMETER,
    STATE,
    Arguments,
    Attribute,
    Extent,
    Node,
    State,
    Value,
)
from modelhub.recipes import Buffer, TensorMessage, WireError, element_type, shown
from modelhub.values import Json, Shape
from modelhub.wrappers.drafts import NetworkDraft, reference
from modelhub.wrappers.networks import Array, Captured
from modelhub.wrappers.onnx.arithmetic import Contents, Counting, contents_of, evaluated
from modelhub.wrappers.onnx.layers import Known, kind_of, known_of, layer_attributes
from modelhub.wrappers.onnx.messages import OnnxGraph, OnnxModel, OnnxNode
from modelhub.wrappers.onnx.names import origin_of, wanted_names
from modelhub.wrappers.onnx.operators import OPERATORS, OPSET
from modelhub.wrappers.onnx.shapes import Call, inferred
from modelhub.wrappers.onnx.sizes import Sizes
from modelhub.wrappers.onnx.values import array_of, attribute_of

MAX_LISTED = 100  # operators of a graph inside a node
_COUNTING = frozenset({"int16", "int32", "int64", "uint16", "uint32", "uint64", "bool", "string"})
_FUNCTIONS = frozenset({"ADD", "SUB", "MUL", "DIV", "CONCAT", "MATMUL", "REDUCE", "OP", None})
_NUMBERS: Mapping[str, type[np.generic]] = {
    "value_float": np.float32,
    "value_floats": np.float32,
    "value_int": np.int64,
    "value_ints": np.int64,
}


class GraphBuilder:
    """Makes a network of a model.

    Args:
        buffer: the file.
        model: what it says.
        names: offset of a tensor's elements -> what the tensor is called in a snapshot.
    """

    def __init__(self, buffer: Buffer, model: OnnxModel, names: Mapping[int, str]) -> None:
        self._buffer, self._model, self._names = buffer, model, names
        self._draft = NetworkDraft("onnx")
        self._sizes = Sizes(self._draft)
        self._references: dict[str, Json] = {}  # by the value's name
        self._values: dict[str, Value] = {}
        self._states: dict[str, str] = {}  # value -> state
        self._first_of: dict[str, str] = {}  # tensor of the snapshot -> its first state
        self._shapes: dict[str, Shape] = {}  # of values that are states
        self._numbers: dict[str, Attribute] = {}  # of small ones
        self._contents: dict[str, Contents] = {}  # of those whose sizes are known
        self._counted: set[str] = set()  # values that are computed of sizes alone

    def captured(self) -> Captured:
        """The network.

        Raises:
            WireError: a node reads what nothing before it gives, or gives what is there.
        """
        graph = self._model.graph
        self._notes()
        self._sizes.declare(graph.inputs)
        for info in (*graph.values, *graph.outputs, *graph.inputs):
            value = self._sizes.value(info)
            if value is not None:
                self._values[info.name] = value
        self._put_states(graph)
        self._put_inputs(graph)
        self._put_nodes(graph)
        self._put_output(graph)
        return self._draft.captured()

    def _notes(self) -> None:
        version = self._model.opsets.get("", OPSET)
        if version > OPSET:
            self._draft.note(
                f"operator set {version} is later than {OPSET}, the latest that is known here"
            )

    # States

    def _put_states(self, graph: OnnxGraph) -> None:
        buffers = set(_statistics(graph))
        for tensor in graph.initializers:
            self._put_state(tensor.name, tensor, is_buffer=tensor.name in buffers)
        for node in graph.nodes:
            if _is_constant(node):
                self._put_constant(node)

    def _put_constant(self, node: OnnxNode) -> None:
        [name, *_] = [*node.outputs, ""]
        if "value" in node.tensors:
            self._put_state(name, node.tensors["value"], is_buffer=True)
            return
        if "value_string" in node.attributes or "value_strings" in node.attributes:
            self._enter(name, self._draft.state(_text_state(name)), ())
            return
        key = next((key for key in _NUMBERS if key in node.attributes), None)
        if key is None:
            raise WireError(f"the constant {shown(name)!r} has no value that can be read")
        given = node.attributes[key]
        try:
            array = np.array(given, dtype=float if key.startswith("value_f") else object)
            self._enter_array(name, array.astype(_NUMBERS[key]))
        except (ValueError, OverflowError, TypeError):
            raise WireError(f"the constant {shown(name)!r} is no number") from None

    def _put_state(self, name: str, tensor: TensorMessage, *, is_buffer: bool) -> None:
        dtype = element_type(tensor.code) or "unknown"
        stored = tensor.stored()
        shape = tuple(tensor.extents) if stored is None else stored[1]
        if any(extent < 0 for extent in shape):
            raise WireError(f"the tensor {shown(name)!r} has a negative extent")
        array = array_of(self._buffer, tensor)
        place = tensor.elements()
        if place is None and not tensor.is_external and array is not None:
            self._enter_array(name, array)  # no snapshot has it: its numbers are written out
            return
        known = "" if place is None or tensor.is_external else self._names.get(place[0], "")
        kind = BUFFER if is_buffer or dtype in _COUNTING else PARAMETER
        first = self._first_of.get(known)  # a tensor of a function is met at each call
        state = State(name=known or name, kind=kind, dtype=dtype, shape=shape, tied=first)
        added = self._draft.state(state)
        if known:
            self._first_of.setdefault(known, added)
        self._enter(name, added, tuple(tensor.extents))
        self._values[name] = Value(dtype=dtype, shape=tuple(tensor.extents))
        if array is not None:
            self._numbers[name] = attribute_of(array)

    def _enter_array(self, name: str, array: Array) -> None:
        self._enter(name, self._draft.constant(name, array), array.shape)
        self._values[name] = Value(dtype=array.dtype.name, shape=array.shape)
        self._numbers[name] = attribute_of(array)

    def _enter(self, name: str, state: str, shape: Shape) -> None:
        if not name or name in self._states:
            raise WireError(f"the tensor {shown(name)!r} comes twice, or has no name")
        self._states[name], self._shapes[name] = state, shape

    def _state_node(self, name: str) -> Json:
        """The reference to a state that an operator reads as it reads any value."""
        if name not in self._references:
            state = self._states[name]
            value = self._values.get(name)
            node = Node(
                name=self._draft.name(state),
                op=STATE,
                states=[state],
                outputs=[] if value is None else [value],
            )
            self._references[name] = reference(self._draft.add(node).name)
        return self._references[name]

    # Inputs and outputs

    def _put_inputs(self, graph: OnnxGraph) -> None:
        for info in graph.inputs:
            if info.name in self._states:
                continue  # older files list all initializers here
            value = self._values.get(info.name)
            name = self._draft.name(info.name, "input")
            self._draft.add(
                Node(
                    name=name,
                    op=INPUT,
                    template="INPUT",
                    attributes={"argument": info.name},
                    outputs=[] if value is None else [value],
                )
            )
            self._give(info.name, reference(name))

    def _put_output(self, graph: OnnxGraph) -> None:
        reads = [self._read(info.name, "the output of the graph") for info in graph.outputs]
        self._draft.add(
            Node(
                name=self._draft.name("output"),
                op=OUTPUT,
                template="OUTPUT",
                attributes={"names": [info.name for info in graph.outputs]},
                inputs=Arguments(args=reads),
            )
        )

    def _give(self, name: str, found: Json) -> None:
        if name in self._references or name in self._states:
            raise WireError(f"the value {shown(name)!r} is given twice")
        self._references[name] = found

    def _read(self, name: str, who: str) -> Json:
        if name in self._states:
            return self._state_node(name)
        if name not in self._references:
            raise WireError(f"{who} reads {shown(name)!r}, which nothing before it gives")
        return self._references[name]

    # Nodes

    def _put_nodes(self, graph: OnnxGraph) -> None:
        nodes = [node for node in graph.nodes if not _is_constant(node)]
        known = [known_of(node, self._model, self._shapes) for node in nodes]
        names = wanted_names(nodes, [not each.is_plumbing for each in known])
        for node, each, (wanted, call) in zip(nodes, known, names, strict=True):
            self._put_node(node, each, wanted, call)

    def _put_node(self, node: OnnxNode, known: Known, wanted: str, call: int) -> None:
        operator, domain = known.operator, node.domain
        if known.is_unknown:
            self._draft.unknown(f"{domain}.{node.operator}" if domain else node.operator)
        arguments, states, settings = self._arguments(node, known)
        weights = [self._shapes[name] for name in self._weights(node, known)]
        attributes = dict(node.attributes) | settings
        outputs = self._outputs(node, operator.inputs, attributes)
        attributes |= layer_attributes(node, operator, weights, self._first(node))
        attributes |= {key: _listed(graph) for key, graph in node.graphs.items()}
        is_counting = self._is_counting(node)
        added = self._draft.add(
            Node(
                name=self._draft.name(wanted, node.operator),
                op=FUNCTION if operator.template in _FUNCTIONS and not weights else LAYER,
                template=operator.template,
                kind=kind_of(operator, weights),
                target=f"{domain}::{node.operator}" if domain else node.operator,
                attributes=attributes,
                inputs=arguments,
                states=states,
                module=origin_of(node).module,
                call=call,
                outputs=outputs,
                plumbing=known.is_plumbing or is_counting,
            )
        )
        for index, name in enumerate(node.outputs):
            if name:
                self._give(name, reference(added.name, index))
                if is_counting:
                    self._counted.add(name)

    def _weights(self, node: OnnxNode, known: Known) -> Iterator[str]:
        """The states that are the layer's own; all that a node of unknown kind reads are."""
        for place, name in enumerate(node.inputs):
            is_own = place in known.operator.weights or known.operator.template == "CUSTOM"
            if name in self._states and is_own:
                yield name

    def _arguments(
        self, node: OnnxNode, known: Known
    ) -> tuple[Arguments, list[str], dict[str, Attribute]]:
        """What a node reads: values, its own states, and settings that are small constants."""
        args: list[Json] = []
        kwargs: dict[str, Json] = {}
        settings: dict[str, Attribute] = {}
        own = list(self._weights(node, known))
        states = [self._states[name] for name in own]
        formal = known.operator.inputs
        for place, name in enumerate(node.inputs):
            if not name or name in own:
                continue
            if 0 < place < len(formal) and name in self._numbers and _is_setting(node):
                settings[formal[place]] = self._numbers[name]
                states.append(self._states[name])
                continue
            found = self._read(name, f"the node {shown(node.name or node.operator)!r}")
            if place == len(args):
                args.append(found)
            else:
                kwargs[formal[place] if place < len(formal) else f"input_{place}"] = found
        captured = [name for graph in node.graphs.values() for name in _free(graph)]
        reads = [self._references[name] for name in captured if name in self._references]
        if reads:
            kwargs["captured"] = list({str(each): each for each in reads}.values())
        inner = [self._states[name] for name in captured if name in self._states]
        inner += [state for graph in node.graphs.values() for state in self._nested(graph)]
        return Arguments(args=args, kwargs=kwargs), list(dict.fromkeys(states + inner)), settings

    def _nested(self, graph: OnnxGraph) -> Iterator[str]:
        """The states of a graph inside a node, which are the node's."""
        tensors = [*graph.initializers]
        for node in graph.nodes:
            if _is_constant(node) and "value" in node.tensors:
                tensors.append(node.tensors["value"])
            for inner in node.graphs.values():
                yield from self._nested(inner)
        for tensor in tensors:
            place = tensor.elements()
            stored = tensor.stored()
            known = None if place is None or tensor.is_external else self._names.get(place[0])
            if known is not None and stored is not None:
                yield self._draft.state(
                    State(name=known, kind=PARAMETER, dtype=stored[0], shape=stored[1])
                )

    def _first(self, node: OnnxNode) -> Value | None:
        return self._values.get(node.inputs[0]) if node.inputs else None

    def _is_counting(self, node: OnnxNode) -> bool:
        """Whether it computes sizes of what sizes, and small numbers, are."""
        if node.operator in {"Shape", "Size"}:
            return True
        return bool(self._counted.intersection(node.inputs)) and all(
            name in self._counted or name in self._numbers or not name for name in node.inputs
        )

    def _outputs(
        self, node: OnnxNode, formal: Sequence[str], attributes: Mapping[str, Attribute]
    ) -> list[Value]:
        """What is known of the values that a node gives; nothing if it gives one that is not."""
        self._count(node)
        if not all(name in self._values for name in node.outputs if name):
            inputs = [self._values.get(name) for name in node.inputs]
            call = Call(
                operator="" if node.domain else node.operator,
                inputs=inputs,
                attributes=attributes,
                outputs=len(node.outputs),
                sizes=self._sizes_of(node, formal),
            )
            for name, value in zip(node.outputs, inferred(call) or (), strict=False):
                self._values.setdefault(name, value)
        if len(node.outputs) == 1 and node.outputs[0] not in self._values:
            return []
        return [self._values.get(name, UNKNOWN) for name in node.outputs]

    def _count(self, node: OnnxNode) -> None:
        """Evaluate a node that computes sizes of what sizes are."""
        if node.domain or len(node.outputs) != 1 or not self._is_counting(node):
            return
        found = evaluated(
            Counting(
                operator=node.operator,
                inputs=[self._held(name) for name in node.inputs],
                first=self._first(node),
                attributes=node.attributes,
            )
        )
        if found is None:
            return
        [name] = node.outputs
        self._contents[name] = found
        if node.operator != "Cast":  # which may give other numbers
            shape = () if found.is_scalar else (len(found.elements),)
            self._values.setdefault(name, Value(dtype=COUNT, shape=shape))

    def _held(self, name: str) -> Contents | None:
        if name in self._numbers:
            return contents_of(self._numbers[name])
        return self._contents.get(name)

    def _sizes_of(self, node: OnnxNode, formal: Sequence[str]) -> dict[str, Sequence[Extent]]:
        """The sizes that its inputs hold, by the operator's names for them."""
        return {
            formal[place]: self._contents[name].elements
            for place, name in enumerate(node.inputs[: len(formal)])
            if name in self._contents
        }


COUNT = "int64"  # of sizes
UNKNOWN = Value(dtype="", shape=())  # docs/spec/network.md §2


def _is_constant(node: OnnxNode) -> bool:
    return node.operator == "Constant" and not node.domain


def _is_setting(node: OnnxNode) -> bool:
    """Whether constants among a node's inputs say how it computes, rather than what."""
    known = OPERATORS.get(node.operator)
    template = known.template if known else None
    return template not in {"ADD", "SUB", "MUL", "DIV", "CONCAT", "MATMUL", "ATTENTION"} and (
        node.operator not in {"Where", "Pow"}
    )


def _statistics(graph: OnnxGraph) -> Iterator[str]:
    """The initializers that are no parameters, for the layers that read them count with them."""
    for node in graph.nodes:
        operator = OPERATORS.get(node.operator)
        for place in operator.buffers if operator else ():
            if place < len(node.inputs):
                yield node.inputs[place]


def _text_state(name: str) -> State:
    return State(name=name, kind=BUFFER, dtype="string", shape=(), transient=True)


def _listed(graph: OnnxGraph) -> Attribute:
    """The operators of a graph inside a node."""
    found = [node.operator for node in graph.nodes if not _is_constant(node)]
    return found[:MAX_LISTED] + (["…"] if len(found) > MAX_LISTED else [])


def _free(graph: OnnxGraph) -> Iterator[str]:
    """The values that a graph inside a node takes from outside it."""
    given = {info.name for info in graph.inputs} | {each.name for each in graph.initializers}
    for node in graph.nodes:
        inside = (name for inner in node.graphs.values() for name in _free(inner))
        for name in (*node.inputs, *inside):
            if name and name not in given:
                yield name
        given.update(node.outputs)
    yield from (info.name for info in graph.outputs if info.name not in given)
