"""Which tuples of versions a query is about: sources, and the conditions on them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from modelhub.dlv.versions import VersionRef
from modelhub.dql.bindings import Outcome
from modelhub.dql.cursor import did_you_mean
from modelhub.dql.evaluation import Evaluator
from modelhub.dql.facts import Facts
from modelhub.dql.limits import Limits
from modelhub.dql.pushdown import candidates
from modelhub.dql.refusal import Refusing
from modelhub.dql.result import QueryStep
from modelhub.dql.syntax import Expression, Logical, Path, Placed, Query, Source
from modelhub.dql.trees import walk_outer

Tuple = Mapping[str, Row[Any]]


class Matcher(Refusing):
    """Finds the tuples of versions of which conditions hold.

    Attributes:
        facts: of the repository.
        named: the versions of queries that have a name.
    """

    def __init__(
        self,
        facts: Facts,
        source: str,
        *,
        evaluator: Evaluator,
        inner: Callable[[Query, Placed], list[VersionRef]],
        limits: Limits,
    ) -> None:
        """A matcher; `inner` runs a query that a variable ranges over."""
        super().__init__(source)
        self.facts = facts
        self.named: dict[str, list[VersionRef]] = {}
        self._evaluator, self._inner, self._limits = evaluator, inner, limits

    def tuples(
        self, sources: Mapping[str, Source], where: Expression | None, plan: list[QueryStep]
    ) -> list[Tuple]:
        """The tuples that match, in the order in which versions were committed.

        Args:
            sources: by variable.
            where: what must hold.
            plan: gets the steps, and how many rows each left.

        Raises:
            QueryError: a source is not known, or there are too many tuples.
        """
        parts = conjuncts(where)
        ranges = []
        for variable, source in sources.items():
            own = [each for each in parts if roots_of(each) == {variable}]
            statement = candidates(own)
            plan.append(QueryStep(step=f"{variable}: {' '.join(str(statement).split())}"))
            rows = self.ranging(source, self.facts.versions(statement))
            plan.append(QueryStep(step=f"{variable}: candidates", rows=len(rows)))
            rows = [row for row in rows if self.holds(own, {variable: row})]
            plan.append(QueryStep(step=f"{variable}: own conditions hold", rows=len(rows)))
            ranges.append((variable, rows))
        return self._joined(ranges, parts)

    def ranging(self, source: Source, rows: Sequence[Row[Any]]) -> list[Row[Any]]:
        """Those of the candidates that a source gives.

        Raises:
            QueryError: no query has the name that it gives.
        """
        if source.query is not None:
            allowed = self._inner(source.query, source)
        elif source.saved is not None:
            if source.saved not in self.named:
                hint = did_you_mean(source.saved, self.named) or "name one with: let NAME = …;"
                self.fail(f"no query is called {source.saved!r}", source, hint)
            allowed = self.named[source.saved]
        elif source.variable in self.named:
            allowed = self.named[source.variable or ""]
        else:
            return list(rows)
        ids = {each.id for each in allowed}
        return [row for row in rows if row.id in ids]

    def holds(self, parts: Sequence[Expression], versions: Tuple) -> Outcome:
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
                what = f"more than {self._limits.candidates:,} tuples of versions to look at"
                self.fail(what, Placed(), "ask for less")
            ready = [each for each in parts if variable in roots_of(each) <= known]
            joins = [each for each in ready if len(roots_of(each)) > 1]
            pairs = ({**each, variable: row} for each in found for row in rows)
            found = [each for each in pairs if not joins or self.holds(joins, each)]
        loose = [each for each in parts if not roots_of(each)]
        return [each for each in found if self.holds(loose, each)]


def conjuncts(where: Expression | None) -> Sequence[Expression]:
    """The conditions that all must hold."""
    if where is None:
        return []
    return where.parts if isinstance(where, Logical) and where.operator == "and" else [where]


def roots_of(found: Expression) -> set[str]:
    """The variables that an expression names, apart from queries inside it."""
    return {part.root for part in walk_outer(found) if isinstance(part, Path)}
