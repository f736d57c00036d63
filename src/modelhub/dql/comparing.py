"""Values, compared: only like with like."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from modelhub.dlv.versions import VersionRef

COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def equal(one: Any, two: Any) -> bool:
    """Whether two values are of one kind, and equal."""
    return comparable(one, two, "=") and bool(one == two)


def comparable(one: Any, two: Any, comparison: str) -> bool:
    """Whether a comparison of two values has a meaning."""
    if isinstance(one, int | float) and isinstance(two, int | float):
        return isinstance(one, bool) == isinstance(two, bool)
    return type(one) is type(two) and (isinstance(one, str) or comparison in ("=", "!="))


def kind_of(value: Any) -> str:
    """What a value is, in words."""
    names = {bool: "a truth value", str: "a text", VersionRef: "a version", list: "a list"}
    return names.get(type(value), "a number")
