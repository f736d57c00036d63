"""Queries, run on a repository: which versions may match in SQL, the rest on their facts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from modelhub.dlv.metadata import Metadata
from modelhub.dlv.versions import VersionRef
from modelhub.dql.binder import Checker, Given, bind, variables_of
from modelhub.dql.emptiness import why_empty
from modelhub.dql.evaluation import Evaluator
from modelhub.dql.facts import Facts
from modelhub.dql.formatter import format_expression
from modelhub.dql.limits import Limits
from modelhub.dql.matching import Matcher
from modelhub.dql.parser import parse
from modelhub.dql.refusal import Refusing
from modelhub.dql.result import QueryResult, QueryStep
from modelhub.dql.rows import Table
from modelhub.dql.syntax import Item, Let, Path, Placed, Query, Select, Source


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
        evaluator = Evaluator(
            self._facts, source, subquery=self._first_column, seconds=limits.seconds
        )
        self._table = Table(evaluator, source, limits)
        self._matcher = Matcher(
            self._facts, source, evaluator=evaluator, inner=self._inner, limits=limits
        )

    def run(self, given: Given) -> QueryResult:
        """All statements; the rows of the last one."""
        result = QueryResult(columns=[], rows=[])
        for each in bind(parse(self.source), self.source, given):
            if isinstance(each, Let):
                result = self._query(each.query)
                self._matcher.named[each.name] = self._versions(result, each)
            else:
                result = self._query(each)
        return result

    def _query(self, found: Query) -> QueryResult:
        if not isinstance(found, Select):
            verb = getattr(found, "verb", "evaluate")
            self.fail(f"{verb} is read, but cannot be run yet; only select can", found)
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
