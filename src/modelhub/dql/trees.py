"""Walking through trees of a query, whatever they are made of."""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any, TypeVar

from modelhub.dql.syntax import Derive, Evaluate, Placed, Select

T = TypeVar("T")


def walk(tree: object) -> Iterator[Placed]:
    """Every part of a tree, itself first."""
    if isinstance(tree, Placed):
        yield tree
        for each in fields(tree):
            yield from walk(getattr(tree, each.name))
    elif isinstance(tree, list | tuple):
        for each in tree:
            yield from walk(each)


def walk_outer(tree: Placed) -> Iterator[Placed]:
    """Every part of a tree but those of queries inside it."""
    yield tree
    for each in fields(tree):
        yield from _outer(getattr(tree, each.name))


def _outer(found: object) -> Iterator[Placed]:
    if isinstance(found, Placed) and not isinstance(found, Select | Derive | Evaluate):
        yield from walk_outer(found)
    elif isinstance(found, list | tuple):
        for each in found:
            yield from _outer(each)


def mapped(tree: T, change: Callable[[Placed], Placed | None]) -> T:
    """A tree in which `change` has replaced parts; where it gives None, it goes on below."""
    found: Any = tree
    if isinstance(tree, Placed):
        new = change(tree)
        if new is not None:
            found = new
        else:
            parts = {f.name: mapped(getattr(tree, f.name), change) for f in fields(tree)}
            found = replace(tree, **parts)
    elif isinstance(tree, list | tuple) and not _is_span(tree):
        found = [mapped(each, change) for each in tree]
    return found  # type: ignore[no-any-return]


def _is_span(tree: object) -> bool:
    return isinstance(tree, tuple) and all(isinstance(each, int) for each in tree)
