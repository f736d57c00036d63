"""What is shown of the versions that match: cells, groups, aggregates, order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from modelhub.dlv.versions import VersionRef
from modelhub.dql.evaluation import Evaluator
from modelhub.dql.limits import Limits
from modelhub.dql.matching import Tuple
from modelhub.dql.refusal import Refusing
from modelhub.dql.syntax import Call, Expression, Key, Literal, Path, Placed, Select
from modelhub.dql.trees import mapped, walk
from modelhub.dql.words import AGGREGATES


class Table(Refusing):
    """Makes rows of tuples of versions."""

    def __init__(self, evaluator: Evaluator, source: str, limits: Limits) -> None:
        super().__init__(source)
        self._evaluator, self._limits = evaluator, limits

    def rows(self, found: Select, tuples: list[Tuple]) -> list[list[Any]]:
        """A row of cells for each tuple, or for each group of them.

        Raises:
            QueryError: there are too many, or values have no order.
        """
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
            self.fail(f"more than {self._limits.rows:,} rows", Placed(), "ask for less")
        return rows

    def _whole(self, found: object) -> int:
        value = found.value if isinstance(found, Literal) else found
        if not isinstance(value, int) or value < 0:
            self.fail("a limit is a whole number", Placed())
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
                self.fail("values of different kinds have no order", key)
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
            self.fail(f"{part.name} takes one value", part)
        [argument] = part.arguments
        values = [v for each in group for v in self._evaluator.values(argument, each, {})]
        if part.is_distinct:
            values = list({repr(each): each for each in values}.values())
        if part.name == "count":
            return Literal(value=len(values))
        if not values:
            return Literal(value=None)
        if part.name in ("avg", "sum") and any(isinstance(v, str | VersionRef) for v in values):
            self.fail(f"{part.name} is taken of numbers", part)
        try:
            ways: Mapping[str, Callable[[list[Any]], Any]] = {
                "min": min,
                "max": max,
                "sum": sum,
                "avg": lambda v: sum(v) / len(v),
            }
            return Literal(value=ways[part.name](values))
        except TypeError:
            self.fail("values of different kinds have no order", part)


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
