"""Repeated blocks: `layers.0…31` is one block, 32 times (for display, and for selectors)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from modelhub.network.graph import INPUT, LAYER, OUTPUT, STATE, Network, Node, State
from modelhub.network.labels import label

MAX_PERIOD = 64  # neighbours that are looked at as one block where no module says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of a network, and how often it comes in a row.

    Attributes:
        name: its path; of several, the first and the last: `layers.0…31`.
        kind: the class of the module; empty where no module contains exactly it.
        count: how often it comes; each has the same layers, wiring and sizes.
        members: what the first one consists of, in execution order.
        repeats: the names of the layers of each.
    """

    name: str
    kind: str
    count: int
    members: "Sequence[Member]"
    repeats: Sequence[Sequence[str]]


Member: TypeAlias = Block | Node


def find_blocks(network: Network) -> list[Member]:
    """The layers of a network in execution order, in their modules, repeats folded.

    Plumbing and states are left out, but two blocks are equal only if they are equal, too.
    A module whose layers are not executed in one go comes in several pieces.

    Cost: O(nodes * MAX_PERIOD).
    """
    return _Folder(network).members()


def unfolded(members: Sequence[Member]) -> Iterator[tuple[int, Member, int]]:
    """Each block and layer with how deep it stands and how often it comes, from the top.

    Blocks that come once are passed over: only their members are given.
    """
    yield from _unfolded(members, 0, 1)


def _unfolded(
    members: Sequence[Member], depth: int, times: int
) -> Iterator[tuple[int, Member, int]]:
    for each in members:
        if isinstance(each, Node):
            yield depth, each, times
        elif each.count == 1:
            yield from _unfolded(each.members, depth, times)
        else:
            yield depth, each, times * each.count
            yield from _unfolded(each.members, depth + 1, times * each.count)


@dataclass(frozen=True, slots=True)
class _Item:
    """A node or a module: its path, its nodes in order, and what stands for it."""

    path: str
    label: int
    nodes: Sequence[Node]
    members: "list[Member]"
    is_module: bool


