"""Renames of many layers said as one: `encoder` is now `backbone`, `features.3…9` moved by one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from modelhub.network.blocks import span


@dataclass(frozen=True, slots=True)
class Renaming:
    """A layer's two names, and its place in the second network."""

    before: str
    after: str
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RenamedGroup:
    """Renames that are one.

    Attributes:
        before: the name or path that changed, or the first and last of a run.
        after: what it is now.
        count: how many layers.
        place: of the first one.
        is_shift: whether numbers in a run moved by the same amount.
    """

    before: str
    after: str
    count: int
    place: int
    is_shift: bool


def group_renames(renames: Sequence[Renaming]) -> Iterator[RenamedGroup]:
    """Renames with the same cause together, in the order of their first layers.

    >>> moved = [Renaming("f.1", "f.2", 0), Renaming("f.2", "f.3", 1)]
    >>> [(each.before, each.after) for each in group_renames(moved)]
    [('f.1…2', 'f.2…3')]
    """
    groups: dict[object, list[Renaming]] = {}
    for each in renames:
        groups.setdefault(_shift(each) or _path(each), []).append(each)
    for key, group in groups.items():
        first, last = group[0], group[-1]
        if isinstance(key, _Shift) and len(group) > 1:
            before, after = span(first.before, last.before), span(first.after, last.after)
        elif len(group) > 1:
            before, after = _path(first)
        else:
            before, after = first.before, first.after
        yield RenamedGroup(
            before=before,
            after=after,
            count=len(group),
            place=first.place,
            is_shift=isinstance(key, _Shift) and len(group) > 1,
        )


@dataclass(frozen=True, slots=True)
class _Shift:
    """Numbers at one place of a path that moved by so much."""

    path: str
    by: int


def _shift(each: Renaming) -> _Shift | None:
    """The shift that a rename is, if but one number of the name differs."""
    old, new = re.split(r"(\d+)", each.before), re.split(r"(\d+)", each.after)
    if len(old) != len(new) or old[::2] != new[::2]:
        return None
    places = [i for i in range(1, len(old), 2) if old[i] != new[i]]
    if len(places) != 1:
        return None
    place = places[0]
    return _Shift("".join(old[:place]), int(new[place]) - int(old[place]))


def _path(each: Renaming) -> tuple[str, str]:
    """The parts of the two names down to the last part that differs."""
    old, new = each.before.split("."), each.after.split(".")
    while len(old) > 1 and len(new) > 1 and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return ".".join(old), ".".join(new)
