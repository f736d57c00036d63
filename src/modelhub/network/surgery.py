"""Changes of a network's graph: layers put in, taken out, or put in another's place (dql.md §9).

No shape is computed here: nodes that are put in bring what they know of their values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from modelhub.errors import InputError
from modelhub.network.graph import INPUT, OUTPUT, STATE, Arguments, Network, Node, State
from modelhub.values import Json

Read = tuple[str, int]  # a value: a node, and which of its outputs


def insert_node(
    network: Network,
    node: Node,
    states: Sequence[State] = (),
    *,
    source: Read,
    reader: str | None = None,
) -> Network:
    """A network in which a new node reads a value, and is read in its place.

    Args:
        network: not partial.
        node: what is put in; what it reads is set here.
        states: of the new node; they come last.
        source: the value.
        reader: the only node that reads the new one; None: all that read the value do.

    Raises:
        InputError: the name is taken, or stands where no part can be.
    """
    check_name(network, node.name)
    placed = replace(node, inputs=Arguments(args=[_reference(source)]))
    wanted = {source: (node.name, 0)}
    nodes: list[Node] = []
    for each in network.nodes:
        is_reader = reader is None or each.name == reader
        nodes.append(_rewired(each, wanted) if is_reader else each)
        if each.name == source[0]:
            nodes.append(placed)
    return _changed(network, nodes, [*network.states, *states])


def delete_node(network: Network, name: str) -> Network:
    """A network without a node, whose readers read what it read.

    States that no other node reads go with it.

    Raises:
        InputError: it has no single data input that could take its place, or several values.
    """
    node = network.by_name[name]
    source = data_input(network, name)
    reads = (read for each in network.nodes for read in each.inputs.references())
    if any(read[0] == name and read[1] for read in reads):
        raise InputError(f"{name!r} gives several values, for which its input cannot stand")
    wanted = {(name, 0): source}
    nodes = [_rewired(each, wanted) for each in network.nodes if each.name != name]
    return _without_orphans(network, nodes, [node])


def replace_node(network: Network, name: str, node: Node, states: Sequence[State] = ()) -> Network:
    """A network in which a new node has the place of another, whose name it may have.

    Raises:
        InputError: what is there has no single data input, or several values; or the name is
            taken.
    """
    source = data_input(network, name)
    taken = network.by_name[name]
    if node.name == name and _is_shared(network, taken):
        raise InputError(f"{name!r} shares its weights; give what replaces it another name")
    if node.name == name:
        node = replace(node, inputs=Arguments(args=[_reference(source)]))
        kept = [node if each.name == name else each for each in network.nodes]
        rest = _without_orphans(network, kept, [taken], new=node.states)
        return replace(rest, states=[*rest.states, *states])
    put = insert_node(network, node, states, source=(name, 0))
    return delete_node(put, name)


def data_input(network: Network, name: str) -> Read:
    """The one value that a node computes something of; its parameters do not count.

    Raises:
        InputError: it reads none, or several, or is no node that can be changed.
    """
    node = network.by_name[name]
    if node.op in (INPUT, OUTPUT, STATE):
        raise InputError(f"{name!r} is no layer, but an {node.op} of the network")
    reads = [
        read
        for read in dict.fromkeys(node.inputs.references())
        if network.by_name[read[0]].op != STATE
    ]
    if len(reads) != 1:
        shown = ", ".join(each for each, _ in reads) or "none"
        raise InputError(
            f"{name!r} has {len(reads)} inputs ({shown}); only a node of one can be taken out"
        )
    return reads[0]


def values_between(network: Network, source: str, reader: str) -> list[Read]:
    """The values that `reader` reads which are those of `source`, or plumbing behind it."""
    carried = {source}
    for node in network.nodes:
        if node.plumbing and carried.intersection(node.reads):
            carried.add(node.name)
    reads = dict.fromkeys(network.by_name[reader].inputs.references())
    return [read for read in reads if read[0] in carried]


def check_name(network: Network, name: str) -> None:
    """Refuse a name for a new layer that is taken, or stands where no part can be.

    Raises:
        InputError: says which.
    """
    containers = {path for path, _ in network.modules} | {""}
    layers = {node.module for node in network.nodes if node.module}
    states = {state.name for state in network.states}
    if name in network.by_name or name in containers or name in layers or name in states:
        raise InputError(f"the name {name!r} is taken; name the new layer otherwise")
    above = name.rpartition(".")[0]
    if above not in containers:
        raise InputError(f"{name!r} would stand in {above!r}, which contains no layers")
    if any(
        each.startswith(f"{name}.") for each in {*states, *layers, *containers, *network.by_name}
    ):
        raise InputError(f"the name {name!r} is taken by what stands in it")


def renamed_reads(inputs: Arguments, change: Callable[[Read], Read]) -> Arguments:
    """Arguments in which each value that is read is another."""
    return Arguments(
        args=[_tree(each, change) for each in inputs.args],
        kwargs={key: _tree(each, change) for key, each in inputs.kwargs.items()},
    )


def _rewired(node: Node, wanted: Mapping[Read, Read]) -> Node:
    if not any(read in wanted for read in node.inputs.references()):
        return node
    return replace(node, inputs=renamed_reads(node.inputs, lambda read: wanted.get(read, read)))


def _tree(tree: Json, change: Callable[[Read], Read]) -> Json:
    if isinstance(tree, Mapping):
        if "$" in tree:
            index = tree.get("i", 0)
            assert isinstance(index, int)
            old = str(tree["$"]), index
            new = change(old)
            return tree if new == old else _reference(new)
        return {key: _tree(each, change) for key, each in tree.items()}
    return [_tree(each, change) for each in tree] if isinstance(tree, list | tuple) else tree


def _reference(read: Read) -> Json:
    name, index = read
    return {"$": name, "i": index} if index else {"$": name}


def _is_shared(network: Network, node: Node) -> bool:
    others = [each for each in network.nodes if each.name != node.name]
    used = {name for each in others for name in each.states}
    ties = {each.tied for each in network.states}
    tied = {each.name for each in network.states if each.tied is not None}
    own = set(node.states)
    return bool(own & (used | ties | tied)) or any(
        node.module and each.module == node.module for each in others
    )


def _without_orphans(
    network: Network, nodes: Sequence[Node], gone: Sequence[Node], *, new: Sequence[str] = ()
) -> Network:
    """The nodes but those that only those that are gone read, and the states of these."""
    kept, lost = list(nodes), list(gone)
    wanted = {name for node in gone for name in node.reads}
    while True:
        read = {name for node in kept for name in node.reads}
        orphans = [n for n in kept if n.name in wanted - read and n.op not in (INPUT, OUTPUT)]
        if not orphans:
            break
        wanted |= {name for node in orphans for name in node.reads}
        lost += orphans
        kept = [node for node in kept if node not in orphans]
    used = {name for node in kept for name in node.states} - set(new)
    dropped = {name for node in lost for name in node.states} - used
    return _changed(network, kept, _untied(network.states, dropped))


def _untied(states: Sequence[State], dropped: set[str]) -> list[State]:
    """The states but some; where the first of tied ones is gone, the next is the first."""
    firsts: dict[str, str] = {}
    found = []
    for state in states:
        if state.name in dropped:
            continue
        tied = state.tied
        if tied in dropped:
            assert tied is not None
            tied = firsts.get(tied)
            firsts.setdefault(state.tied or "", state.name)
        found.append(replace(state, tied=tied))
    return found


def _changed(network: Network, nodes: Sequence[Node], states: Sequence[State]) -> Network:
    gap = network.training_gap
    if network.training:
        gap = "it was made from a network that computes something else while training"
    return replace(network, nodes=nodes, states=states, training=[], training_gap=gap)