class _Folder:
    """Builds the tree; holds what makes nodes and modules comparable."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._classes = dict(network.modules)
        self._known: dict[object, int] = {}
        states = {state.name: state for state in network.states}
        self._labels = {node.name: self._label_of(node, states) for node in network.nodes}

    def members(self) -> list[Member]:
        placed = [(_container(node), node) for node in self._network.nodes]
        return self._fold(self._items(placed, 0))

    def _label_of(self, node: Node, states: Mapping[str, State]) -> int:
        if node.op in (INPUT, OUTPUT):
            return self._number(node.name)  # never one of several
        sizes = json.dumps([(each.dtype, list(each.shape)) for each in node.outputs])
        return self._number((label(node, states), node.plumbing, sizes))

    def _number(self, key: object) -> int:
        return self._known.setdefault(key, len(self._known))

    def _items(self, placed: list[tuple[list[str], Node]], depth: int) -> list[_Item]:
        """The children of one container, in execution order."""
        found = []
        for part, group in groupby(placed, lambda each: each[0][depth : depth + 1]):
            inside = list(group)
            if part:
                path = ".".join(inside[0][0][: depth + 1])
                found.append(self._module(path, inside, depth + 1))
            else:
                found += [self._leaf(node) for _, node in inside]
        return found

    def _leaf(self, node: Node) -> _Item:
        return _Item(node.name, self._labels[node.name], [node], [node], is_module=False)

    def _module(self, path: str, inside: list[tuple[list[str], Node]], depth: int) -> _Item:
        nodes = [node for _, node in inside]
        members = self._fold(self._items(inside, depth))
        kind = self._classes.get(path, "")
        number = self._number((kind, self._wiring(nodes)))
        if _names(nodes):
            repeats = [_names(nodes)]
            members = [Block(name=path, kind=kind, count=1, members=members, repeats=repeats)]
        return _Item(path, number, nodes, members, is_module=True)

    def _wiring(self, nodes: Sequence[Node]) -> tuple[object, ...]:
        """A group of nodes whatever their names: labels, and where each value comes from."""
        places = {node.name: place for place, node in enumerate(nodes)}
        outside: dict[str, int] = {}
        found: list[object] = []
        for node in nodes:
            found.append(self._labels[node.name])
            for name, index in node.inputs.references():
                place = places.get(name)
                if place is None:
                    place = -1 - outside.setdefault(name, len(outside))
                found.append((place, index))
        return tuple(found)

    def _fold(self, items: list[_Item]) -> list[Member]:
        runs = _runs([item.label for item in items])
        found: list[Member] = []
        start = 0
        while start < len(items):
            period, count = self._best(items, runs, start)
            if count == 1:
                found += [each for each in items[start].members if not _is_hidden(each)]
            else:
                found.append(self._repeated(items[start : start + period * count], period))
            start += period * count
        return found

    def _best(
        self, items: list[_Item], runs: Sequence[Sequence[int]], start: int
    ) -> tuple[int, int]:
        """The period and count that cover most from here on; the shorter period of equals."""
        possible = [(1 + run[start] // period, period) for period, run in enumerate(runs, 1)]
        best = (1, 1)
        for count, period in sorted(possible, key=lambda each: (-each[0] * each[1], each[1])):
            if count * period <= best[0] * best[1] or count == 1:
                continue
            equal = self._equal_groups(items, start, period, count)
            if equal > 1 and equal * period > best[0] * best[1]:
                best = (period, equal)
        return best

    def _equal_groups(self, items: list[_Item], start: int, period: int, count: int) -> int:
        """How many groups in a row are wired like the first one; 1 if that is no block.

        A block has layers, and begins with one that has weights if any of its layers has.
        """

        def group(number: int) -> list[Node]:
            first = start + number * period
            return [node for item in items[first : first + period] for node in item.nodes]

        weighty = [bool(node.states) for node in group(0)]
        if not _names(group(0)) or (any(weighty) and period > 1 and not weighty[0]):
            return 1
        first = self._wiring(group(0))
        return next((n for n in range(1, count) if self._wiring(group(n)) != first), count)

    def _repeated(self, items: list[_Item], period: int) -> Block:
        groups = [items[start : start + period] for start in range(0, len(items), period)]
        members = [m for item in groups[0] for m in item.members if not _is_hidden(m)]
        kind = ""
        if period == 1 and items[0].is_module and isinstance(members[0], Block):
            kind, members = members[0].kind, list(members[0].members)
        return Block(
            name=span(items[0].path, items[-1].path),
            kind=kind,
            count=len(groups),
            members=members,
            repeats=[_names([n for item in group for n in item.nodes]) for group in groups],
        )


def span(first: str, last: str) -> str:
    """Two paths and all between, said shortly.

    >>> span("model.layers.0", "model.layers.31"), span("conv1", "relu3")
    ('model.layers.0…31', 'conv1…relu3')
    """
    one, other = first.split("."), last.split(".")
    same = 0
    while same < min(len(one), len(other)) - 1 and one[same] == other[same]:
        same += 1
    return f"{first}…{'.'.join(other[same:])}"


def _container(node: Node) -> list[str]:
    """The path of the module that a node stands in."""
    path = node.module.split(".") if node.module else []
    return path[:-1] if node.op == LAYER else path


def _is_hidden(each: Member) -> bool:
    return isinstance(each, Node) and (each.plumbing or each.op == STATE)


def _names(nodes: Sequence[Node]) -> list[str]:
    return [node.name for node in nodes if not _is_hidden(node)]


def _runs(labels: Sequence[int]) -> list[list[int]]:
    """For each period p and place i: how many places from i on equal the place p further."""
    found = []
    for period in range(1, min(MAX_PERIOD, len(labels) // 2) + 1):
        run = [0] * (len(labels) + 1)
        for place in range(len(labels) - period - 1, -1, -1):
            run[place] = run[place + 1] + 1 if labels[place] == labels[place + period] else 0
        found.append(run)
    return found
