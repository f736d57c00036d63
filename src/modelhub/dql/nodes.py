"""Paths through a layer graph: which nodes they lead to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from modelhub.dql.bindings import Bound, joined
from modelhub.dql.facts import Facts, Graph
from modelhub.dql.refusal import Refusing
from modelhub.dql.syntax import (
    Attribute,
    Expression,
    Hop,
    Items,
    Selector,
    Step,
    Template,
    TemplateSelector,
)
from modelhub.network import fits_template, parse_selector, select_nodes

Found = tuple[str, Bound, str]  # a node, what is bound, and the node that was selected first


class NodeFinder(Refusing):
    """Follows paths of a query through layer graphs."""

    def __init__(
        self, facts: Facts, source: str, values: Callable[[Expression], list[Any]]
    ) -> None:
        """A finder; `values` tells what the arguments of templates come to."""
        super().__init__(source)
        self._facts, self._values = facts, values

    def graph(self, row: Row[Any]) -> Graph | None:
        """The layer graph of a version, if its network is known."""
        return None if row.network is None else self._facts.graph(row.network)

    def nodes(
        self, graph: Graph, steps: Sequence[Step], bound: Bound, via: Sequence[Template]
    ) -> list[Found]:
        """The nodes that a path leads to."""
        found: list[Found] | None = None
        for step in steps:
            match step:
                case Selector() if found is None:
                    picked = select_nodes(parse_selector(step.text), graph.layers, graph.aliases)
                    pairs = [(n, joined(bound, dict(b))) for n, b in picked]
                    found = [(name, now, name) for name, now in pairs if now is not None]
                case Selector():
                    selector = parse_selector(step.text)
                    found = [e for e in found or [] if selector.match(e[0]) is not None]
                case TemplateSelector():
                    wanted = [(step.template.name, *self.asked(step.template))]
                    start = found
                    if start is None:
                        start = [(each, bound, each) for each in graph.nodes]
                    found = [each for each in start if self.fits(graph, each[0], wanted)]
                case Attribute() if found is None:
                    ops = [n for n, each in graph.nodes.items() if each.op == step.name]
                    found = [(each, bound, each) for each in ops]
                case Hop():
                    found = self._hopped(graph, step, found or [], via)
                case _:
                    self.fail("this cannot follow nodes", step)
        return found or []

    def _hopped(
        self, graph: Graph, hop: Hop, start: Sequence[Found], via: Sequence[Template]
    ) -> list[Found]:
        follow = graph.layers.next if hop.direction == "next" else graph.layers.previous
        skipped = [(each.name, *self.asked(each)) for each in via]
        most = len(graph.nodes) if hop.most is None else hop.most
        found = []
        for name, bound, first in start:
            edge, seen = {name}, set[str]()
            for distance in range(1, most + 1):
                edge = _over(edge, follow, lambda n: self.fits(graph, n, skipped)) - seen
                if not edge:
                    break
                seen |= edge
                if distance >= hop.least:
                    found += [
                        (each, bound, first)
                        for each in sorted(edge, key=graph.positions.__getitem__)
                    ]
        return found

    def fits(
        self, graph: Graph, name: str, wanted: Sequence[tuple[str, str | None, dict[str, Any]]]
    ) -> bool:
        """Whether a node is of one of some templates: (name, kind, attributes) each."""
        node = graph.nodes[name]
        return any(fits_template(node, t, kind=k, attributes=a) for t, k, a in wanted)

    def asked(self, template: Template) -> tuple[str | None, dict[str, Any]]:
        """The kind and the attributes that a template asks for.

        Raises:
            QueryError: it asks for anything else.
        """
        kind, attributes = None, {}
        for each in template.arguments:
            values = self._values(each.value)
            value = values if isinstance(each.value, Items) else values[0] if values else None
            if each.name is not None:
                attributes[each.name] = value
            elif isinstance(value, str):
                kind = value
            else:
                self.fail("a kind is a text; other arguments have names, as in kernel=3", each)
        return kind, attributes


def first_steps(steps: Sequence[Step]) -> Sequence[Step]:
    """Steps up to the first one along edges."""
    return steps[: next((i for i, s in enumerate(steps) if isinstance(s, Hop)), len(steps))]


def _over(
    start: Iterable[str], follow: Mapping[str, Sequence[str]], skips: Callable[[str], bool]
) -> set[str]:
    """One step along edges; nodes that are skipped are walked through."""
    found: set[str] = set()
    seen: set[str] = set()
    left = [name for each in start for name in follow[each]]
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        if skips(name):
            left += follow[name]
        else:
            found.add(name)
    return found
