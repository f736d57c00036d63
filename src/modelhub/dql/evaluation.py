"""What expressions come to for one tuple of versions.

A value is a list: what is known of it. Nothing is null; nodes may have several values, and a
comparison holds if it holds of one of them. A condition comes to the bindings of `$k` under
which it holds, to none of them, or to None: it is not known.
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isnan
from time import monotonic
from typing import Any, NoReturn

from sqlalchemy import Row

from modelhub.dlv.versions import VersionRef
from modelhub.dql.dates import as_date
from modelhub.dql.facts import STATISTICS, Facts, Graph
from modelhub.dql.patterns import like
from modelhub.dql.syntax import (
    At,
    Attribute,
    Between,
    Binary,
    Call,
    Exists,
    Expression,
    Has,
    Hop,
    In,
    IsNull,
    Items,
    Like,
    Lineage,
    Literal,
    Logical,
    Path,
    Placed,
    Select,
    Selector,
    Step,
    Template,
    TemplateSelector,
    Unary,
)
from modelhub.errors import QueryError
from modelhub.network import (
    fits_template,
    parse_selector,
    select_nodes,
    standard_attributes,
)
from modelhub.values import VersionId

Versions = Mapping[str, Row[Any]]
Bound = dict[str, str]
Outcome = list[Bound] | None
Found = tuple[str, Bound, str]  # a node, what is bound, and the node that was selected first
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_DATES = ("created", "creation_time")
_EVERY = 512  # evaluations between two looks at the clock


class Evaluator:
    """Evaluates expressions over the facts of a repository, until its time is up."""

    def __init__(
        self,
        facts: Facts,
        source: str,
        *,
        subquery: Callable[[Select], list[Any]],
        seconds: float,
    ) -> None:
        self.facts, self.source = facts, source
        self._subquery = subquery
        self._deadline, self._seconds = monotonic() + seconds, seconds
        self._count = 0
        self._answers: dict[int, list[Any]] = {}
        self._by_network: dict[tuple[int, str], Outcome] = {}

    def fail(self, problem: str, part: Placed, hint: str = "") -> NoReturn:
        """Refuse a part of the query.

        Raises:
            QueryError: always.
        """
        raise QueryError(problem, source=self.source, span=part.span, hint=hint)

    # Conditions.

    def outcome(self, found: Expression, versions: Versions, bound: Bound) -> Outcome:  # noqa: PLR0911 - a case each
        """Under which bindings a condition holds; None if that is not known."""
        self._count += 1
        if self._count % _EVERY == 0 and monotonic() > self._deadline:
            self.fail(f"this took more than {self._seconds:g} s", found, "ask for less")
        match found:
            case Logical(operator="and"):
                return self._all(found.parts, versions, bound)
            case Logical():
                return self._some(found.parts, versions, bound)
            case Unary(operator="not"):
                return _negated(self.outcome(found.operand, versions, bound), bound)
            case Has():
                return self._has(found, versions, bound)
            case Exists():
                return _truth(bool(self.values(found.path, versions, bound)), bound)
            case IsNull():
                is_null = not self.values(found.operand, versions, bound)
                return _truth(is_null != found.is_negated, bound)
            case _:
                return _truth(self._truth(found, versions, bound), bound)

    def _all(self, parts: Sequence[Expression], versions: Versions, bound: Bound) -> Outcome:
        bounds, is_known = [bound], True
        for part in parts:
            outcomes = [self.outcome(part, versions, each) for each in bounds]
            if all(each is None for each in outcomes):
                is_known = False
                continue
            bounds = _distinct(b for each in outcomes if each for b in each)
            if not bounds:
                return []
        return bounds if is_known else None

    def _some(self, parts: Sequence[Expression], versions: Versions, bound: Bound) -> Outcome:
        outcomes = [self.outcome(part, versions, bound) for part in parts]
        bounds = _distinct(b for each in outcomes if each for b in each)
        return bounds or (None if None in outcomes else [])

    def _truth(self, found: Expression, versions: Versions, bound: Bound) -> bool | None:  # noqa: PLR0911 - a case each
        match found:
            case Binary() if found.operator in _COMPARE:
                return self._compared(found, versions, bound)
            case Like():
                texts = self.values(found.operand, versions, bound)
                pattern = str(found.pattern.value) if isinstance(found.pattern, Literal) else ""
                if _attribute_of(found.operand) == "name":  # names have no blanks
                    pattern = "".join(pattern.split())
                holds = any(isinstance(t, str) and like(t, pattern, found.escape) for t in texts)
                return (holds != found.is_negated) if texts else None
            case In():
                values = self.values(found.operand, versions, bound)
                choices = self._choices(found, versions, bound)
                holds = any(_equal(v, c) for v in values for c in choices)
                return (holds != found.is_negated) if values else None
            case Between():
                low = self._compared(_binary(">=", found, found.low), versions, bound)
                high = self._compared(_binary("<=", found, found.high), versions, bound)
                if low is None or high is None:
                    return None
                return (low and high) != found.is_negated
            case Lineage():
                return self._related(found, versions, bound)
            case _:
                values = self.values(found, versions, bound)
                if any(not isinstance(each, bool) for each in values):
                    self.fail("a value where a condition is expected", found)
                return any(values) if values else None

    def _choices(self, found: In, versions: Versions, bound: Bound) -> list[Any]:
        choices = found.choices
        if isinstance(choices, Select):
            return self._answer(choices)
        if not isinstance(choices, Items | Path):
            self.fail("only a select can stand here", found)
        return self.values(choices, versions, bound)

    def _answer(self, query: Select) -> list[Any]:
        if id(query) not in self._answers:
            self._answers[id(query)] = self._subquery(query)
        return self._answers[id(query)]

    def _compared(self, found: Binary, versions: Versions, bound: Bound) -> bool | None:  # noqa: RET503 - fail raises
        left = self.values(found.left, versions, bound)
        right = self.values(found.right, versions, bound)
        if not left or not right:
            return None
        if _attribute_of(found.left) in _DATES and isinstance(found.right, Literal):
            right = [as_date(str(each)) for each in right]
            left = [str(each)[: len(right[0])] for each in left]
        compare = _COMPARE[found.operator]
        if any(_is_comparable(a, b, found.operator) for a in left for b in right):
            pairs = ((a, b) for a in left for b in right)
            return any(_is_comparable(a, b, found.operator) and compare(a, b) for a, b in pairs)
        self.fail(f"{_kind(left[0])} cannot be compared with {_kind(right[0])}", found)

    def _related(self, found: Lineage, versions: Versions, bound: Bound) -> bool:
        if isinstance(found.right, Select):
            others = self._answer(found.right)
        elif isinstance(found.right, Path | Literal):
            others = self.values(found.right, versions, bound)
        else:
            self.fail("only a select can stand here", found)
        ids = {each.id for each in others if isinstance(each, VersionRef)}
        names = {each for each in others if isinstance(each, str)}
        refs = self.facts.refs
        ids |= {
            VersionId(i)
            for i, ref in refs.items()
            if ref in names or ref.rpartition("@")[0] in names
        }
        own = {v.id for v in self.values(found.left, versions, bound) if isinstance(v, VersionRef)}
        if not own:
            self.fail("only versions have a lineage", found.left)
        facts = self.facts
        match found.relation:
            case "descends from":
                return any(facts.ancestors(each) & ids for each in own)
            case "ancestor of":
                return any(facts.ancestors(each) & own for each in ids)
            case "child of":
                return any(ids.intersection(facts.parents.get(each, ())) for each in own)
            case _:
                return any(own.intersection(facts.parents.get(each, ())) for each in ids)

    # Nodes.

    def _has(self, found: Has, versions: Versions, bound: Bound) -> Outcome:
        path = found.nodes
        if not isinstance(path, Path) or path.root not in versions:
            self.fail("'has' is asked of nodes, as in m[\"conv*\"].next has POOL", path)
        row = versions[path.root]
        key = (id(found), row.network or "")
        if bound:
            return self._has_not_cached(found, path, row, bound)
        if key not in self._by_network:
            self._by_network[key] = self._has_not_cached(found, path, row, bound)
        return self._by_network[key]

    def _has_not_cached(self, found: Has, path: Path, row: Row[Any], bound: Bound) -> Outcome:
        graph = self._graph(row)
        if graph is None:
            return None
        if graph.partial is not None and any(isinstance(s, Hop) for s in path.steps):
            return None  # no edges are known
        nodes = self._nodes(graph, path.steps, bound, found.via)
        wanted = [(each.name, *self._asked(each)) for each in found.templates]
        fitting: dict[str, Bound] = {}
        selected = {first for _, _, first in self._nodes(graph, _first(path.steps), bound, ())}
        bounds = []
        for name, now, first in nodes:
            if self._fits(graph, name, wanted):
                fitting[first] = now
                bounds.append(now)
        if found.quantifier == "all" and selected - fitting.keys():
            bounds = []
        is_absent = found.is_negated != (found.quantifier == "none")
        return _truth(not bounds, bound) if is_absent else _distinct(bounds)

    def _fits(
        self, graph: Graph, name: str, wanted: Sequence[tuple[str, str | None, dict[str, Any]]]
    ) -> bool:
        node = graph.nodes[name]
        return any(fits_template(node, t, kind=k, attributes=a) for t, k, a in wanted)

    def _asked(self, template: Template) -> tuple[str | None, dict[str, Any]]:
        kind, attributes = None, {}
        for each in template.arguments:
            values = self.values(each.value, {}, {})
            value = values if isinstance(each.value, Items) else values[0] if values else None
            if each.name is not None:
                attributes[each.name] = value
            elif isinstance(value, str):
                kind = value
            else:
                self.fail("a kind is a text; other arguments have names, as in kernel=3", each)
        return kind, attributes

    def _graph(self, row: Row[Any]) -> Graph | None:
        return None if row.network is None else self.facts.graph(row.network)

    def _nodes(
        self, graph: Graph, steps: Sequence[Step], bound: Bound, via: Sequence[Template]
    ) -> list[Found]:
        """The nodes that a path leads to."""
        found: list[Found] | None = None
        for step in steps:
            match step:
                case Selector() if found is None:
                    picked = select_nodes(parse_selector(step.text), graph.layers, graph.aliases)
                    pairs = [(n, _joined(bound, dict(b))) for n, b in picked]
                    found = [(name, now, name) for name, now in pairs if now is not None]
                case Selector():
                    selector = parse_selector(step.text)
                    found = [e for e in found or [] if selector.match(e[0]) is not None]
                case TemplateSelector():
                    wanted = [(step.template.name, *self._asked(step.template))]
                    start = found
                    if start is None:
                        start = [(each, bound, each) for each in graph.nodes]
                    found = [each for each in start if self._fits(graph, each[0], wanted)]
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
        skipped = [(each.name, *self._asked(each)) for each in via]
        most = len(graph.nodes) if hop.most is None else hop.most
        found = []
        for name, bound, first in start:
            edge, seen = {name}, set[str]()
            for distance in range(1, most + 1):
                edge = _over(edge, follow, lambda n: self._fits(graph, n, skipped)) - seen
                if not edge:
                    break
                seen |= edge
                if distance >= hop.least:
                    found += [(each, bound, first) for each in graph.nodes if each in edge]
        return found

    # Values.

    def values(self, found: Expression, versions: Versions, bound: Bound) -> list[Any]:  # noqa: PLR0911 - a case each
        """What is known of a value."""
        match found:
            case Literal():
                return [] if found.value is None else [_substituted(found.value, bound)]
            case Items():
                return [v for each in found.items for v in self.values(each, versions, bound)]
            case Path():
                return self._path(found, versions, bound)
            case Call():
                return self._call(found, versions, bound)
            case Unary(operator="-"):
                return [
                    -self._number(v, found) for v in self.values(found.operand, versions, bound)
                ]
            case Binary() if found.operator not in _COMPARE:
                return self._arithmetic(found, versions, bound)
            case _:
                outcome = self.outcome(found, versions, bound)
                return [] if outcome is None else [bool(outcome)]

    def _number(self, value: Any, part: Placed) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(f"{_kind(value)} where a number is expected", part)
        return value

    def _arithmetic(self, found: Binary, versions: Versions, bound: Bound) -> list[Any]:
        left, right = (self.values(e, versions, bound) for e in (found.left, found.right))
        results = []
        for a, b in ((a, b) for a in left for b in right):
            one, two = float(self._number(a, found.left)), float(self._number(b, found.right))
            if found.operator == "/":
                results += [] if two == 0 else [one / two]
            elif isinstance(a, int) and isinstance(b, int):
                results.append({"+": a + b, "-": a - b, "*": a * b}[found.operator])
            else:
                results.append({"+": one + two, "-": one - two, "*": one * two}[found.operator])
        return results

    def _call(self, found: Call, versions: Versions, bound: Bound) -> list[Any]:  # noqa: PLR0911, RET503 - a case each; fail raises
        given = [self.values(each, versions, bound) for each in found.arguments]
        if found.name == "coalesce":
            return next((each for each in given if each), [])
        if found.name == "len" and len(given) == 1:
            values = given[0]
            is_text = len(values) == 1 and isinstance(values[0], str)
            return [len(values[0])] if is_text else [len(values)]
        if not given or not given[0]:
            return []
        value = given[0][0]
        match found.name:
            case "lower":
                return [str(value).lower()]
            case "upper":
                return [str(value).upper()]
            case "date":
                return [as_date(str(value))[:10]]
            case "abs":
                return [abs(self._number(value, found))]
            case "round":
                digits = given[1][0] if len(given) > 1 and given[1] else 0
                return [round(self._number(value, found), int(self._number(digits, found)))]
            case _:
                self.fail(f"{found.name} can only stand in what is selected or ordered by", found)

    def _path(self, path: Path, versions: Versions, bound: Bound) -> list[Any]:
        row = versions.get(path.root)
        if row is None:
            self.fail(f"unknown variable {path.root!r}", path)
        if not path.steps:
            return [VersionRef(id=row.id, name=row.name, number=row.number)]
        first = path.steps[0]
        if isinstance(first, Attribute) and first.name not in ("input", "output"):
            return self._fact(row, path)
        cut = next((i for i, s in enumerate(path.steps) if isinstance(s, Attribute) and i), None)
        graph = self._graph(row)
        if graph is None:
            return []
        names = [n for n, _, _ in self._nodes(graph, path.steps[:cut], bound, ())]
        names = list(dict.fromkeys(names))
        if cut is None:
            return names
        words = [each.name for each in path.steps[cut:] if isinstance(each, Attribute)]
        return [v for n in names for v in self._node_fact(row, graph, n, words, path)]

    def _node_fact(
        self, row: Row[Any], graph: Graph, name: str, words: Sequence[str], path: Path
    ) -> list[Any]:
        node, stored, word = graph.nodes[name], graph.rows[name], words[0]
        if len(words) > 1:
            return self._statistic(row, f"{name}.{words[0]}", words[1], path)
        if word in ("name", "alias", "template", "kind", "op", "dtype", "scope", "parameters"):
            value = getattr(stored, word)
            return [] if value in (None, "") else [value]
        if word == "shape":
            return [] if stored.shape is None else [stored.shape]
        having = {**node.attributes, **standard_attributes(node)}
        value = having.get(word)
        if isinstance(value, list | tuple):
            return [value[0]] if len(set(map(str, value))) == 1 else [list(value)]
        return [] if value is None else [value]

    def _statistic(self, row: Row[Any], tensor: str, word: str, path: Path) -> list[Any]:
        if word not in STATISTICS:
            self.fail(
                f"unknown statistic {word!r} of a tensor",
                path,
                f"there are: {', '.join(STATISTICS)}",
            )
        found = self.facts.tensor(tensor).get(row.key)
        value = None if found is None else getattr(found, word)
        return [] if value is None else [value]

    def _fact(self, row: Row[Any], path: Path) -> list[Any]:
        first = path.steps[0]
        assert isinstance(first, Attribute)
        second = path.steps[1] if len(path.steps) > 1 else None
        if isinstance(second, Selector):
            return self._named(row, first.name, second.text, path)
        name = ".".join(each.name for each in path.steps if isinstance(each, Attribute))
        own = self._own(row, name)
        if own is not None:
            return own
        for table in (self.facts.metric, self.facts.setting, self.facts.note):
            value = table(name).get(row.key)
            if value is not None:
                return list(value) if isinstance(value, list | tuple) else [value]
        return []

    def _named(self, row: Row[Any], group: str, name: str, path: Path) -> list[Any]:
        rest = path.steps[2:]
        if group == "tensors":
            words = [each.name for each in rest if isinstance(each, Attribute)]
            return self._statistic(row, name, words[0] if words else "shape", path)
        tables = {
            "metrics": self.facts.metric,
            "hyperparameters": self.facts.setting,
            "notes": self.facts.note,
        }
        if group == "metrics" and rest:
            return self._course(row, name, rest[0])
        value = tables[group](name).get(row.key) if group in tables else None
        return [] if value is None else [value]

    def _course(self, row: Row[Any], name: str, step: Step) -> list[Any]:
        course = self.facts.course(name).get(row.key, [])
        if isinstance(step, At):
            return [value for at, value in course if at == step.step][:1]
        values = [value for _, value in course if not isnan(value)]
        word = step.name if isinstance(step, Attribute) else ""
        ways: Mapping[str, Callable[[list[float]], float]] = {
            "min": min,
            "max": max,
            "first": lambda each: each[0],
            "last": lambda each: each[-1],
        }
        if word not in ways:
            self.fail("a metric has .min, .max, .first, .last and [STEP]", step)
        return [ways[word](values)] if values else []

    def _own(self, row: Row[Any], name: str) -> list[Any] | None:  # noqa: PLR0911, C901 - a case each
        """What every version has; None if the name is none of that."""
        facts, key = self.facts, row.key
        aliased = {"creation_time": "created", "n_params": "parameters", "tag": "tags"}
        match aliased.get(name, name):
            case "name" | "id" | "number" | "created" | "author" | "message" as column:
                return [getattr(row, column)]
            case "version":
                return [f"{row.name}@{row.number}"]
            case "tags":
                return list(facts.tags.get(key, ()))
            case "size":
                return [facts.sizes.get(key, 0)]
            case "snapshots":
                return [facts.snapshots.get(key, (0, 0))[0]]
            case "parameters":
                return [facts.snapshots.get(key, (0, 0))[1]]
            case "parent":
                return [facts.refs.get(i, i) for i in facts.parents.get(row.id, ())[:1]]
            case "parents":
                return [facts.refs.get(i, i) for i in facts.parents.get(row.id, ())]
            case "layers" | "n_layers":
                return self._brief(row, "nodes")
            case "partial" | "dialect" as column:
                return self._brief(row, column)
            case _:
                return None

    def _brief(self, row: Row[Any], column: str) -> list[Any]:
        found = self.facts.networks.get(row.network)
        value = None if found is None else getattr(found, column)
        return [] if value is None else [value]


def _first(steps: Sequence[Step]) -> Sequence[Step]:
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


def _truth(holds: bool | None, bound: Bound) -> Outcome:  # noqa: FBT001 - what it is about
    return None if holds is None else [bound] if holds else []


def _negated(outcome: Outcome, bound: Bound) -> Outcome:
    return None if outcome is None else [] if outcome else [bound]


def _distinct(bounds: Iterable[Bound]) -> list[Bound]:
    return list({tuple(sorted(each.items())): each for each in bounds}.values())


def _joined(one: Bound, two: Bound) -> Bound | None:
    """Both bindings together, unless they differ in a variable."""
    return None if any(one.get(key, value) != value for key, value in two.items()) else one | two


def _substituted(value: Any, bound: Bound) -> Any:
    if isinstance(value, str) and "$" in value:
        for key, text in bound.items():
            value = value.replace(f"${key}", text)
    return value


def _attribute_of(found: Expression) -> str:
    """The name of the only step of a path."""
    if isinstance(found, Path) and len(found.steps) == 1 and isinstance(found.steps[0], Attribute):
        return found.steps[0].name
    return ""


def _binary(comparison: str, found: Between, bound: Expression) -> Binary:
    return Binary(operator=comparison, left=found.operand, right=bound, span=found.span)


def _equal(one: Any, two: Any) -> bool:
    return _is_comparable(one, two, "=") and bool(one == two)


def _is_comparable(one: Any, two: Any, comparison: str) -> bool:
    if isinstance(one, int | float) and isinstance(two, int | float):
        return isinstance(one, bool) == isinstance(two, bool)
    return type(one) is type(two) and (isinstance(one, str) or comparison in ("=", "!="))


def _kind(value: Any) -> str:
    names = {bool: "a truth value", str: "a text", VersionRef: "a version", list: "a list"}
    return names.get(type(value), "a number")
