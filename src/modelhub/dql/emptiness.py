"""Why a query gives nothing: which condition removed the last versions, and what would not."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from modelhub.dql.formatter import format_expression
from modelhub.dql.matching import Matcher, conjuncts
from modelhub.dql.pushdown import candidates
from modelhub.dql.syntax import Expression, Has, Hop, Path, Selector, Source, Template

_NEARER = [Template(name=each) for each in ("RELU", "NORM", "DROPOUT", "LRN")]


def why_empty(matcher: Matcher, variable: str, source: Source, where: Expression) -> list[str]:
    """What is to be said of conditions on one variable that nothing meets."""
    parts = conjuncts(where)
    rows = matcher.ranging(source, matcher.facts.versions(candidates([])))
    for count, part in enumerate(parts, start=1):
        left = [row for row in rows if matcher.holds(parts[:count], {variable: row})]
        if not left:
            first = f"{len(rows)} of the versions match what stands before"
            removed = f"{first}, none of them {format_expression(part)}"
            return [removed, *_nearer(matcher, part, parts[: count - 1], variable, rows)]
        rows = left
    return []


def _nearer(
    matcher: Matcher,
    part: Expression,
    before: Sequence[Expression],
    variable: str,
    rows: Sequence[Row[Any]],
) -> Iterator[str]:
    """What is like a condition, and would match."""
    for nearer in _nearer_conditions(part):
        count = sum(bool(matcher.holds([*before, nearer], {variable: row})) for row in rows)
        if count:
            match = "1 version matches" if count == 1 else f"{count} versions match"
            yield f"{match} with: {format_expression(nearer)}"
            return


def _nearer_conditions(part: Expression) -> Iterator[Expression]:
    """The same with activations and the like skipped; with any kind of the templates."""
    if not isinstance(part, Has) or not isinstance(part.nodes, Path):
        return
    if not any(isinstance(each, Hop) for each in part.nodes.steps):
        return
    if not part.via:
        for count in range(1, len(_NEARER) + 1):
            yield replace(part, via=_NEARER[:count])
    if isinstance(part.nodes.steps[0], Selector):
        yield replace(part, templates=[replace(each, arguments=[]) for each in part.templates])
