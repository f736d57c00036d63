"""The paper's N: a network as nodes and the values that pass between them (docs/spec/network.md).

No framework is known here; a network is data that wrappers make, and that wrappers run.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from modelhub.values import Json, Scalar, Shape, TensorId

Attribute = Scalar | Sequence["Attribute"]
Extent = int | str  # a number, or an expression in symbols
SymbolicShape = tuple[Extent, ...]

INPUT, STATE, LAYER, FUNCTION, OUTPUT = "input", "state", "layer", "function", "output"
OPS = (INPUT, STATE, LAYER, FUNCTION, OUTPUT)
PARAMETER, BUFFER, CONSTANT = "parameter", "buffer", "constant"
STATE_PREFIX = "state:"  # of references to states in bodies


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a node gives: its dtype, and its shape in symbols."""

    dtype: str
    shape: SymbolicShape


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What an operator is called with: argument trees (network.md §4)."""

    args: Sequence[Json] = ()
    kwargs: Mapping[str, Json] = field(default_factory=dict)

    def references(self) -> Iterator[tuple[str, int]]:
        """Each value that is read, as (node, which of its outputs), in order."""
        yield from references(list(self.args))
        yield from references(list(self.kwargs.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operator in the body of a layer."""

    name: str
    target: str
    inputs: Arguments
    outputs: Sequence[Value] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The operators that a layer consists of (network.md §5)."""

    inputs: int
    ops: Sequence[Operation]
    returns: Sequence[Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A vertex of a network (network.md §2)."""

    name: str
    op: str
    template: str | None = None
    kind: str | None = None
    target: str | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    inputs: Arguments = field(default_factory=Arguments)
    states: Sequence[str] = ()
    body: Body | None = None
    module: str = ""
    call: int = 0
    outputs: Sequence[Value] = ()
    plumbing: bool = False

    @property
    def reads(self) -> list[str]:
        """The nodes whose values it reads, each once, in order."""
        return list(dict.fromkeys(name for name, _ in self.inputs.references()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A tensor of a file whose elements, in order, fill a box of a state (network.md §3).

    Attributes:
        name: of the tensor.
        start: where the box begins along each axis of the state.
        shape: the extents of the box.
    """

    name: str
    start: Sequence[int]
    shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A parameter, buffer or constant of a network (network.md §3).

    Attributes:
        in_files: what files of weights may call it instead, the likeliest first.
        parts: the tensors that files may hold instead of it; their boxes fill it.
    """

    name: str
    kind: str
    dtype: str
    shape: Shape
    transient: bool = False
    tied: str | None = None
    tensor: TensorId | None = None
    frozen: bool = False
    in_files: Sequence[str] = ()
    parts: Sequence[Part] = ()

    @property
    def is_stored_with_weights(self) -> bool:
        """Whether a snapshot must bring its value."""
        return self.kind != CONSTANT and not self.transient


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A size that is not fixed: its value at capture, and the bounds within which it may move."""

    example: int
    min: int | None = None
    max: int | None = None


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network without its weights.

    Attributes:
        dialect: whose operators its nodes name.
        nodes: in an order in which each comes after those that it reads.
        partial: None, or why it has no edges.
        states: in the order of the framework's state dict.
        modules: (path, class name) of the modules that contain others.
        symbols: sizes that are not fixed.
        training: the nodes by which it computes while training, where they are others.
        training_gap: None, or why it is not known how it computes while training.
    """

    dialect: str
    nodes: Sequence[Node]
    partial: str | None = None
    states: Sequence[State] = ()
    modules: Sequence[tuple[str, str]] = ()
    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    training: Sequence[Node] = ()
    training_gap: str | None = None

    @cached_property
    def by_name(self) -> Mapping[str, Node]:
        """Nodes by their names."""
        return {node.name: node for node in self.nodes}

    @property
    def inputs(self) -> list[Node]:
        """The input nodes, in the order in which they are handed in."""
        return [node for node in self.nodes if node.op == INPUT]

    @property
    def parameter_count(self) -> int:
        """Elements of all parameters; tied ones count once."""
        return sum(
            _elements(state.shape)
            for state in self.states
            if state.kind == PARAMETER and state.tied is None
        )


def references(tree: Json) -> Iterator[tuple[str, int]]:
    """The values that an argument tree reads, as (node, which of its outputs), in order."""
    if isinstance(tree, Mapping):
        if "$" in tree:
            yield str(tree["$"]), _index(tree)
        else:
            for each in tree.values():
                yield from references(each)
    elif isinstance(tree, list | tuple):
        for each in tree:
            yield from references(each)


def _index(reference: Mapping[str, Json]) -> int:
    index = reference.get("i", 0)
    assert isinstance(index, int)
    return index


def _elements(shape: Shape) -> int:
    count = 1
    for extent in shape:
        count *= extent
    return count
