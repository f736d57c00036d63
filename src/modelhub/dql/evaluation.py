"""What expressions come to for one tuple of versions.

A value is a list: what is known of it. Nothing is null; nodes may have several values, and a
comparison holds if it holds of one of them. A condition comes to the bindings of `$k` under
which it holds, to none of them, or to None: it is not known.
"""

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any

from sqlalchemy import Row

from modelhub.dlv.versions import VersionRef
from modelhub.dql.attributes import Attributes
from modelhub.dql.bindings import Bound, Outcome, distinct, holding, negated, substituted
from modelhub.dql.comparing import COMPARE, comparable, equal, kind_of
from modelhub.dql.dates import as_date
from modelhub.dql.facts import Facts
from modelhub.dql.nodes import Found, NodeFinder, first_steps
from modelhub.dql.patterns import like
from modelhub.dql.refusal import Refusing
from modelhub.dql.syntax import (
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
    Unary,
)
from modelhub.values import VersionId

Versions = Mapping[str, Row[Any]]
_DATES = ("created", "creation_time")
_SEVERAL = ("tag", "tags", "parents", "input", "output")
_EVERY = 512  # evaluations between two looks at the clock


class Evaluator(Refusing):
    """Evaluates expressions over the facts of a repository, until its time is up."""

    def __init__(
        self,
        facts: Facts,
        source: str,
        *,
        subquery: Callable[[Select], list[Any]],
        seconds: float,
    ) -> None:
        super().__init__(source)
        self.facts = facts
        self._attributes = Attributes(facts, source)
        self._finder = NodeFinder(facts, source, lambda found: self.values(found, {}, {}))
        self._subquery = subquery
        self._deadline, self._seconds = monotonic() + seconds, seconds
        self._count = 0
        # Kept with what they are answers to, so that no other part gets its id.
        self._answers: dict[int, tuple[Select, list[Any]]] = {}
        self._by_network: dict[tuple[int, str], tuple[Has, Outcome]] = {}

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
                return negated(self.outcome(found.operand, versions, bound), bound)
            case Has():
                return self._has(found, versions, bound)
            case Exists():
                return holding(bool(self.values(found.path, versions, bound)), bound)
            case IsNull():
                is_null = not self.values(found.operand, versions, bound)
                return holding(is_null != found.is_negated, bound)
            case _:
                return holding(self._truth(found, versions, bound), bound)

    def _all(self, parts: Sequence[Expression], versions: Versions, bound: Bound) -> Outcome:
        bounds, is_known = [bound], True
        for part in parts:
            outcomes = [self.outcome(part, versions, each) for each in bounds]
            if all(each is None for each in outcomes):
                is_known = False
                continue
            bounds = distinct(b for each in outcomes if each for b in each)
            if not bounds:
                return []
        return bounds if is_known else None

    def _some(self, parts: Sequence[Expression], versions: Versions, bound: Bound) -> Outcome:
        outcomes = [self.outcome(part, versions, bound) for part in parts]
        bounds = distinct(b for each in outcomes if each for b in each)
        return bounds or (None if None in outcomes else [])

    def _truth(self, found: Expression, versions: Versions, bound: Bound) -> bool | None:  # noqa: PLR0911 - a case each
        match found:
            case Binary() if found.operator in COMPARE:
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
                holds = any(equal(v, c) for v in values for c in choices)
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
            self._answers[id(query)] = query, self._subquery(query)
        return self._answers[id(query)][1]

    def _compared(self, found: Binary, versions: Versions, bound: Bound) -> bool | None:  # noqa: RET503 - fail raises
        left = self.values(found.left, versions, bound)
        right = self.values(found.right, versions, bound)
        if not left or not right:
            return None
        if _attribute_of(found.left) in _DATES and isinstance(found.right, Literal):
            right = [as_date(str(each)) for each in right]
            left = [str(each)[: len(right[0])] for each in left]
        compare = COMPARE[found.operator]
        if any(comparable(a, b, found.operator) for a in left for b in right):
            pairs = ((a, b) for a in left for b in right)
            return any(comparable(a, b, found.operator) and compare(a, b) for a, b in pairs)
        self.fail(f"{kind_of(left[0])} cannot be compared with {kind_of(right[0])}", found)

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
        if not isinstance(path, Path) or not path.steps or path.root not in versions:
            self.fail("'has' is asked of nodes, as in m[\"conv*\"].next has POOL", path)
        row = versions[path.root]
        key = (id(found), row.network or "")
        if bound:
            return self._has_not_cached(found, path, row, bound)
        if key not in self._by_network:
            self._by_network[key] = found, self._has_not_cached(found, path, row, bound)
        return self._by_network[key][1]

    def _has_not_cached(self, found: Has, path: Path, row: Row[Any], bound: Bound) -> Outcome:
        graph = self._finder.graph(row)
        if graph is None:
            return None
        if graph.partial is not None and any(isinstance(s, Hop) for s in path.steps):
            return None  # no edges are known
        nodes = self._finder.nodes(graph, path.steps, bound, found.via)
        wanted = [(each.name, *self._finder.asked(each)) for each in found.templates]
        fitting: dict[str, Bound] = {}
        started = self._finder.nodes(graph, first_steps(path.steps), bound, ())
        selected = {first for _, _, first in started}
        bounds = []
        for name, now, first in nodes:
            if self._finder.fits(graph, name, wanted):
                fitting[first] = now
                bounds.append(now)
        if found.quantifier == "all" and selected - fitting.keys():
            bounds = []
        is_absent = found.is_negated != (found.quantifier == "none")
        return holding(not bounds, bound) if is_absent else distinct(bounds)

    def nodes(self, path: Path, versions: Versions) -> list[str]:
        """The names of the nodes that a path leads to, each once."""
        return list(dict.fromkeys(name for name, _, _ in self.places(path, versions, {})))

    def places(self, path: Path, versions: Versions, bound: Bound) -> list[Found]:
        """The nodes that a path leads to, with what they bind and where they were reached from."""
        graph = self._finder.graph(versions[path.root])
        if graph is None or not path.steps:
            return []
        return self._finder.nodes(graph, path.steps, bound, ())

    # Values.

    def values(self, found: Expression, versions: Versions, bound: Bound) -> list[Any]:  # noqa: PLR0911 - a case each
        """What is known of a value."""
        match found:
            case Literal():
                return [] if found.value is None else [substituted(found.value, bound)]
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
            case Binary() if found.operator not in COMPARE:
                return self._arithmetic(found, versions, bound)
            case _:
                outcome = self.outcome(found, versions, bound)
                return [] if outcome is None else [bool(outcome)]

    def _number(self, value: Any, part: Placed) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(f"{kind_of(value)} where a number is expected", part)
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
            is_text = is_text and not _is_several(found.arguments[0])
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
            return self._attributes.of_version(row, path)
        cut = next((i for i, s in enumerate(path.steps) if isinstance(s, Attribute) and i), None)
        graph = self._finder.graph(row)
        if graph is None:
            return []
        names = [n for n, _, _ in self._finder.nodes(graph, path.steps[:cut], bound, ())]
        names = list(dict.fromkeys(names))
        if cut is None:
            return names
        words = [each.name for each in path.steps[cut:] if isinstance(each, Attribute)]
        return [v for n in names for v in self._attributes.of_node(row, graph, n, words, path)]


def _attribute_of(found: Expression) -> str:
    """The name of the only step of a path."""
    if isinstance(found, Path) and len(found.steps) == 1 and isinstance(found.steps[0], Attribute):
        return found.steps[0].name
    return ""


def _is_several(found: Expression) -> bool:
    """Whether a path leads to what there may be several of: nodes, tags, parents."""
    if not isinstance(found, Path):
        return False
    return not isinstance(found.steps[-1], Attribute) or _attribute_of(found) in _SEVERAL


def _binary(comparison: str, found: Between, bound: Expression) -> Binary:
    return Binary(operator=comparison, left=found.operand, right=bound, span=found.span)
