"""Queries, run on a repository: which versions may match in SQL, the rest on their facts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from modelhub.dlv.metadata import Metadata
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.versions import VersionRef
from modelhub.dql.binder import Checker, Given, bind, variables_of
from modelhub.dql.changes import Changes
from modelhub.dql.constructs import Construction, constructed_network
from modelhub.dql.emptiness import why_empty
from modelhub.dql.evaluation import Evaluator
from modelhub.dql.facts import Facts
from modelhub.dql.formatter import format_expression
from modelhub.dql.limits import Limits
from modelhub.dql.matching import Matcher, Tuple, conjuncts
from modelhub.dql.parser import parse
from modelhub.dql.refusal import Refusing
from modelhub.dql.result import QueryResult, QueryStep
from modelhub.dql.rows import Table
from modelhub.dql.slices import Slice, sliced_network
from modelhub.dql.syntax import (
    Attribute,
    Derive,
    Evaluate,
    Item,
    Let,
    Path,
    Placed,
    Query,
    Select,
    Source,
    Statement,
)
from modelhub.errors import InputError


def query(
    repository: Metadata, text: str, *, limits: Limits | None = None, **parameters: Any
) -> QueryResult:
    """Run a query; of several statements, the last one gives the rows.

    Nothing is written. Values are never pasted into the text: `:name` stands for a parameter.

    Args:
        repository: where.
        text: in DQL (docs/spec/dql.md).
        limits: what it may cost.
        parameters: values by name.

    Raises:
        QueryError: it cannot be read, names what there is not, or costs too much.
    """
    return Executor(repository, text, limits or Limits()).run(parameters)


class Executor(Refusing):
    """Runs the statements of one text; facts and answers are kept for all of them."""

    def __init__(self, repository: Metadata, source: str, limits: Limits) -> None:
        super().__init__(source)
        self._facts = Facts(repository.catalog)
        self._repository = repository
        self._evaluator = evaluator = Evaluator(
            self._facts, source, subquery=self._first_column, seconds=limits.seconds
        )
        self._derived: dict[str, QueryResult] = {}  # by name: networks that are no versions
        self._table = Table(evaluator, source, limits)
        self._matcher = Matcher(
            self._facts, source, evaluator=evaluator, inner=self._inner, limits=limits
        )

    def run(self, given: Given) -> QueryResult:
        """All statements; the rows of the last one."""
        result = QueryResult(columns=[], rows=[])
        for each in bind(parse(self.source), self.source, given):
            result = self.statement(each)
        return result

    def statement(self, found: Statement) -> QueryResult:
        """One statement; what `let` names is known to those behind it."""
        if not isinstance(found, Let):
            return self._query(found)
        result = self._query(found.query)
        self._matcher.named[found.name] = self._versions(result, found)
        if result.slices or result.constructions:
            self._derived[found.name] = result
        return result

    def networks(self, found: Evaluate) -> QueryResult:
        """The versions, slices or constructions that an `evaluate` ranges over.

        Raises:
            QueryError: it ranges over more than one variable, or asks conditions of networks
                that are no versions.
        """
        if len(found.sources) > 1:
            self.fail("networks of one variable are tried", found.sources[1])
        source = found.sources[0] if found.sources else Source(variable=found.variable)
        source = replace(source, variable=found.variable)
        name = source.saved or (found.sources[0].variable if found.sources else None)
        made = self._derived.get(name) if name is not None else None
        if isinstance(source.query, Derive):
            made = self._query(source.query)
        if made is not None:
            if found.where is not None:
                self.fail("conditions are asked of versions; put them into what makes these", found)
            return made
        if source.saved is None and name in self._matcher.named:
            source = replace(source, saved=name)
        items = [Item(value=Path(root=found.variable))]
        return self._query(Select(items=items, sources=[source], where=found.where))

    def _query(self, found: Query) -> QueryResult:
        if isinstance(found, Derive) and found.verb == "slice":
            return self._slice(found)
        if isinstance(found, Derive):
            return self._construct(found)
        if not isinstance(found, Select):
            hint = "run it with: dlv query, or modelhub.dql.evaluate"
            self.fail("evaluate trains networks, and stands alone or behind let", found, hint)
        Checker(self._facts, self.source).check(found)
        variables = variables_of(found)
        if not found.items:
            found = replace(found, items=[Item(value=Path(root=each)) for each in variables])
        sources = sources_of(found.sources, variables)
        plan: list[QueryStep] = []
        tuples = self._matcher.tuples(sources, found.where, plan)
        rows = self._table.rows(found, tuples)
        plan.append(QueryStep(step="rows", rows=len(rows)))
        notes: list[str] = []
        if not rows and not tuples and len(sources) == 1 and found.where is not None:
            [(variable, source)] = sources.items()
            notes = why_empty(self._matcher, variable, source, found.where)
        columns = [each.name or format_expression(each.value) for each in found.items]
        return QueryResult(columns=columns, rows=rows, notes=notes, plan=plan)

    def _slice(self, found: Derive) -> QueryResult:
        """Cut what lies between two nodes out of each version that matches."""
        repository = self._repository
        if not isinstance(repository, ReadableRepository):
            self.fail("a slice reads networks, which needs the repository's objects", found)
        start, end = self._ends(found)
        shell = Select(
            items=[Item(value=start), Item(value=end)], sources=found.sources, where=found.where
        )
        Checker(self._facts, self.source).check(shell)
        variables = variables_of(shell)
        if len(variables) != 1 or found.variable in variables:
            self.fail("a slice is cut out of one variable, which is not its own", found)
        plan: list[QueryStep] = []
        sources = sources_of(found.sources, variables)
        tuples = self._matcher.tuples(sources, found.where, plan)
        slices, rows = [], []
        for [row] in (list(each.values()) for each in tuples):
            ref = VersionRef(id=row.id, name=row.name, number=row.number)
            first, last = (self._one_node(each, {variables[0]: row}, ref) for each in (start, end))
            cut = Slice(source=ref, start=first, end=last)
            try:
                network = sliced_network(repository, cut)
            except InputError as error:
                self.fail(f"{ref}: {error}", found)
            slices.append(cut)
            rows.append([ref, first, last, len(network.nodes), network.parameter_count])
        columns = ["source", "input", "output", "nodes", "parameters"]
        return QueryResult(columns=columns, rows=rows, plan=plan, slices=slices)

    def _construct(self, found: Derive) -> QueryResult:
        """Change the network of each version that matches."""
        repository = self._repository
        if not isinstance(repository, ReadableRepository):
            self.fail("a construction reads networks, which needs the repository's objects", found)
        changes = Changes(self.source, self._evaluator)
        items = [Item(value=each) for each in changes.check(found.actions)]
        shell = Select(items=items, sources=found.sources, where=found.where)
        Checker(self._facts, self.source).check(shell)
        variables = variables_of(shell)
        if len(variables) != 1 or found.variable in variables:
            self.fail("a network is made of one variable's, which is not its own", found)
        plan: list[QueryStep] = []
        tuples = self._matcher.tuples(sources_of(found.sources, variables), found.where, plan)
        made, rows = [], []
        for each in tuples:
            [row] = each.values()
            ref = VersionRef(id=row.id, name=row.name, number=row.number)
            bounds = self._matcher.holds(conjuncts(found.where), each) or []
            wanted = changes.of(found.actions, each, bounds, ref)
            new = Construction(source=ref, changes=wanted)
            try:
                network = constructed_network(repository, new)
            except InputError as error:
                self.fail(f"{ref}: {error}", found)
            made.append(new)
            size = [len(network.nodes), network.parameter_count]
            rows.append([ref, new.inserted, new.deleted, *size])
        columns = ["source", "inserted", "deleted", "nodes", "parameters"]
        return QueryResult(columns=columns, rows=rows, plan=plan, constructions=made)

    def _ends(self, found: Derive) -> tuple[Path, Path]:
        """The paths to the first and the last node."""
        ends: dict[str, Path] = {}
        for each in found.actions:
            step = each.path.steps[-1]
            word = step.name if isinstance(step, Attribute) else ""
            is_own = each.path.root == found.variable and len(each.path.steps) == 1
            if not is_own or word not in ("input", "output") or not isinstance(each.value, Path):
                hint = f'as in {found.variable}.input = m["conv1"]'
                self.fail("a slice has an input and an output, and no other changes", each, hint)
            if word in ends:
                self.fail(f"a slice has one {word}", each)
            ends[word] = each.value
        if len(ends) != 2:  # noqa: PLR2004 - a beginning and an end
            missing = "output" if "input" in ends else "input"
            self.fail(f"a slice needs an {missing}, too", found)
        return ends["input"], ends["output"]

    def _one_node(self, path: Path, versions: Tuple, ref: VersionRef) -> str:
        nodes = self._evaluator.nodes(path, versions)
        if len(nodes) != 1:
            shown = ", ".join(nodes[:10]) or "none"
            self.fail(f"{len(nodes)} nodes of {ref} where a slice takes one: {shown}", path)
        return nodes[0]

    def _inner(self, found: Query, part: Placed) -> list[VersionRef]:
        return self._versions(self._query(found), part)

    def _versions(self, result: QueryResult, part: Placed) -> list[VersionRef]:
        found = result.versions
        if len(found) != len(result.rows):
            self.fail("a variable ranges over versions; select those first", part)
        return found

    def _first_column(self, found: Select) -> list[Any]:
        return [row[0] for row in self._query(found).rows if row[0] is not None]


def sources_of(sources: Sequence[Source], variables: Sequence[str]) -> dict[str, Source]:
    """What each variable ranges over; the repository where nothing is said."""
    found = sources or [Source(variable=each) for each in variables]
    return dict(zip(variables, found, strict=True))
