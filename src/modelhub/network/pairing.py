"""Which layer of one network is which of another: an alignment of least cost.

Two alignments are made, and the cheaper one is kept: by names, with a sequence alignment of what
they leave over; and a sequence alignment of all layers in execution order, which sees that an
inserted layer has moved the numbers of all that follow.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from modelhub.network.graph import FUNCTION, INPUT, OUTPUT, Network, Node
from modelhub.network.labels import label
from modelhub.network.layers import LayerGraph, layer_graph

GAP = 1.0  # a layer that only one side has
MOVED = 0.6  # a pair that reads other layers
NEVER = 9.0
MAX_CELLS = 1 << 26  # of the table of a sequence alignment; beyond, only names count
# Columns: the same layer; other attributes; another kind; another template. Rows: names that are
# equal; equal but for digits; equal in the last part; not at all.
_COST = np.array(
    [
        [0.0, 0.4, 0.6, 0.9],
        [0.1, 0.7, 1.2, NEVER],
        [0.3, 0.9, 1.4, NEVER],
        [0.5, 1.2, 1.8, NEVER],
    ]
)
_DIGITS = re.compile(r"\d+")
_OTHER_FUNCTION = 1.7  # another operator at the same place of the same module
Pairs = list[tuple[int, int]]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of two networks, with what makes its layers comparable.

    Attributes:
        network: it.
        graph: its layer graph.
        labels: of the layers, in order: what they compute.
    """

    network: Network
    graph: LayerGraph
    labels: Sequence[str]

    @property
    def key(self) -> tuple[Sequence[str], Sequence[str]]:
        """What decides which of two sides comes first, whatever the order of the question."""
        return [each.name for each in self.graph.layers], self.labels


def side(network: Network) -> Side:
    """A network, made ready for comparison."""
    graph = layer_graph(network)
    states = {state.name: state for state in network.states}
    labels = [
        _input_label(network, node) if node.op == INPUT else label(node, states)
        for node in graph.layers
    ]
    return Side(network=network, graph=graph, labels=labels)


def _input_label(network: Network, node: Node) -> str:
    """An input by its shape, in which symbols have no names."""
    known = network.symbols
    shapes = [["?" if e in known else e for e in value.shape] for value in node.outputs]
    return json.dumps([node.op, [value.dtype for value in node.outputs], shapes])


def pair_layers(one: Side, other: Side) -> Pairs:
    """Pairs of places of layers, in the order of the first network; the rest has no partner.

    The same pairs, turned round, for the same networks turned round.

    Cost: O(layers of one * layers of the other), in numpy: 50 ms for 1,000 each.
    """
    if other.key < one.key:
        return sorted((a, b) for b, a in pair_layers(other, one))
    features = _Features(one, other)
    by_names = _by_names(features)
    by_place = _settle_rest(features, _in_sequence(features, *_everything(features)))
    return min((by_names, by_place), key=lambda pairs: _cost(features, pairs))


