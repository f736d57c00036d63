"""Networks as diagrams, for pages that can draw them."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from modelhub.network import (
    FOLLOWING,
    Block,
    LayerGraph,
    Member,
    Network,
    NetworkChange,
    Node,
    align_networks,
    find_blocks,
    footprint_of,
    layer_graph,
)
from modelhub.pages import Column, Comparison, Diagram, Kind, Pair, Vertex, human_shape

CONTEXT = 2  # unchanged rows that stay on either side of a change
FOLDED = 4  # unchanged rows in a row that are worth to be folded


def network_diagram(network: Network, sizes: Mapping[str, Sequence[int]]) -> Diagram:
    """The layers of a network with what they cost, repeated blocks folded.

    Args:
        network: what is drawn; without edges if it is partial.
        sizes: as for `modelhub.network.footprint_of`.
    """
    return Diagram(
        title="layer",
        columns=[
            Column("what"),
            Column("shape"),
            Column("parameters", Kind.COUNT, has_bar=True),
            Column("FLOPs", Kind.COUNT),
        ],
        vertices=_Folded(network, sizes).vertices(find_blocks(network)),
    )


class _Folded:
    """Makes vertices of the tree of blocks; holds what they say."""

    def __init__(self, network: Network, sizes: Mapping[str, Sequence[int]]) -> None:
        cost = footprint_of(network, sizes)
        self._costs = {each.name: each for each in cost.layers}
        self._previous = layer_graph(network).previous

    def vertices(self, members: Sequence[Member]) -> list[Vertex]:
        """The siblings of one level; each reads those before it."""
        siblings = list(_siblings(members))
        owner = {leaf: each.name for each in siblings for leaf in _leaves(each)}
        found: list[Vertex] = []
        for each in siblings:
            read = (name for leaf in _leaves(each) for name in self._previous.get(leaf, ()))
            reads = dict.fromkeys(owner[name] for name in read if name in owner)
            before = [other.name for other in found if other.name in reads]
            found.append(self._vertex(each, before))
        return found

    def _vertex(self, member: Member, reads: Sequence[str]) -> Vertex:
        costs = [self._costs[leaf] for leaf in _leaves(member) if leaf in self._costs]
        numbers = (sum(each.parameters for each in costs), sum(each.flops for each in costs))
        if isinstance(member, Block):
            return Vertex(
                name=member.name,
                label=f"{member.name} x {member.count}",
                values=[member.kind, "", *numbers],
                reads=reads,
                inner=self.vertices(member.members),
            )
        shape = costs[0].shapes[0] if costs and costs[0].shapes else None
        return Vertex(
            name=member.name,
            label=member.name,
            values=[_what(member), "" if shape is None else human_shape(shape), *numbers],
            reads=reads,
            group=member.template or "",
        )


def _siblings(members: Sequence[Member]) -> Iterator[Member]:
    """What stands on one level; blocks that come once are passed over."""
    for each in members:
        if isinstance(each, Block) and each.count == 1:
            yield from _siblings(each.members)
        else:
            yield each


def _leaves(member: Member) -> list[str]:
    if isinstance(member, Node):
        return [member.name]
    return [name for repeat in member.repeats for name in repeat]


def _what(node: Node) -> str:
    return " ".join(filter(None, (node.template, node.kind)))


def networks_side_by_side(one: Network, other: Network, *, titles: tuple[str, str]) -> Comparison:
    """Two networks, counterparts in a row, long parts that are the same folded."""
    found = align_networks(one, other)
    graphs = layer_graph(one), layer_graph(other)
    changes = sorted(found.changes, key=lambda each: not each.is_of_training)
    notes = {each.after or each.before: each for each in changes}
    before, after = (_drawn(graph) for graph in graphs)
    pairs = [
        _pair(before.get(first or ""), after.get(second or ""), notes)
        for first, second in _rows(graphs, found.pairs)
    ]
    return Comparison(titles=titles, pairs=_folded(pairs))


def _drawn(graph: LayerGraph) -> dict[str, Vertex]:
    return {
        node.name: Vertex(
            name=node.name,
            label=" ".join(filter(None, (node.name, _what(node)))),
            reads=graph.previous[node.name],
            group=node.template or "",
        )
        for node in graph.layers
    }


def _rows(
    graphs: tuple[LayerGraph, LayerGraph], pairs: Sequence[tuple[str, str]]
) -> Iterator[tuple[str | None, str | None]]:
    """Rows in which both sides keep their order: counterparts that cross others stand apart."""
    first, second = ([node.name for node in graph.layers] for graph in graphs)
    place = {name: i for i, name in enumerate(second)}
    rank = {name: i for i, name in enumerate(first)}
    ordered = sorted(pairs, key=lambda pair: rank[pair[0]])
    i = j = 0
    for a, b in (*_longest_rising(ordered, place), (None, None)):
        end_a = len(first) if a is None else rank[a]
        end_b = len(second) if b is None else place[b]
        yield from ((name, None) for name in first[i:end_a])
        yield from ((None, name) for name in second[j:end_b])
        if a is not None:
            yield a, b
        i, j = end_a + 1, end_b + 1


def _longest_rising(
    pairs: Sequence[tuple[str, str]], place: Mapping[str, int]
) -> list[tuple[str, str]]:
    """The most pairs whose second names stand in rising places. O(n log n)."""
    tails: list[int] = []  # the least place in which a rising run of each length can end
    ends: list[int] = []  # which pair that is
    before: list[int] = []
    for index, (_, name) in enumerate(pairs):
        length = bisect_left(tails, place[name])
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [place[name]]
        ends[length : length + 1] = [index]
    found, at = [], ends[-1] if ends else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]


def _pair(
    before: Vertex | None, after: Vertex | None, notes: Mapping[str | None, NetworkChange]
) -> Pair:
    if before is None or after is None:
        only = before or after
        assert only is not None
        change = notes.get(only.name)
        is_moved = change is None or (change.before is not None and change.after is not None)
        mark = "removed" if after is None else "added"
        return Pair(before=before, after=after, mark=mark, note="moved" if is_moved else "")
    change = notes.get(after.name)
    if change is None:
        return Pair(before=before, after=after)
    mark = "" if change.kind == FOLLOWING else "changed"
    return Pair(
        before=before, after=after, mark=mark, note=f"{change.kind} {_said(change)}".rstrip()
    )


def _said(change: NetworkChange) -> str:
    return ", ".join(f"{each.name} {each.before} → {each.after}" for each in change.attributes)


def _folded(pairs: Sequence[Pair]) -> list[Pair]:
    """Runs without a change become one row, but for what stands next to a change."""
    kept: list[Pair] = []
    names: dict[str, str] = {}  # of what is folded -> what stands for it, on both sides
    for run in _runs(pairs):
        if len(run) < FOLDED:
            kept += [_redirected(each, names) for each in run]
        else:
            kept.append(_one_for(run, names))
    return kept


def _runs(pairs: Sequence[Pair]) -> Iterator[list[Pair]]:
    """Rows that stand for themselves, one a run, and rows far from any change, many a run."""
    changed = [i for i, each in enumerate(pairs) if each.note or each.mark]
    near = {j for i in changed for j in range(i - CONTEXT, i + CONTEXT + 1)}
    run: list[Pair] = []
    for i, each in enumerate(pairs):
        if i in near:
            yield from filter(None, (run, [each]))
            run = []
        else:
            run.append(each)
    if run:
        yield run


def _one_for(run: Sequence[Pair], names: dict[str, str]) -> Pair:
    both = [(each.before, each.after) for each in run]
    name = f"… {len(run)} layers"
    sides = []
    for side in (0, 1):
        inside = [pair[side] for pair in both]
        vertices = [each for each in inside if each is not None]
        own = {each.name for each in vertices}
        read = (names.get(r, r) for each in vertices for r in each.reads if r not in own)
        key = vertices[0].name
        sides.append(Vertex(name=key, label=name, reads=list(dict.fromkeys(read))))
        names.update({each.name: key for each in vertices})
    return Pair(before=sides[0], after=sides[1], note="the same")


def _redirected(pair: Pair, names: Mapping[str, str]) -> Pair:
    """A row whose vertices read what stands for their folded predecessors."""

    def of(vertex: Vertex | None) -> Vertex | None:
        if vertex is None:
            return None
        reads = dict.fromkeys(names.get(each, each) for each in vertex.reads)
        return replace(vertex, reads=list(reads))

    return replace(pair, before=of(pair.before), after=of(pair.after))
