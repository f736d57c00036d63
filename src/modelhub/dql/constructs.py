"""Networks that `construct` makes of others: found by a query, then run or committed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from modelhub.dlv.base import BaseRepository
from modelhub.dlv.operations.commit import CommitOptions, Committed, commit_state
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.versions import VersionRef
from modelhub.dql.slices import kept_weights, module_wrapper, whole_network
from modelhub.errors import InputError
from modelhub.network import (
    Attribute,
    Network,
    Node,
    State,
    data_input,
    delete_node,
    evaluate_shape,
    insert_node,
    replace_node,
    values_between,
)
from modelhub.values import Shape
from modelhub.wrappers import Captured, LayerMaker

Read = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLayer:
    """A layer that is to be made.

    Attributes:
        name: of its node.
        template: as queries call it, in capitals.
        kind: None for the only one that there is.
        attributes: by standard names of the template, or those of the framework.
    """

    name: str
    template: str
    kind: str | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a network, told by the nodes of its source.

    Attributes:
        node: what a layer is put behind; what is replaced; or what is deleted.
        layer: what is put there; None: the node is deleted.
        is_replaced: whether the layer has the node's place.
        reader: if a layer is put on one edge: where it leads.
    """

    node: str
    layer: NewLayer | None = None
    is_replaced: bool = False
    reader: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Construction:
    """A version's network, changed; nothing of it is stored.

    Attributes:
        source: whose network it is made of.
        changes: all of the source's nodes; no change sees another.
    """

    source: VersionRef
    changes: Sequence[Change]

    @property
    def inserted(self) -> list[str]:
        """The names of the layers that are new."""
        return [each.layer.name for each in self.changes if each.layer is not None]

    @property
    def deleted(self) -> list[str]:
        """The nodes that are gone, or have another in their place."""
        return [each.node for each in self.changes if each.layer is None or each.is_replaced]


def constructed_network(repository: ReadableRepository, found: Construction) -> Network:
    """The network that the changes make, with the shapes of all its values.

    Raises:
        InputError: a change cannot be made, or something does not fit; says which node.
        MissingExtraError: the framework that it is of is not installed.
    """
    network = whole_network(repository, found.source)
    if network.partial is not None:
        raise InputError(f"a network without edges cannot be changed: {network.partial}")
    maker = module_wrapper(network)
    if not isinstance(maker, LayerMaker):
        raise InputError(f"networks of the dialect {network.dialect!r} cannot be changed yet")
    return maker.reshaped(_Changing(network, maker).changed(found.changes))


def constructed_module(
    repository: ReadableRepository, found: Construction, *, seed: int = 0
) -> Any:
    """A module of the new network, with the weights of the version's last snapshot.

    Args:
        repository: where.
        found: the construction.
        seed: of the first weights of new layers.

    Raises:
        InputError: it cannot be made or run, or the weights do not fit.
        MissingExtraError: the framework that it is of is not installed.
    """
    network = constructed_network(repository, found)
    return module_wrapper(network).build(
        network, construction_weights(repository, found, network, seed)
    )


def commit_construction(
    repository: BaseRepository,
    found: Construction,
    name: str,
    *,
    message: str = "",
    seed: int = 0,
) -> Committed:
    """Record the new network with its weights as a version that descends from its source.

    No tensor is stored twice.

    Raises:
        InputError: it cannot be made, or the weights do not fit, or the name is no possible one.
    """
    network = constructed_network(repository, found)
    weights = construction_weights(repository, found, network, seed)
    fresh = _new_states(found, network)
    state = {
        each.name: weights[each.name] if each.name in fresh else weights[each.name].numpy()
        for each in network.states
        if each.is_stored_with_weights
    }
    options = CommitOptions(
        message=message,
        parents=[found.source.id],
        network=Captured(network=network, tensors={}),
        network_from=f"constructed from {found.source}",
    )
    return commit_state(repository, name, state, options=options)