class _Features:
    """Layers as numbers, equal where the property is equal."""

    def __init__(self, one: Side, other: Side) -> None:
        self.sides = (one, other)
        layers = [each.graph.layers for each in self.sides]
        self.sizes = (len(layers[0]), len(layers[1]))
        known: dict[object, int] = {}

        def numbered(keys: Sequence[object]) -> Numbers:
            return np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int32)

        def both(key: Callable[[Node, int], object]) -> list[Numbers]:
            return [numbered([key(n, which) for n in ns]) for which, ns in enumerate(layers)]

        self.labels = [numbered([("label", text) for text in each.labels]) for each in self.sides]
        self.names = both(lambda n, _: ("name", n.name))
        self.shapes = both(lambda n, _: ("shape", _DIGITS.sub("#", n.name)))
        self.lasts = both(lambda n, which: ("last", _last(n.name, which)))
        self.kinds = both(lambda n, _: ("kind", n.op, _template(n), n.kind))
        self.templates = both(lambda n, _: ("template", n.op, _template(n)))
        # Operators that are no layers, by module: one may take the place of another.
        self.scopes = both(lambda n, w: ("scope", n.module if n.op == FUNCTION else w))
        # Inputs and outputs are paired only among themselves.
        self.ends = both(lambda n, _: ("end", n.op if n.op in (INPUT, OUTPUT) else ""))
        self.scalars = [[each.tolist() for each in both] for both in self._all()]

    def _all(self) -> list[list[Numbers]]:
        """Names first, then all else that a cost depends on."""
        return [
            *(self.names, self.shapes, self.lasts, self.labels),
            *(self.kinds, self.templates, self.scopes, self.ends),
        ]

    def single(self, place: int, other: int) -> float:
        """What it costs to pair two layers."""
        name, shape, last, what, kind, template, scope, end = (
            both[0][place] == both[1][other] for both in self.scalars
        )
        if not end:
            return NEVER
        row = 0 if name else 1 if shape else 2 if last else 3
        column = 0 if what else 1 if kind else 2 if template else 3
        cost = float(_COST[row, column])
        return min(cost, _OTHER_FUNCTION) if scope else cost

    def rest_of(self, place: int) -> tuple[int, ...]:
        """All that a cost depends on, but the name: equal layers have equal rows of costs."""
        return tuple(both[0][place] for both in self.scalars[1:])

    def costs(self, place: int, others: Numbers) -> npt.NDArray[np.float64]:
        """What it costs to pair a layer of the first network with some of the second.

        Equal names are left out: see `single`.
        """
        shape, last, what, kind, template, scope, end = (
            both[1][others] == both[0][place] for both in self._all()[1:]
        )
        row = np.where(shape, 1, np.where(last, 2, 3))
        column = np.where(what, 0, np.where(kind, 1, np.where(template, 2, 3)))
        cost = _COST[row, column]
        cost = np.where(scope, np.minimum(cost, _OTHER_FUNCTION), cost)
        return np.where(end, cost, NEVER)


def _template(node: Node) -> object:
    return node.template if node.template not in (None, "CUSTOM", "OP") else node.target


def _last(name: str, which: int) -> object:
    """The last part of a name; a mere number is equal to none of the other side."""
    last = name.rpartition(".")[2]
    return which if last.isdigit() else last


def _everything(features: _Features) -> tuple[Numbers, Numbers]:
    one, other = features.sizes
    return np.arange(one, dtype=np.int32), np.arange(other, dtype=np.int32)


def _by_names(features: _Features) -> Pairs:
    """Equal names first, where the layers are akin; then what they leave over, in sequence."""
    places = {int(name): place for place, name in enumerate(features.names[1])}
    pairs = []
    for place, name in enumerate(features.names[0]):
        partner = places.get(int(name))
        if partner is not None and features.single(place, partner) < 2 * GAP:
            pairs.append((place, partner))
    return _settle_rest(features, _sequence_of_rest(features, pairs))


def _sequence_of_rest(features: _Features, pairs: Pairs) -> Pairs:
    """The pairs, and those that a sequence alignment finds among the rest."""
    taken = _both(pairs)
    rest = [
        np.array([p for p in range(size) if p not in used], dtype=np.int32)
        for size, used in zip(features.sizes, taken, strict=True)
    ]
    return pairs + _in_sequence(features, *rest)


def _settle_rest(features: _Features, pairs: Pairs) -> Pairs:
    """Pairs that cross others: equal names, then equal layers that read the same ones."""
    taken = _both(pairs)
    left = [[p for p in range(s) if p not in t] for s, t in zip(features.sizes, taken, strict=True)]
    found = list(pairs)
    for keys in (features.names, features.labels):
        waiting: dict[int, list[int]] = {}
        for place in left[1]:
            waiting.setdefault(int(keys[1][place]), []).append(place)
        more = []
        for place in left[0]:
            partners = waiting.get(int(keys[0][place]), [])
            if partners and features.single(place, partners[0]) < 2 * GAP:
                more.append((place, partners.pop(0)))
        found += more
        left = [[p for p in ps if p not in t] for ps, t in zip(left, _both(more), strict=True)]
    return sorted(found)


def _both(pairs: Pairs) -> tuple[set[int], set[int]]:
    """The places of either side that have partners."""
    return {one for one, _ in pairs}, {other for _, other in pairs}


