"""What a network costs for a given input, layer by layer in execution order.

Sizes of values come from the capture, evaluated; nothing is executed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from modelhub.dtypes import NUMPY, size_bytes
from modelhub.network.flops import Call, layer_macs, operator_macs
from modelhub.network.graph import (
    INPUT,
    OUTPUT,
    PARAMETER,
    STATE,
    STATE_PREFIX,
    Arguments,
    Body,
    Network,
    Node,
    State,
    Value,
    references,
)
from modelhub.network.sizes import evaluate_shape, solve_sizes
from modelhub.values import Json, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFootprint:
    """One layer, for one input.

    Attributes:
        name: of the layer.
        template: what it is, if a template fits.
        kind: its variety.
        shapes: of its outputs; empty where the capture does not tell.
        dtype: of its first output.
        parameters: elements of its parameters that no earlier layer has.
        macs: multiply-adds of products of matrices (convolutions, dense layers, attention).
        activation_bytes: memory of its outputs.
    """

    name: str
    template: str | None
    kind: str | None
    shapes: Sequence[Shape]
    dtype: str
    parameters: int
    macs: int
    activation_bytes: int

    @property
    def flops(self) -> int:
        """Floating point operations: two for a multiply-add."""
        return 2 * self.macs


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """A network's cost for one input.

    Attributes:
        sizes: of the symbols, as they were assumed.
        layers: in execution order; none for inputs and the output.
        parameters: of all layers, tied ones once.
        macs: of all layers, plumbing included.
        activation_bytes: of all outputs, what training keeps.
        peak_bytes: the most that is alive at a time when layers run one after the other, inputs
            included; views take no memory.
        is_complete: whether the capture tells all sizes; else what is not told counts 0.
    """

    sizes: Mapping[str, int]
    layers: Sequence[LayerFootprint]
    parameters: int
    macs: int
    activation_bytes: int
    peak_bytes: int
    is_complete: bool

    @property
    def flops(self) -> int:
        """Floating point operations: two for a multiply-add."""
        return 2 * self.macs


def footprint_of(network: Network, given: Mapping[str, Sequence[int]] | None = None) -> Footprint:
    """The cost of a network, for sizes as given (`modelhub.network.sizes`).

    A partial network has parameters, and the rest where it tells sizes.

    Cost: O(nodes + operators in bodies).

    Raises:
        InputError: a size is unknown, or does not fit.
    """
    return _Counter(network, solve_sizes(network, given or {})).footprint()


@dataclass
class _Counter:
    """Walks through a network once; holds the shapes of all values so far."""

    network: Network
    sizes: Mapping[str, int]
    shapes: dict[str, list[Shape]] = field(default_factory=dict)
    known: dict[tuple[int | str, ...], Shape] = field(default_factory=dict)
    counted: set[str] = field(default_factory=set)
    is_complete: bool = True
    states: Mapping[str, State] = field(init=False)

    def __post_init__(self) -> None:
        self.states = {state.name: state for state in self.network.states}

    def footprint(self) -> Footprint:
        found = [self._layer(node) for node in self.network.nodes]
        return Footprint(
            sizes=self.sizes,
            layers=[
                layer
                for node, layer in zip(self.network.nodes, found, strict=True)
                if node.op not in (INPUT, OUTPUT, STATE) and not node.plumbing
            ],
            parameters=self.network.parameter_count,
            macs=sum(layer.macs for layer in found),
            activation_bytes=sum(layer.activation_bytes for layer in found),
            peak_bytes=self._peak([layer.activation_bytes for layer in found]),
            is_complete=self.is_complete,
        )

    def _layer(self, node: Node) -> LayerFootprint:
        outputs = self._outputs(node.outputs)
        self.shapes[node.name] = outputs
        if node.op == STATE and not outputs:
            self.shapes[node.name] = [self.states[name].shape for name in node.states]
        is_layer = node.op not in (INPUT, OUTPUT, STATE)
        if is_layer and not node.outputs:
            self.is_complete = False
        return LayerFootprint(
            name=node.name,
            template=node.template,
            kind=node.kind,
            shapes=outputs,
            dtype=node.outputs[0].dtype if node.outputs else "",
            parameters=self._parameters(node),
            macs=self._macs(node) if is_layer and outputs else 0,
            activation_bytes=0 if not is_layer or node.plumbing else self._bytes(node, outputs),
        )

    def _outputs(self, values: Sequence[Value]) -> list[Shape]:
        return [self._shape(value.shape) for value in values]

    def _shape(self, shape: tuple[int | str, ...]) -> Shape:
        if shape not in self.known:
            self.known[shape] = evaluate_shape(shape, self.sizes)
        return self.known[shape]

    def _bytes(self, node: Node, shapes: Sequence[Shape]) -> int:
        pairs = zip(node.outputs, shapes, strict=True)
        return sum(size_bytes(value.dtype, s) for value, s in pairs if value.dtype in NUMPY)

    def _parameters(self, node: Node) -> int:
        total = 0
        for name in node.states:
            state = self.states[name]
            owner = state.tied or name
            if state.kind == PARAMETER and owner not in self.counted:
                self.counted.add(owner)
                total += prod(state.shape)
        return total

    def _macs(self, node: Node) -> int:
        try:
            if node.body is not None:
                return self._body_macs(node, node.body)
            return self._own_macs(node)
        except IndexError:  # an operand whose shape the capture does not tell
            self.is_complete = False
            return 0

    def _own_macs(self, node: Node) -> int:
        call = self._call(node.inputs, node, self.shapes[node.name])
        target = node.target or ""
        counted = operator_macs(target, call) if "::" in target else None
        return layer_macs(node.template or "", call) if counted is None else counted

    def _call(self, arguments: Arguments, node: Node, outputs: Sequence[Shape]) -> Call:
        return Call(
            inputs=list(self._read(arguments, self.shapes)),
            states=[self.states[name].shape for name in node.states],
            outputs=outputs,
            constants=_constants(arguments),
            attributes=node.attributes,
            dialect=self.network.dialect,
        )

    def _read(self, arguments: Arguments, shapes: Mapping[str, Sequence[Shape]]) -> Iterator[Shape]:
        for name, index in arguments.references():
            found = shapes.get(name, ())
            if index < len(found):
                yield found[index]

    def _body_macs(self, node: Node, body: Body) -> int:
        read = list(self._read(node.inputs, self.shapes))
        local: dict[str, list[Shape]] = {f"in{i}": [shape] for i, shape in enumerate(read)}
        local |= {STATE_PREFIX + name: [self.states[name].shape] for name in node.states}
        total = 0
        for each in body.ops:
            local[each.name] = self._outputs(each.outputs)
            if not each.outputs:
                continue
            call = Call(
                inputs=list(self._read(each.inputs, local)),
                states=(),
                outputs=local[each.name],
                constants=_constants(each.inputs),
            )
            total += operator_macs(each.target, call) or 0
        return total

    def _peak(self, sizes: Sequence[int]) -> int:
        """The most bytes alive at a time; a view keeps alive what it is a view of."""
        nodes = self.network.nodes
        owners: dict[str, list[str]] = {}
        last: dict[str, int] = {}
        for place, node in enumerate(nodes):
            read = list(dict.fromkeys(owner for name in node.reads for owner in owners[name]))
            owners[node.name] = read if node.plumbing else [node.name]
            last |= dict.fromkeys([node.name, *read], place)
        held = {node.name: size for node, size in zip(nodes, sizes, strict=True)}
        held |= {n.name: self._bytes(n, self.shapes[n.name]) for n in self.network.inputs}
        ending: dict[int, int] = {}
        for name, place in last.items():
            ending[place] = ending.get(place, 0) + held[name]
        alive = peak = 0
        for place, node in enumerate(nodes):
            alive += held[node.name]
            peak = max(peak, alive)
            alive -= ending.get(place, 0)
        return peak


def _constants(arguments: Arguments) -> list[Json]:
    return [each for each in [*arguments.args, *arguments.kwargs.values()] if not _is_read(each)]


def _is_read(tree: Json) -> bool:
    return any(True for _ in references(tree))
