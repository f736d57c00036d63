"""What differs between two networks, as people say it: one change where one layer was changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modelhub.network.freezing import Freezing, find_freezing
from modelhub.network.graph import FUNCTION, INPUT, OUTPUT, Network, Node, State
from modelhub.network.labels import constants, local_name
from modelhub.network.pairing import Side, pair_layers, side
from modelhub.network.renames import Renaming, group_renames
from modelhub.network.ties import Tie, find_ties

INSERTED, REMOVED, RENAMED, RENUMBERED = "inserted", "removed", "renamed", "renumbered"
RESIZED, RETYPED, ALTERED, REWIRED = "resized", "retyped", "altered", "rewired"
FOLLOWING, FROZEN, UNFROZEN = "following", "frozen", "unfrozen"
TIED, UNTIED = "tied", "untied"
_OUT = {"out_channels", "out_features", "num_output", "units", "filters", "embedding_dim"}
_OUT |= {"hidden_size", "output_dim"}
_IN = {"in_channels", "in_features", "input_size", "input_dim"}
_COMMUTE = {"ADD", "MUL"}  # layers for which the order of their inputs does not matter


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedAttribute:
    """One property of a layer that differs; None where a side does not have it."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkChange:
    """One change.

    Attributes:
        kind: inserted, removed, renamed, renumbered, resized, retyped, altered or rewired;
            following, for a layer whose sizes only follow from another change; frozen or
            unfrozen, for one that computes the same and whose parameters no longer train, or do;
            tied or untied, for one whose parameter is another's now, or no longer.
        before: the layer, or the common path of several, in the first network; None if there is
            none.
        after: in the second network.
        layers: how many layers it is about.
        attributes: what differs; of a rewired layer, what it reads.
    """

    kind: str
    before: str | None
    after: str | None
    layers: int = 1
    attributes: Sequence[ChangedAttribute] = ()

    @property
    def is_of_training(self) -> bool:
        """Whether what is computed is the same, and only what trains differs."""
        return self.kind in (FROZEN, UNFROZEN, TIED, UNTIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """Two networks side by side.

    Attributes:
        pairs: names of layers that are the same layer, in the order of the first network.
        changes: in the order of the second network; removed layers stand where they were, and
            what was frozen or set free, tied or untied at the end.
    """

    pairs: Sequence[tuple[str, str]]
    changes: Sequence[NetworkChange]


def align_networks(before: Network, after: Network) -> Alignment:
    """Align two networks, names first, then what layers are and how they are wired.

    Cost: O(layers * layers) in numpy; well under a second for 2,000 layers each.
    """
    one, other = side(before), side(after)
    places = pair_layers(one, other)
    compared = _Compared(one, other, places)
    frozen = map(_freezing, find_freezing(before, after, compared.names))
    ties = map(_tie, find_ties(before, after, compared.names))
    return Alignment(pairs=compared.names, changes=[*compared.changes(), *frozen, *ties])


def align_training(
    before: Network, after: Network, evaluating: Alignment
) -> Sequence[NetworkChange]:
    """What differs between two networks only while they train (docs/spec/network.md §9).

    Args:
        before: the first network.
        after: the second one.
        evaluating: how they are aligned as they evaluate; what differs there is left out.
    """
    if not before.training and not after.training:
        return []
    one, other = (
        replace(each, nodes=each.training or each.nodes, training=()) for each in (before, after)
    )
    return [each for each in align_networks(one, other).changes if each not in evaluating.changes]


def size_said(shape: Sequence[object]) -> str:
    """A shape as text.

    >>> size_said(("s0", 20, 24, 24))
    '[s0, 20, 24, 24]'
    """
    return f"[{', '.join(map(str, shape))}]"


class _Compared:
    """Two sides and their pairs; finds the changes."""

    def __init__(self, one: Side, other: Side, places: Sequence[tuple[int, int]]) -> None:
        self.one, self.other = one, other
        first, second = one.graph.layers, other.graph.layers
        self.paired = [(first[a], second[b]) for a, b in places]
        self.names = [(a.name, b.name) for a, b in self.paired]
        self.partner = dict(self.names)
        self.back = {b: a for a, b in self.names}
        self.own = {b: b for b in self.back}
        self.same_label = {second[b].name: one.labels[a] == other.labels[b] for a, b in places}
        self.states = [{s.name: s for s in each.network.states} for each in (one, other)]
        self.touched: set[str] = set()

    def changes(self) -> Iterator[NetworkChange]:
        by_place: list[tuple[tuple[int, int], NetworkChange]] = []
        order = {node.name: i for i, node in enumerate(self.other.graph.layers)}
        after_which = -1
        for node in self.one.graph.layers:
            if node.name in self.partner:
                after_which = order[self.partner[node.name]]
            else:
                by_place.append(((after_which, 1), _gone(node)))
        mates = {b.name: a for a, b in self.paired}
        for node in self.other.graph.layers:
            place = (order[node.name], 0)
            if node.name not in mates:
                self.touched.add(node.name)
                by_place.append((place, _new(node)))
            else:
                by_place += [(place, each) for each in self._of_pair(mates[node.name], node)]
        renames = [Renaming(a.name, b.name, order[b.name]) for a, b in self._renamed()]
        for group in group_renames(renames):
            change = NetworkChange(
                kind=RENUMBERED if group.is_shift else RENAMED,
                before=group.before,
                after=group.after,
                layers=group.count,
            )
            by_place.append(((group.place, 0), change))
        yield from (change for _, change in sorted(by_place, key=lambda each: each[0]))

    def _renamed(self) -> Iterator[tuple[Node, Node]]:
        """Pairs whose names people gave; an operator's name is made from its place."""
        for before, after in self.paired:
            if before.name != after.name and not (
                before.op == after.op == FUNCTION and before.module == after.module
            ):
                yield before, after

    def _of_pair(self, before: Node, after: Node) -> Iterator[NetworkChange]:
        attributes = [] if self.same_label[after.name] else self._attributes(before, after)
        if _is_touched(self, before, after) or attributes:
            self.touched.add(after.name)
        if attributes:
            kind = self._kind(before, after, attributes)
            yield NetworkChange(
                kind=kind, before=before.name, after=after.name, attributes=attributes
            )
        if wiring := self._wiring(before, after):
            yield NetworkChange(
                kind=REWIRED, before=before.name, after=after.name, attributes=[wiring]
            )

    def _attributes(self, before: Node, after: Node) -> list[ChangedAttribute]:
        found = [
            ChangedAttribute(name=name, before=a, after=b)
            for name in ("template", "kind")
            if (a := getattr(before, name)) != (b := getattr(after, name))
        ]
        if not found and before.target != after.target:
            found.append(
                ChangedAttribute(name="operator", before=before.target, after=after.target)
            )
        found += _different(dict(before.attributes), dict(after.attributes))
        if before.op == after.op == OUTPUT:
            return _different(_returned(before), _returned(after))
        found += _different(dict(constants(before)), dict(constants(after)))
        if before.op == INPUT:
            found += _different(_shapes(before), _shapes(after))
        if not any(each.name in _OUT | _IN for each in found):
            found += (
                _different(_held(before, self.states[0]), _held(after, self.states[1]))
                if not found or before.target is None
                else []
            )
        return found or _bodies(before, after)

    def _kind(self, before: Node, after: Node, found: Sequence[ChangedAttribute]) -> str:
        if any(each.name in ("template", "kind", "operator") for each in found):
            return RETYPED
        if self.reads_touched(before, after) and all(
            self._follows(before, after, each, found) for each in found
        ):
            return FOLLOWING
        sizes = _OUT | _IN | {"shape"}
        is_size = any(each.name in sizes or _is_shape(each.before) for each in found)
        return RESIZED if is_size else ALTERED

    def reads_touched(self, before: Node, after: Node) -> bool:
        """Whether what a pair reads has changed, or may have."""
        if any(name in self.touched for name in self.other.graph.previous[after.name]):
            return True
        if any(name not in self.partner for name in self.one.graph.previous[before.name]):
            return True
        return bool(self._input_extents(before, after))

    def _follows(
        self,
        before: Node,
        after: Node,
        each: ChangedAttribute,
        found: Sequence[ChangedAttribute],
    ) -> bool:
        """Whether an attribute had to change because what the layer reads has another size."""
        if each.name in _IN:
            return True
        extents = self._input_extents(before, after)
        if each.name in _OUT:
            grouped = any(other.name in ("groups", "group") for other in found)
            return grouped and (each.before, each.after) in extents
        if _is_shape(each.before) and _is_shape(each.after):
            return _shape_follows(each.before, each.after, extents)
        if isinstance(each.before, list | tuple) and isinstance(each.after, list | tuple):
            return _shape_follows(size_said(each.before), size_said(each.after), extents)
        sides = (each.before, each.after)
        return all(isinstance(side, int | str) for side in sides) and sides in extents

    def _input_extents(self, before: Node, after: Node) -> set[tuple[Any, Any]]:
        """Extents that differ in what the two layers read, (before, after)."""
        found: set[tuple[Any, Any]] = set()
        one, other = (_read(s.network, n) for s, n in ((self.one, before), (self.other, after)))
        for old, new in zip(one, other, strict=False):
            found |= {(a, b) for a, b in zip(old, new, strict=False) if a != b}
        return found

    def _wiring(self, before: Node, after: Node) -> ChangedAttribute | None:
        """What the layer reads, if that has changed by more than insertions and removals."""
        old = self.one.graph.previous[before.name]
        new = self.other.graph.previous[after.name]
        direct = [self.partner[name] for name in old if name in self.partner]
        now = [name for name in new if name in self.back]
        reach = _closure(self.one, old, self.partner)
        reach_now = _closure(self.other, new, self.own)
        is_moved = not (set(direct) <= reach_now and set(now) <= reach)
        is_turned = (
            after.template not in _COMMUTE and len(direct) == len(old) == len(new) and direct != now
        )
        if is_moved or (is_turned and sorted(direct) == sorted(now)):
            return ChangedAttribute(name="reads", before=list(old), after=list(new))
        return None


def _is_touched(compared: _Compared, before: Node, after: Node) -> bool:
    """Whether what the layer gives has another size, or may have."""
    if before.outputs and after.outputs:
        return _symbol_free(before) != _symbol_free(after)
    return compared.reads_touched(before, after)


def _symbol_free(node: Node) -> list[list[Any]]:
    return [[e if isinstance(e, int) else "?" for e in value.shape] for value in node.outputs]


def _closure(which: Side, names: Sequence[str], partner: Mapping[str, str]) -> set[str]:
    """The nearest layers with partners that are read, directly or through layers without."""
    found: set[str] = set()
    seen: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name in partner:
            found.add(partner[name])
        elif name not in seen:
            seen.add(name)
            todo += which.graph.previous[name]
    return found


def _freezing(found: Freezing) -> NetworkChange:
    return NetworkChange(
        kind=FROZEN if found.is_frozen else UNFROZEN,
        before=found.before,
        after=found.after,
        layers=found.layers,
        attributes=[
            ChangedAttribute(name=name, before=not found.is_frozen, after=found.is_frozen)
            for name in found.parameters
        ],
    )


def _tie(found: Tie) -> NetworkChange:
    owners = ChangedAttribute(
        name=found.parameter, before=found.owner_before, after=found.owner_after
    )
    return NetworkChange(
        kind=UNTIED if found.owner_after is None else TIED,
        before=found.before,
        after=found.after,
        attributes=[owners],
    )


def _gone(node: Node) -> NetworkChange:
    return NetworkChange(kind=REMOVED, before=node.name, after=None)


def _new(node: Node) -> NetworkChange:
    return NetworkChange(kind=INSERTED, before=None, after=node.name)


def _different(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[ChangedAttribute]:
    names = [*before, *(name for name in after if name not in before)]
    return [
        ChangedAttribute(name=name, before=before.get(name), after=after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]


def _returned(node: Node) -> dict[str, Any]:
    return {"values": len(list(node.inputs.references())), **node.attributes}


def _shapes(node: Node) -> dict[str, Any]:
    shape = node.outputs[0].shape if node.outputs else ()
    dtype = node.outputs[0].dtype if node.outputs else None
    return {"shape": size_said(shape), "dtype": dtype}


def _held(node: Node, states: Mapping[str, State]) -> dict[str, Any]:
    return {
        local_name(node, name): f"{states[name].dtype}{size_said(states[name].shape)}"
        for name in node.states
        if name in states
    }


def _bodies(before: Node, after: Node) -> list[ChangedAttribute]:
    old, new = (None if n.body is None else len(n.body.ops) for n in (before, after))
    if old is None and new is None:
        return (
            []
            if before.op == after.op
            else [ChangedAttribute(name="operator", before=before.op, after=after.op)]
        )
    return [ChangedAttribute(name="body", before=f"{old} operators", after=f"{new} operators")]


def _is_shape(value: object) -> bool:
    return isinstance(value, str) and value.endswith("]") and "[" in value


def _shape_follows(before: str, after: str, extents: set[tuple[Any, Any]]) -> bool:
    (dtype, _, old), (other, _, new) = before.partition("["), after.partition("[")
    one, two = old.rstrip("]").split(", "), new.rstrip("]").split(", ")
    said = {(str(a), str(b)) for a, b in extents}
    return (
        dtype == other
        and len(one) == len(two)
        and all(a == b or (a, b) in said for a, b in zip(one, two, strict=True))
    )


def _read(network: Network, node: Node) -> list[tuple[Any, ...]]:
    """The shapes that a node reads."""
    found = []
    for name, index in node.inputs.references():
        outputs = network.by_name[name].outputs
        if index < len(outputs):
            found.append(outputs[index].shape)
    return found
