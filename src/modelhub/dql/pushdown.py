"""What of a condition the database can decide: fewer versions to look at, and none too few.

Everything is compared again afterwards, so a statement here may only let too many through.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from modelhub.dlv.catalog.schema import hop, network, node, version
from modelhub.dql.dates import as_date
from modelhub.dql.facts import OWN
from modelhub.dql.syntax import (
    Attribute,
    Binary,
    Expression,
    Has,
    Hop,
    Like,
    Literal,
    Path,
    Selector,
    Template,
)
from modelhub.errors import InputError
from modelhub.network import canonical_template, parse_selector

_COLUMNS = {"name": version.c.name, "id": version.c.id, "number": version.c.number}
_DATES = ("created", "creation_time")


def candidates(conditions: Sequence[Expression]) -> Select[Any]:
    """The versions of which these conditions, that all must hold, may hold."""
    columns = [version.c[name] for name in OWN]
    query = select(*columns).where(version.c.removed.is_(None)).order_by(version.c.key)
    for each in conditions:
        found = _narrowed(each)
        if found is not None:
            query = query.where(found)
    return query


def _narrowed(found: Expression) -> ColumnElement[bool] | None:
    match found:
        case Binary(left=Path(steps=[Attribute(name=name)]), right=Literal(value=value)):
            return _compared(name, found.operator, value)
        case Like(
            operand=Path(steps=[Attribute(name="name")]),
            pattern=Literal(value=str() as pattern),
            is_negated=False,
            escape="\\",
        ):
            return version.c.name.like("".join(pattern.split()), escape="\\")
        case Has(
            nodes=Path(steps=[Selector(text=text), Hop(direction="next", least=1, most=1)]),
            via=[],
            is_negated=False,
            quantifier="" | "any" | "all",
        ):
            return _followed(text, found.templates)
        case _:
            return None


def _compared(name: str, operator: str, value: object) -> ColumnElement[bool] | None:
    if name in _DATES and isinstance(value, str):
        wanted = as_date(value)
        column: ColumnElement[Any] = func.substr(version.c.created, 1, len(wanted))
        return column.op(operator, is_comparison=True)(wanted)
    if name in _COLUMNS and operator == "=" and isinstance(value, int if name == "number" else str):
        return _COLUMNS[name] == value
    return None


def _followed(text: str, templates: Sequence[Template]) -> ColumnElement[bool] | None:
    """Versions whose network has an edge from a node of one of these names to a template."""
    try:
        words = parse_selector(text).words
    except InputError:
        return None
    if words is None or not words:
        return None
    own = and_(node.c.network == hop.c.network, node.c.name == hop.c.source)
    by_alias = exists().where(own, node.c.alias.in_(words))
    edges = exists().where(
        hop.c.network == network.c.key,
        or_(*map(_target, templates)),
        or_(hop.c.source.in_(words), by_alias),
    )
    return exists().where(network.c.id == version.c.network, edges)


def _target(template: Template) -> ColumnElement[bool]:
    name, kind = canonical_template(template.name) or (template.name, None)
    for each in template.arguments:
        if each.name is None and isinstance(each.value, Literal):
            kind = str(each.value.value).upper()
    found = hop.c.target_template == name
    return found if kind is None else and_(found, hop.c.target_kind == kind)