def _new_nodes(found: Construction, network: Network) -> list[Node]:
    return [network.by_name[name] for name in found.inserted]


def _new_states(found: Construction, network: Network) -> set[str]:
    return {name for node in _new_nodes(found, network) for name in node.states}


def construction_weights(
    repository: ReadableRepository, found: Construction, network: Network, seed: int
) -> dict[str, Any]:
    """Weights of a construction, whose network is known: the source's, and new layers' first."""
    fresh = _new_states(found, network)
    kept = [each.name for each in network.states if each.name not in fresh]
    weights: dict[str, Any] = dict(kept_weights(repository, found.source, kept))
    maker = module_wrapper(network)
    assert isinstance(maker, LayerMaker)
    for node in _new_nodes(found, network):
        weights |= maker.first_weights(node, network.states, seed)
    return weights


class _Changing:
    """Makes changes from the first node to the last, so that each layer knows what it is given."""

    def __init__(self, network: Network, maker: LayerMaker) -> None:
        self._source, self._network, self._maker = network, network, maker
        self._now: dict[Read, Read] = {}  # what readers of a value of the source read instead
        self._places = {node.name: place for place, node in enumerate(network.nodes)}

    def changed(self, changes: Sequence[Change]) -> Network:
        gone = [each.node for each in changes if each.layer is None or each.is_replaced]
        twice = next((name for name in gone if gone.count(name) > 1), None)
        if twice is not None:
            raise InputError(f"{twice!r} cannot be taken out twice")
        for each in sorted(changes, key=self._place):
            if each.layer is None:
                self._delete(each.node)
            elif each.is_replaced:
                self._replace(each.node, each.layer)
            elif each.reader is None:
                self._insert(each.layer, (each.node, 0), None)
            else:
                reads = values_between(self._source, each.node, each.reader)
                if len(reads) != 1:
                    edge = f"{each.node!r} to {each.reader!r}"
                    raise InputError(f"{len(reads)} values lead from {edge}, where one can be cut")
                self._insert(each.layer, reads[0], each.reader)
        return self._network

    def _place(self, change: Change) -> tuple[int, int]:
        """Before others at its node: what has its place; then what is behind it; then deletions."""
        turn = 0 if change.is_replaced else 3 if change.layer is None else 2 if change.reader else 1
        return self._places[change.node], turn

    def _delete(self, name: str) -> None:
        source = data_input(self._network, name)
        self._network = delete_node(self._network, name)
        self._now = {k: source if v == (name, 0) else v for k, v in self._now.items()}
        self._now.setdefault((name, 0), source)

    def _replace(self, name: str, layer: NewLayer) -> None:
        source = data_input(self._network, name)
        node, states = self._made(layer, source)
        self._network = replace_node(self._network, name, node, states)
        self._now[name, 0] = (node.name, 0)

    def _insert(self, layer: NewLayer, read: Read, reader: str | None) -> None:
        source = self._now.get(read, read)
        node, states = self._made(layer, source)
        self._network = insert_node(self._network, node, states, source=source, reader=reader)
        if reader is None:
            self._now[read] = (node.name, 0)

    def _made(self, layer: NewLayer, source: Read) -> tuple[Node, Sequence[State]]:
        dtype, given = self._given(source)
        return self._maker.make_layer(
            layer.name,
            layer.template,
            kind=layer.kind,
            attributes=layer.attributes,
            given=given,
            dtype=dtype,
        )

    def _given(self, source: Read) -> tuple[str, Shape]:
        """Dtype and extents of a value at the sizes at which the network was captured."""
        name, index = source
        node = self._network.by_name[name]
        found = self._maker.extents(self._network)
        if index == 0 and name in found.values:
            return found.values[name]
        if found.problem is not None:
            raise InputError(found.problem)
        if index >= len(node.outputs):
            raise InputError(f"the shape of {name!r} is not known")
        value = node.outputs[index]
        sizes = {name: each.example for name, each in self._network.symbols.items()}
        return value.dtype, evaluate_shape(value.shape, sizes)