def _in_sequence(features: _Features, one: Numbers, other: Numbers) -> Pairs:
    """The alignment of least cost that keeps the order (Needleman and Wunsch 1970).

    Equal beginnings and ends are taken off first. A row of the table is computed at once: a run
    of gaps in a row is a running minimum.
    """
    start, one, other, ended = _trimmed(features, one, other)
    if one.size == 0 or other.size == 0 or one.size * other.size > MAX_CELLS:
        return start + ended
    gaps = GAP * np.arange(other.size + 1)
    row = gaps.copy()
    ways = np.empty((one.size, other.size + 1), dtype=np.uint8)
    rows = _Rows(features, other)
    paired = np.full(other.size + 1, np.inf)
    for i, place in enumerate(one.tolist()):
        np.add(row[:-1], rows.of(place), out=paired[1:])
        above = row + GAP
        best = np.minimum(paired, above)
        row = np.minimum.accumulate(best - gaps) + gaps
        limit = row + 1e-9  # the same sum in another order
        ways[i] = np.where(paired <= limit, 0, np.where(above <= limit, 1, 2))
    return start + _walk(ways, one, other) + ended


class _Rows:
    """Rows of costs against some layers of the second network; equal layers share theirs."""

    def __init__(self, features: _Features, others: Numbers) -> None:
        self._features, self._others = features, others
        self._columns = {int(features.names[1][o]): c for c, o in enumerate(others)}
        self._known: dict[tuple[int, ...], npt.NDArray[np.float64]] = {}

    def of(self, place: int) -> npt.NDArray[np.float64]:
        """The row of a layer of the first network."""
        key = self._features.rest_of(place)
        if key not in self._known:
            self._known[key] = self._features.costs(place, self._others)
        row = self._known[key]
        column = self._columns.get(int(self._features.names[0][place]))
        if column is None:
            return row
        named = row.copy()
        named[column] = self._features.single(place, int(self._others[column]))
        return named


def _walk(ways: npt.NDArray[np.uint8], one: Numbers, other: Numbers) -> Pairs:
    pairs = []
    i, j = one.size, other.size
    while i and j:
        way = ways[i - 1, j]
        if way == 0:
            pairs.append((int(one[i - 1]), int(other[j - 1])))
        i -= way != 2  # noqa: PLR2004 - 2 is a step to the left
        j -= way != 1
    return pairs[::-1]


def _trimmed(
    features: _Features, one: Numbers, other: Numbers
) -> tuple[Pairs, Numbers, Numbers, Pairs]:
    """What is equal at the beginning, what is left of both, what is equal at the end."""
    length = min(one.size, other.size)

    def equal(first: Numbers, second: Numbers) -> int:
        same = (features.names[0][first] == features.names[1][second]) & (
            features.labels[0][first] == features.labels[1][second]
        )
        return int(np.argmin(same)) if not same.all() else int(same.size)

    head = equal(one[:length], other[:length])
    room = length - head
    tail = equal(one[::-1][:room], other[::-1][:room]) if room else 0
    start = _zipped(one[:head], other[:head])
    ended = _zipped(one[one.size - tail :], other[other.size - tail :])
    return start, one[head : one.size - tail], other[head : other.size - tail], ended


def _zipped(one: Numbers, other: Numbers) -> Pairs:
    return [(int(a), int(b)) for a, b in zip(one, other, strict=True)]


def _cost(features: _Features, pairs: Pairs) -> float:
    """Of a whole alignment: its pairs, what has no partner, and pairs that read other layers."""
    one, other = features.sizes
    total = GAP * (one + other - 2 * len(pairs))
    names = [[n.name for n in each.graph.layers] for each in features.sides]
    partner = {names[0][a]: names[1][b] for a, b in pairs}
    kept = set(partner.values())
    for place, mate in pairs:
        total += features.single(place, mate)
        first = features.sides[0].graph.previous[names[0][place]]
        second = features.sides[1].graph.previous[names[1][mate]]
        if {partner[n] for n in first if n in partner} != {n for n in second if n in kept}:
            total += MOVED
    return total
