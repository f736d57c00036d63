"""Configurations of models become networks: layers are followed from what they read."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from modelhub.network import (
    FUNCTION,
    INPUT,
    LAYER,
    OUTPUT,
    Arguments,
    Attribute,
    Node,
    State,
    Symbol,
    Value,
)
from modelhub.recipes import shown
from modelhub.wrappers.drafts import NetworkDraft, reference
from modelhub.wrappers.keras.attributes import flat, target_of
from modelhub.wrappers.keras.layers import MODED, described
from modelhub.wrappers.keras.operations import operation_described
from modelhub.wrappers.keras.parts import ConfigError, Part, parts_of, snake_case
from modelhub.wrappers.keras.rules import Described, MaybeShape, Read, Variable
from modelhub.wrappers.keras.wires import (
    Call,
    Place,
    Wire,
    argument_tree,
    call_of,
    leaves,
    structure,
    structured,
    tensor_place,
    tensors_in,
)
from modelhub.wrappers.networks import Captured

DIALECT = "keras"
BATCH = "batch"
MAX_NODES = 50_000
MAX_DEPTH = 16  # of models inside models
MAX_EXTENT = 1 << 40
MAX_OUTPUTS = 256  # of one layer
_IMAGE, _IMAGE_SIZE, _LENGTH = 4, 224, 16  # what open extents are taken for where nobody says
_UNKNOWN = "the sizes of the input are not said, so that weights have no shapes here"

Held = Mapping[str, Sequence[Variable]]


def network_of(model: Part, held: Held | None = None) -> Captured:
    """The network of a model, from its configuration.

    Args:
        model: functional or sequential; of any other only the name of its class is known.
        held: path of each layer -> its variables, where the model itself is at hand.

    Cost: O(calls of layers · log) and one network in memory.

    Raises:
        ConfigError: it contradicts itself.
        InputError: it is too large for a network.
    """
    writer = _Writer(held)
    if not model.is_model:
        return writer.partial(model)
    return writer.whole(model)


class _Writer:
    """Writes nodes, in an order in which each comes after those that it reads."""

    def __init__(self, held: Held | None) -> None:
        self._held = held
        self._draft = NetworkDraft(DIALECT)
        self._count = 0
        self._states: dict[str, list[str]] = {}
        self._calls: dict[str, int] = {}
        self._mode: object = None  # `training` of the call of the model around, where it says so

    def partial(self, model: Part) -> Captured:
        name = shown(model.class_name)
        for path, variables in (self._held or {}).items():
            self._add(
                Node(
                    name=self._draft.name(path),
                    op=LAYER,
                    template="CUSTOM",
                    states=self._variables(path, variables, "float32"),
                    module=path,
                )
            )
        return self._draft.captured(
            partial=f"{name} is a class of its own, whose configuration does not say its layers"
        )

    def whole(self, model: Part) -> Captured:
        self._draft.module("", model.class_name)
        given = self._model(model, "", None, 0)
        args = [structured(given, lambda wire: wire.reference)]
        self._add(
            Node(
                name=self._draft.name("output"),
                op=OUTPUT,
                template="OUTPUT",
                inputs=Arguments(args=args),
            )
        )
        return self._draft.captured()

    def _add(self, node: Node) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            raise ConfigError(f"it has more than {MAX_NODES:,} layers")
        self._draft.add(node)

    def _model(self, model: Part, prefix: str, given: Sequence[Wire] | None, depth: int) -> Any:
        """What a model gives, as a structure of wires."""
        if depth > MAX_DEPTH:
            raise ConfigError(f"models are nested deeper than {MAX_DEPTH}")
        if model.is_sequential:
            return self._sequential(model, prefix, given, depth)
        return _Functional(self, model, prefix, given, depth).run()

    def _sequential(
        self, model: Part, prefix: str, given: Sequence[Wire] | None, depth: int
    ) -> Wire:
        parts = list(parts_of(model))
        first = parts[0] if parts and parts[0].class_name == "InputLayer" else None
        rest = parts[1:] if first is not None else parts
        if given:
            wire = given[0]
        elif first is not None:
            wire = self.put_input(first, prefix)
        else:
            wire = self.put_input(_implied_input(model, parts), prefix)
        for part in rest:
            tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": ["", 0, 0]}}
            call = Call(args=[tensor], kwargs={})
            found = self.apply(part, prefix, call, {("", 0, 0): wire}, depth=depth)
            wire = next(leaves(found))
        return wire

    def put_input(self, part: Part, prefix: str, key: str | None = None) -> Wire:
        """Add an input node."""
        written = part.config.get("batch_shape", part.config.get("batch_input_shape"))
        shape = self._open_shape(written)
        if shape is None:
            self._draft.note(_UNKNOWN)
        dtype = part.text("dtype", part.compute_dtype)
        name = self._draft.name(prefix + part.name, "input")
        attributes: dict[str, Attribute] = {"argument": part.name or name}
        if key is not None:
            attributes["key"] = key
        self._add(
            Node(
                name=name,
                op=INPUT,
                template="INPUT",
                attributes=attributes,
                outputs=_values([(shape, dtype)]),
            )
        )
        return Wire(reference=reference(name), shape=shape, dtype=dtype)

    def _open_shape(self, written: Any) -> MaybeShape:
        if not isinstance(written, list) or not written:
            return None
        found: list[int | str] = []
        for axis, extent in enumerate(written):
            if extent is None:
                found.append(self._symbol(axis, len(written)))
            elif type(extent) is int and 0 <= extent < MAX_EXTENT:
                found.append(extent)
            else:
                return None
        return tuple(found)

    def _symbol(self, axis: int, rank: int) -> str:
        if axis == 0:
            self._draft.symbol(BATCH, Symbol(example=1, min=1))
            return BATCH
        self._calls["#symbols"] = count = self._calls.get("#symbols", 0) + 1
        size = _IMAGE_SIZE if rank >= _IMAGE else _LENGTH
        self._draft.symbol(f"s{count - 1}", Symbol(example=size, min=1))
        return f"s{count - 1}"

    def apply(
        self,
        part: Part,
        prefix: str,
        call: Call,
        wires: Mapping[Place, Wire],
        *,
        depth: int,
        said: Sequence[Any] = (),
    ) -> Any:
        """Call a layer, an operation or a model; what it gives, as a structure of wires.

        What the file says of the shapes of what it gives, `said`, counts where no rule is known.
        """
        path = prefix + (part.name or snake_case(part.class_name))
        if part.is_model:
            self._draft.module(path, part.class_name)
            tensors = [*tensors_in(call.args), *tensors_in(call.kwargs)]
            read = [wires[tensor_place(each)] for each in tensors]
            if not read:
                raise ConfigError(f"the model {shown(path)!r} is called with nothing")
            return self._called_model(part, f"{path}:", call, read, depth + 1)
        return self._layer(part, path, call, wires, said)

    def _called_model(
        self, part: Part, prefix: str, call: Call, given: Sequence[Wire], depth: int
    ) -> Any:
        """A model inside a model; the mode that it is called in goes for all its layers."""
        around = self._mode
        self._mode = call.kwargs.get("training") if around is None else around
        found = self._model(part, prefix, given, depth)
        self._mode = around
        return found

    def _moded(self, part: Part, call: Call) -> dict[str, Any]:
        """The arguments of a call by name, with the mode of the model around."""
        if self._mode is None or part.class_name not in MODED:
            return call.kwargs
        return {**call.kwargs, "training": self._mode}

    def _layer(
        self,
        part: Part,
        path: str,
        call: Call,
        wires: Mapping[Place, Wire],
        said: Sequence[Any],
    ) -> list[Wire]:
        read = _read(call, wires)
        if part.is_operation:
            found = operation_described(part, read)
        else:
            found = described(part, read)
            if not found.is_known:
                self._draft.unknown(part.class_name)
        first = next((wires[tensor_place(t)] for t in tensors_in([call.args, call.kwargs])), None)
        dtype = _dtype(part, found, first)
        shapes = self._or_said(found.outputs, said)
        outputs = [(shape, dtype) for shape in shapes]
        name, number = self._draft.name(path), self._calls.get(path, 0)
        self._calls[path] = number + 1
        states = self._variables(path, found.variables, part.variable_dtype)
        self._add(
            Node(
                name=name,
                op=FUNCTION if part.is_operation else LAYER,
                template=found.template,
                kind=found.kind,
                target=_target(part),
                attributes=_attributes(part, found),
                inputs=Arguments(
                    args=[argument_tree(each, lambda p: wires[p].reference) for each in call.args],
                    kwargs={
                        key: argument_tree(each, lambda p: wires[p].reference)
                        for key, each in self._moded(part, call).items()
                    },
                ),
                states=states,
                module="" if part.is_operation else path,
                call=number,
                outputs=_values(outputs),
                plumbing=found.template is None,
            )
        )
        return [
            Wire(reference=reference(name, at), shape=shape, dtype=dtype)
            for at, (shape, _) in enumerate(outputs)
        ]

    def _or_said(self, shapes: Sequence[MaybeShape], said: Sequence[Any]) -> list[MaybeShape]:
        """Shapes by the rules, else by the word of the file where only the batch is open."""
        found = [*shapes, *[None] * (len(said) - len(shapes))]
        for at, shape in enumerate(found):
            if shape is None:
                found[at] = more = _said_shape(said[at : at + 1])
                if more and more[0] == BATCH:
                    self._draft.symbol(BATCH, Symbol(example=1, min=1))
        return found

    def _variables(self, path: str, variables: Sequence[Variable], dtype: str) -> list[str]:
        if path not in self._states:
            if self._held is not None:
                variables = self._held.get(path, ())
            self._states[path] = list(self._stated(path, variables, dtype))
        return self._states[path]

    def _stated(self, path: str, variables: Sequence[Variable], dtype: str) -> Iterator[str]:
        for at, each in enumerate(variables):
            shape = tuple(e for e in each.shape or () if isinstance(e, int))
            if each.shape is None or len(shape) != len(each.shape):
                self._draft.note(_UNKNOWN)
                continue
            name, said = f"{path}/{each.name}", each.dtype or dtype
            yield self._draft.state(
                State(
                    name=name, kind=each.kind, dtype=said, shape=shape, in_files=(f"{path}/{at}",)
                )
            )


class _Functional:
    """The calls of a functional model, each after those whose values it reads."""

    def __init__(
        self, writer: _Writer, model: Part, prefix: str, given: Sequence[Wire] | None, depth: int
    ) -> None:
        self._writer, self._model, self._prefix = writer, model, prefix
        self._given, self._depth = given, depth
        self._parts = {part.name: part for part in parts_of(model)}
        if len(self._parts) < len(model.config["layers"]):
            raise ConfigError(f"two layers of {shown(model.name)!r} have one name")
        self._wires: dict[Place, Wire] = {}
        self._said: dict[tuple[str, int], dict[int, Any]] = {}

    def run(self) -> Any:
        """What the model gives."""
        self._put_inputs(structure(self._model.config["input_layers"]))
        units = [
            (part, number, call_of(each))
            for part in self._parts.values()
            for number, each in enumerate(part.calls)
        ]
        for part, number, call in self._ordered(units):
            said = self._said.get((part.name, number), {})
            found = self._writer.apply(
                part,
                self._prefix,
                call,
                self._wires,
                depth=self._depth,
                said=[said.get(at) for at in range(max(said, default=-1) + 1)],
            )
            for at, wire in enumerate(leaves(found)):
                self._wires[part.name, number, at] = wire
        return self._outputs(structure(self._model.config["output_layers"]))

    def _put_inputs(self, inputs: Any) -> None:
        places = list(leaves(inputs))
        if self._given is not None and len(self._given) != len(places):
            raise ConfigError(
                f"{shown(self._model.name)!r} has {len(places)} inputs, "
                f"and is called with {len(self._given)}"
            )
        keys = sorted(inputs) if isinstance(inputs, dict) else [None] * len(places)
        for at, place in enumerate(places):
            part = self._parts.get(place[0])
            if part is None or part.calls:
                raise ConfigError(f"{shown(place[0])!r} is no input")
            if self._given is not None:
                self._wires[place] = self._given[at]
            else:
                key = keys[at] if at < len(keys) else None
                self._wires[place] = self._writer.put_input(part, self._prefix, key)

    def _ordered(self, units: Sequence[tuple[Part, int, Call]]) -> Iterator[tuple[Part, int, Call]]:
        """Units as soon as what they read is there, the first that is written first."""
        before = self._needed(units)
        waiting = [len(each) for each in before]
        readers: dict[int, list[int]] = {}
        for at, found in enumerate(before):
            for each in found:
                readers.setdefault(each, []).append(at)
        ready = [at for at, count in enumerate(waiting) if count == 0]
        done = 0
        while ready:
            at = heapq.heappop(ready)
            self._check(units[at])
            yield units[at]
            done += 1
            for each in readers.get(at, ()):
                waiting[each] -= 1
                if waiting[each] == 0:
                    heapq.heappush(ready, each)
        if done < len(units):
            name = next(units[at][0].name for at, count in enumerate(waiting) if count > 0)
            raise ConfigError(f"{shown(name)!r} reads, in the end, what it gives itself")

    def _needed(self, units: Sequence[tuple[Part, int, Call]]) -> list[set[int]]:
        """The units whose values each unit reads; what is said of these is kept."""
        places = {(part.name, number): at for at, (part, number, _) in enumerate(units)}
        found = []
        for part, _, call in units:
            before = set()
            for tensor in tensors_in([call.args, call.kwargs]):
                place = tensor_place(tensor)
                if place in self._wires:
                    continue
                if place[2] > MAX_OUTPUTS:
                    raise ConfigError(f"{shown(place[0])!r} cannot give {place[2]} values")
                if place[:2] not in places:
                    raise ConfigError(
                        f"{shown(part.name)!r} reads {shown(place[0])!r}, which is not there"
                    )
                self._said.setdefault(place[:2], {})[place[2]] = tensor["config"].get("shape")
                before.add(places[place[:2]])
            found.append(before)
        return found

    def _check(self, unit: tuple[Part, int, Call]) -> None:
        """What a unit reads is there, each output of each call."""
        part, _, call = unit
        for tensor in tensors_in([call.args, call.kwargs]):
            place = tensor_place(tensor)
            if place in self._wires:
                continue
            raise ConfigError(
                f"{shown(part.name)!r} reads output {place[2]} of {shown(place[0])!r}, "
                "which gives fewer"
            )

    def _outputs(self, found: Any) -> Any:
        if isinstance(found, dict):
            return {key: self._outputs(each) for key, each in found.items()}
        if isinstance(found, list):
            return [self._outputs(each) for each in found]
        name, number, at = found
        part = self._parts.get(name)
        if part is not None and part.is_functional and number > 0:
            number -= 1  # Keras counts the model's own call of itself
        wire = self._wires.get((name, number, at))
        if wire is None:
            raise ConfigError(f"the output {shown(name)!r} is given by no layer")
        return wire


def _said_shape(said: Sequence[Any]) -> MaybeShape:
    """A shape as a file says it: numbers, and an open batch before them."""
    (written,) = said or [None]
    if not isinstance(written, list) or len(written) < 1:
        return None
    rest = [each for each in written[1:] if type(each) is int and 0 <= each < MAX_EXTENT]
    if len(rest) < len(written) - 1 or (written[0] is not None and type(written[0]) is not int):
        return None
    return (BATCH if written[0] is None else written[0], *rest)


def _implied_input(model: Part, parts: Sequence[Part]) -> Part:
    """The input of a sequential model that has no layer for it."""
    written = model.config.get("build_input_shape", model.build.get("input_shape"))
    first = parts[0] if parts else model
    if written is None:
        written = first.config.get("batch_input_shape", first.build.get("input_shape"))
    config: dict[str, Any] = {"batch_shape": written, "dtype": "float32"}
    return Part(class_name="InputLayer", module="", registered="", name="input", config=config)


def _read(call: Call, wires: Mapping[Place, Wire]) -> Read:
    def shape(tensor: Any) -> MaybeShape:
        return wires[tensor_place(tensor)].shape

    return Read(
        places=[shape(each) for each in tensors_in(call.args)],
        names={
            key: shape(tensor)
            for key, each in call.kwargs.items()
            for tensor in list(tensors_in(each))[:1]
        },
    )


def _dtype(part: Part, found: Described, first: Wire | None) -> str:
    if found.dtype:
        return found.dtype
    if found.dtype is None and first is not None:
        return first.dtype
    return part.compute_dtype


def _target(part: Part) -> str:
    if part.is_operation:
        return f"keras.ops.{snake_case(part.class_name)}"
    return target_of(part)


def _attributes(part: Part, found: Described) -> dict[str, Attribute]:
    if part.class_name == "Lambda":
        return {}  # its code, which nobody is to run
    return {**flat(part.config), **found.attributes}


def _values(found: Sequence[tuple[MaybeShape, str]]) -> list[Value]:
    if len(found) == 1 and found[0][0] is None:
        return []
    unknown = Value(dtype="", shape=())
    return [unknown if shape is None else Value(dtype=dtype, shape=shape) for shape, dtype in found]
