"""Queries, run on a repository: which versions may match in SQL, the rest on their facts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from sqlalchemy import Row

from modelhub.dlv.metadata import Metadata
from modelhub.dlv.versions import VersionRef
from modelhub.dql.binder import Checker, Given, bind, own_parts, variables_of
from modelhub.dql.cursor import did_you_mean
from modelhub.dql.evaluation import Evaluator, Outcome
from modelhub.dql.facts import Facts
from modelhub.dql.formatter import format_expression
from modelhub.dql.limits import Limits
from modelhub.dql.parser import parse
from modelhub.dql.pushdown import candidates
from modelhub.dql.result import QueryResult, QueryStep
from modelhub.dql.syntax import (
    Call,
    Expression,
    Has,
    Hop,
    Item,
    Key,
    Let,
    Literal,
    Logical,
    Path,
    Placed,
    Query,
    Select,
    Selector,
    Source,
    Template,
)
from modelhub.dql.trees import mapped, walk
from modelhub.dql.words import AGGREGATES
from modelhub.errors import QueryError

Tuple = Mapping[str, Row[Any]]
_NEARER = [Template(name=each) for each in ("RELU", "NORM", "DROPOUT", "LRN")]


def query(
    repository: Metadata, text: str, *, limits: Limits | None = None, **parameters: Any
) -> QueryResult:
    """Run a query; of several statements, the last one gives the rows.

    Nothing is written. Values are never pasted into the text: `:name` stands for a parameter.

    Args:
        repository: where.
        text: in DQL (docs/reference/dql.md).
        limits: what it may cost.
        parameters: values by name.

    Raises:
        QueryError: it cannot be read, names what there is not, or costs too much.
    """
    return Executor(repository, text, limits or Limits()).run(parameters)


class Executor:
    """Runs the statements of one text; facts and answers are kept for all of them."""

    def __init__(self, repository: Metadata, source: str, limits: Limits) -> None:
        self._source, self._limits = source, limits
        self._facts = Facts(repository.catalog)
        self._named: dict[str, list[VersionRef]] = {}
        self._evaluator = Evaluator(
            self._facts, source, subquery=self._first_column, seconds=limits.seconds
        )

    def run(self, given: Given) -> QueryResult:
        """All statements; the rows of the last one."""
        result = QueryResult(columns=[], rows=[])
        for each in bind(parse(self._source), self._source, given):
            if isinstance(each, Let):
                result = self._query(each.query)
                self._named[each.name] = self._versions(result, each)
            else:
                result = self._query(each)
        return result

    def _query(self, found: Query) -> QueryResult:
        if not isinstance(found, Select):
            verb = getattr(found, "verb", "evaluate")
            self._fail(f"{verb} is read, but cannot be run yet; only select can", found)
        Checker(self._facts, self._source).check(found)
        plan: list[QueryStep] = []
        variables = variables_of(found)
        if not found.items:
            items = [Item(value=Path(root=each)) for each in variables]
            found = replace(found, items=items)
        tuples = self._tuples(found, variables, plan)
        rows = self._rows(found, tuples)
        plan.append(QueryStep(step="rows", rows=len(rows)))
        notes = [] if rows or tuples else self._why_empty(found, variables)
        columns = [each.name or format_expression(each.value) for each in found.items]
        return QueryResult(columns=columns, rows=rows, notes=notes, plan=plan)

    def _versions(self, result: QueryResult, part: Placed) -> list[VersionRef]:
        found = result.versions
        if len(found) != len(result.rows):
            self._fail("a variable ranges over versions; select those first", part)
        return found

    def _first_column(self, found: Select) -> list[Any]:
        return [row[0] for row in self._query(found).rows if row[0] is not None]

    # Which tuples of versions match.

    def _tuples(
        self, found: Select, variables: Sequence[str], plan: list[QueryStep]
    ) -> list[Tuple]:
        parts = conjuncts(found.where)
        ranges = []
        sources = found.sources or [Source(variable=each) for each in variables]
        for variable, source in zip(variables, sources, strict=True):
            own = [each for each in parts if roots_of(each) == {variable}]
            statement = candidates(own)
            plan.append(QueryStep(step=f"{variable}: {' '.join(str(statement).split())}"))
            rows = self._ranging(source, self._facts.versions(statement))
            plan.append(QueryStep(step=f"{variable}: candidates", rows=len(rows)))
            rows = [row for row in rows if self._holds(own, {variable: row})]
            plan.append(QueryStep(step=f"{variable}: own conditions hold", rows=len(rows)))
            ranges.append((variable, rows))
        return self._joined(ranges, parts)

    def _ranging(self, source: Source, rows: Sequence[Row[Any]]) -> list[Row[Any]]:
        """The candidates that a source gives."""
        if source.query is not None:
            allowed = self._versions(self._query(source.query), source)
        elif source.saved is not None:
            if source.saved not in self._named:
                hint = did_you_mean(source.saved, self._named)
                self._fail(f"no query is called {source.saved!r}", source, hint)
            allowed = self._named[source.saved]
        elif source.variable in self._named:
            allowed = self._named[source.variable or ""]
        else:
            return list(rows)
        ids = {each.id for each in allowed}
        return [row for row in rows if row.id in ids]

    def _holds(self, parts: Sequence[Expression], versions: Tuple) -> Outcome:
        """Conditions that all must hold, together: bindings pass from one to the next."""
        if not parts:
            return [{}]
        whole = parts[0] if len(parts) == 1 else Logical(operator="and", parts=parts)
        return self._evaluator.outcome(whole, versions, {})

    def _joined(
        self, ranges: Sequence[tuple[str, list[Row[Any]]]], parts: Sequence[Expression]
    ) -> list[Tuple]:
        found: list[Tuple] = [{}]
        known: set[str] = set()
        looked = 0
        for variable, rows in ranges:
            known.add(variable)
            looked += len(found) * len(rows)
            if looked > self._limits.candidates:
                self._limit(f"look at more than {self._limits.candidates:,} tuples of versions")
            ready = [each for each in parts if variable in roots_of(each) <= known]
            joins = [each for each in ready if len(roots_of(each)) > 1]
            pairs = ({**each, variable: row} for each in found for row in rows)
            found = [each for each in pairs if not joins or self._holds(joins, each)]
        loose = [each for each in parts if not roots_of(each)]
        return [each for each in found if self._holds(loose, each)]

    # What is shown of them.

    def _rows(self, found: Select, tuples: list[Tuple]) -> list[list[Any]]:
        shown = [each.value for each in found.items]
        aliases = {each.name: each.value for each in found.items if each.name}
        order = [replace(each, value=_unaliased(each.value, aliases)) for each in found.order]
        whole = [*shown, *(each.value for each in order), *([found.having] if found.having else [])]
        if found.group or any(map(has_aggregate, whole)):
            groups = self._groups(found, tuples)
        else:
            groups = [[each] for each in tuples]
        if found.having is not None:
            groups = [each for each in groups if self._cell(found.having, each) is True]
        groups = self._ordered(order, groups)
        rows = [[self._cell(each, group) for each in shown] for group in groups]
        if found.is_distinct:
            rows = list({repr(row): row for row in rows}.values())
        start = found.offset if isinstance(found.offset, int) else 0
        rows = rows[start:]
        rows = rows[: self._whole(found.limit)] if found.limit is not None else rows
        if len(rows) > self._limits.rows:
            self._limit(f"give more than {self._limits.rows:,} rows")
        return rows

    def _whole(self, found: object) -> int:
        value = found.value if isinstance(found, Literal) else found
        if not isinstance(value, int) or value < 0:
            self._limit("have such a limit; it is a whole number")
        return value

    def _groups(self, found: Select, tuples: list[Tuple]) -> list[list[Tuple]]:
        if not found.group:
            return [tuples]
        groups: dict[str, list[Tuple]] = {}
        for each in tuples:
            key = repr([self._cell(expression, [each]) for expression in found.group])
            groups.setdefault(key, []).append(each)
        return list(groups.values())

    def _ordered(self, keys: Sequence[Key], groups: list[list[Tuple]]) -> list[list[Tuple]]:
        for key in reversed(keys):
            cells = [(self._cell(key.value, each), each) for each in groups]
            nulls = [each for cell, each in cells if cell is None]
            known = [(cell, each) for cell, each in cells if cell is not None]
            try:
                known.sort(key=lambda pair: _sortable(pair[0]), reverse=key.is_descending)
            except TypeError:
                self._fail("values of different kinds have no order", key)
            rest = [each for _, each in known]
            groups = nulls + rest if key.nulls_first else rest + nulls
        return groups

    def _cell(self, found: Expression, group: Sequence[Tuple]) -> Any:
        """A value for a group of tuples; aggregates are taken over all of it."""
        if has_aggregate(found):
            found = mapped(found, lambda part: self._aggregate(part, group))
        if not group:
            return found.value if isinstance(found, Literal) else None
        values = self._evaluator.values(found, group[0], {})
        return values[0] if len(values) == 1 else (list(values) or None)

    def _aggregate(self, part: Placed, group: Sequence[Tuple]) -> Placed | None:
        if not isinstance(part, Call) or part.name not in AGGREGATES:
            return None
        if part.is_star:
            return Literal(value=len(group))
        if len(part.arguments) != 1:
            self._fail(f"{part.name} takes one value", part)
        [argument] = part.arguments
        values = [v for each in group for v in self._evaluator.values(argument, each, {})]
        if part.is_distinct:
            values = list({repr(each): each for each in values}.values())
        if part.name == "count":
            return Literal(value=len(values))
        if not values:
            return Literal(value=None)
        if part.name in ("avg", "sum") and any(isinstance(v, str | VersionRef) for v in values):
            self._fail(f"{part.name} is taken of numbers", part)
        try:
            ways: Mapping[str, Callable[[list[Any]], Any]] = {
                "min": min,
                "max": max,
                "sum": sum,
                "avg": lambda v: sum(v) / len(v),
            }
            return Literal(value=ways[part.name](values))
        except TypeError:
            self._fail("values of different kinds have no order", part)

    # Why there are none.

    def _why_empty(self, found: Select, variables: Sequence[str]) -> list[str]:
        """Which condition removed the last rows, and what would not."""
        parts = conjuncts(found.where)
        if len(variables) != 1 or not parts:
            return []
        [variable] = variables
        source = found.sources[0] if found.sources else Source(variable=variable)
        rows = self._ranging(source, self._facts.versions(candidates([])))
        for count, part in enumerate(parts, start=1):
            left = [row for row in rows if self._holds(parts[:count], {variable: row})]
            if not left:
                first = f"{len(rows)} of the versions match what stands before"
                removed = f"{first}, none of them {format_expression(part)}"
                return [removed, *self._nearer(part, parts[: count - 1], variable, rows)]
            rows = left
        return []

    def _nearer(
        self, part: Expression, before: Sequence[Expression], variable: str, rows: list[Row[Any]]
    ) -> Iterator[str]:
        """What is like a condition, and would match."""
        for nearer in _nearer_conditions(part):
            found = [r for r in rows if self._holds([*before, nearer], {variable: r})]
            if found:
                yield f"{_versions_match(len(found))} with: {format_expression(nearer)}"
                return

    def _fail(self, problem: str, part: Placed, hint: str = "") -> NoReturn:
        raise QueryError(problem, source=self._source, span=part.span, hint=hint)

    def _limit(self, what: str) -> NoReturn:
        raise QueryError(
            f"a query may not {what}", source=self._source, span=(0, 1), hint="ask for less"
        )


def _versions_match(count: int) -> str:
    return f"{count} version matches" if count == 1 else f"{count} versions match"


def _nearer_conditions(part: Expression) -> Iterator[Expression]:
    if not isinstance(part, Has) or not isinstance(part.nodes, Path):
        return
    if not part.via and any(isinstance(each, Hop) for each in part.nodes.steps):
        for count in range(1, len(_NEARER) + 1):
            yield replace(part, via=_NEARER[:count])
    if not any(isinstance(each, Hop) for each in part.nodes.steps):
        return
    if isinstance(part.nodes.steps[0], Selector):
        templates = [replace(each, arguments=[]) for each in part.templates]
        yield replace(part, templates=templates)


def conjuncts(where: Expression | None) -> Sequence[Expression]:
    """The conditions that all must hold."""
    if where is None:
        return []
    return where.parts if isinstance(where, Logical) and where.operator == "and" else [where]


def roots_of(found: Expression) -> set[str]:
    """The variables that an expression names, apart from queries inside it."""
    shell = Select(items=[Item(value=found)])
    return {part.root for part in own_parts(shell) if isinstance(part, Path)}


def has_aggregate(found: Expression) -> bool:
    """Whether anything in an expression is taken over many rows."""
    return any(isinstance(part, Call) and part.name in AGGREGATES for part in walk(found))


def _unaliased(found: Expression, aliases: Mapping[str, Expression]) -> Expression:
    def change(part: Placed) -> Placed | None:
        return aliases.get(part.root) if isinstance(part, Path) and not part.steps else None

    return mapped(found, change)


def _sortable(value: Any) -> Any:
    if isinstance(value, VersionRef):
        return (value.name, value.number)
    return [str(each) for each in value] if isinstance(value, list) else value
