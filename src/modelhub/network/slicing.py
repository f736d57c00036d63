"""A part of a network between two of its nodes, as a network of its own (docs/spec/dql.md §8)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from modelhub.errors import InputError
from modelhub.network.graph import INPUT, OUTPUT, Arguments, Network, Node, State, Value
from modelhub.values import Json

Read = tuple[str, int]  # a value: a node, and which of its outputs
_SIZE = "aten::sym_size.int"
_ARITHMETIC = "python::"


def slice_network(network: Network, start: str, end: str) -> Network:
    """What is computed from the data that `start` reads up to the value of `end`, both included.

    What `end` needs besides is there, too: parameters and constants, and nodes that read nothing
    but those and the data of `start`. Whatever else was computed before becomes an input. Nodes
    and states keep their names; inputs are called like the nodes that gave their values.

    Cost: O(nodes + edges).

    Raises:
        InputError: the network has no edges, no path leads from `start` to `end`, or a size is
            needed that no input has.
    """
    if network.partial is not None:
        raise InputError(f"a network without edges cannot be cut: {network.partial}")
    return _Slicing(network, start, end).network()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kinship:
    """What a node depends on.

    Attributes:
        on_start: `start`, or a node that depends on it.
        on_data: an input of the network.
        on_others: data that is not of `start`'s, by a way that does not go through it.
    """

    on_start: bool
    on_data: bool
    on_others: bool


class _Slicing:
    def __init__(self, network: Network, start: str, end: str) -> None:
        self._network, self._start, self._end = network, start, end
        self._is_data = self._data()
        first = network.by_name[start]
        self._cut: set[Read] = (
            {(start, 0)}
            if first.op == INPUT
            else {read for read in first.inputs.references() if self._is_data[read[0]]}
        )
        self._kin = self._kinships()
        self._kept: dict[str, Node] = {}
        self._given: dict[Read, str] = {}  # what is handed in, and the name of the new input
        self._sizes: dict[str, Node] = {}

    def network(self) -> Network:
        if not self._kin[self._end].on_start:
            raise InputError(f"no path leads from {self._start!r} to {self._end!r}")
        self._collect()
        nodes = [node for each in self._network.nodes for node in self._placed(each)]
        wanted = {name for node in nodes for name in node.states}
        states = _states(self._network, wanted)
        gap = self._network.training_gap
        if self._network.training:
            gap = "it was cut from a network that computes something else while training"
        return replace(
            self._network,
            nodes=[*self._inputs(), *self._resized(), *nodes, self._output()],
            states=states,
            modules=_modules(self._network, [node.module for node in nodes], states),
            training=[],
            training_gap=gap,
        )

    def _data(self) -> dict[str, bool]:
        found: dict[str, bool] = {}
        for node in self._network.nodes:
            found[node.name] = node.op == INPUT or any(found[name] for name in node.reads)
        return found

    def _kinships(self) -> dict[str, _Kinship]:
        found: dict[str, _Kinship] = {}
        for node in self._network.nodes:
            reads = list(node.inputs.references())
            before = [found[name] for name, i in reads if (name, i) not in self._cut]
            is_start = node.name == self._start
            found[node.name] = _Kinship(
                on_start=is_start or any(found[name].on_start for name, _ in reads),
                on_data=self._is_data[node.name],
                on_others=not is_start
                and (node.op == INPUT or any(each.on_others for each in before)),
            )
        return found

    def _collect(self) -> None:
        """Walk back from the end, and decide of each value whether it is computed or handed in."""
        left = [self._end]
        late: list[Node] = []
        if self._network.by_name[self._end].op == INPUT:
            self._hand_in((self._end, 0))
            return
        while left:
            name = left.pop()
            if name in self._kept or name in self._sizes:
                continue
            node = self._network.by_name[name]
            if node.target == _SIZE and self._kin[name].on_others and not self._kin[name].on_start:
                self._sizes[name] = node
                late.append(node)
                continue
            self._kept[name] = node
            for read in node.inputs.references():
                if self._is_handed_in(read):
                    self._hand_in(read)
                else:
                    left.append(read[0])
        for node in late:
            self._sizes[node.name] = self._reread(node)

    def _is_handed_in(self, read: Read) -> bool:
        kin = self._kin[read[0]]
        if read in self._cut:
            return True
        target = self._network.by_name[read[0]].target or ""
        is_size = target == _SIZE or target.startswith(_ARITHMETIC)
        return kin.on_others and not kin.on_start and not is_size

    def _hand_in(self, read: Read) -> None:
        name, index = read
        self._given[read] = name if index == 0 else f"{name}.{index}"

    def _inputs(self) -> list[Node]:
        order = {node.name: place for place, node in enumerate(self._network.nodes)}
        given = sorted(self._given, key=lambda read: (order[read[0]], read[1]))
        return [self._input(read) for read in given]

    def _input(self, read: Read) -> Node:
        node = self._network.by_name[read[0]]
        if node.op == INPUT:
            return node
        value = _value(node, read[1])
        outputs = [] if value is None else [value]
        return Node(name=self._given[read], op=INPUT, template="INPUT", outputs=outputs)

    def _reread(self, node: Node) -> Node:
        """A size of data that is not here any more, read of an input that has it, too."""
        [reference, axis] = node.inputs.args
        assert isinstance(reference, Mapping)
        value = _value(self._network.by_name[str(reference["$"])], 0)
        extent = None if value is None or not isinstance(axis, int) else value.shape[axis]
        for read, name in self._given.items():
            found = _value(self._network.by_name[read[0]], read[1])
            if extent is not None and found is not None and extent in found.shape:
                args: list[Json] = [{"$": name}, found.shape.index(extent)]
                return replace(node, inputs=Arguments(args=args))
        raise InputError(
            f"the slice needs a size that none of its inputs has, that of {node.name!r}; "
            "begin it earlier"
        )

    def _resized(self) -> list[Node]:
        return list(self._sizes.values())

    def _placed(self, node: Node) -> list[Node]:
        if node.name not in self._kept or node.op in (INPUT, OUTPUT):
            return []
        return [replace(node, inputs=self._renamed(node.inputs))]

    def _renamed(self, inputs: Arguments) -> Arguments:
        args = [self._tree(each) for each in inputs.args]
        return Arguments(args=args, kwargs={k: self._tree(v) for k, v in inputs.kwargs.items()})

    def _tree(self, tree: Json) -> Json:
        if isinstance(tree, Mapping):
            if "$" in tree:
                index = tree.get("i", 0)
                assert isinstance(index, int)
                given = self._given.get((str(tree["$"]), index))
                return tree if given is None else {"$": given}
            return {key: self._tree(each) for key, each in tree.items()}
        return [self._tree(each) for each in tree] if isinstance(tree, list | tuple) else tree

    def _output(self) -> Node:
        node = self._network.by_name[self._end]
        if node.op == OUTPUT:
            return replace(node, inputs=self._renamed(node.inputs))
        reads: list[Json] = [{"$": self._given.get((self._end, 0), self._end)}]
        reads += [{"$": self._end, "i": index} for index in range(1, len(node.outputs))]
        tree = reads[0] if len(reads) == 1 else reads
        last = next(each for each in self._network.nodes if each.op == OUTPUT)
        return Node(
            name=last.name, op=OUTPUT, template=last.template, inputs=Arguments(args=[tree])
        )


def _value(node: Node, index: int) -> Value | None:
    return node.outputs[index] if index < len(node.outputs) else None


def _states(network: Network, wanted: set[str]) -> list[State]:
    """The states that nodes read, and counters of batches beside them; ties among them only."""
    means = {n.rpartition(".")[0] for n in wanted if n.endswith("running_mean")}
    counters = {f"{each}.num_batches_tracked".lstrip(".") for each in means}
    kept = {each.name for each in network.states if each.name in wanted | counters}
    firsts: dict[str, str] = {}  # of states that are tied to one that is not here: the first here
    found = []
    for state in network.states:
        if state.name not in kept:
            continue
        tied = state.tied
        if tied is not None and tied not in kept:
            tied = firsts.get(tied)
            firsts.setdefault(state.tied or "", state.name)
        found.append(replace(state, tied=tied))
    return found


def _modules(network: Network, paths: list[str], states: list[State]) -> list[tuple[str, str]]:
    """The modules around what is kept."""
    around = set()
    for path in [*paths, *(each.name for each in states)]:
        parts = path.split(".")
        around |= {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
    return [each for each in network.modules if each[0] in around or not each[0]]
