"""Which of several stored copies to use, so that no delta cycle can arise (repository.md §6).

Pure functions: what they return depends on what is there, never on the order of finding it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

K = TypeVar("K", bound=str)


class Costed(Protocol):
    """Something of which there may be several, and the best is wanted."""

    @property
    def cost(self) -> int:
        """Stored bytes."""
        ...

    @property
    def order(self) -> tuple[str | int, ...]:
        """Decides between those of equal cost; distinct for distinct ones."""
        ...


class Candidate(Costed, Protocol):
    """One complete way to read something."""

    @property
    def base(self) -> str | None:
        """What must be read first, or None."""
        ...


class Run(Costed, Protocol):
    """Some consecutive groups of one level."""

    @property
    def group(self) -> int:
        """The first one."""
        ...

    @property
    def groups(self) -> int:
        """How many they are."""
        ...


C = TypeVar("C", bound=Candidate)
R = TypeVar("R", bound=Run)


def _nowhere(_base: str) -> None:
    """Nothing is outside."""


def choose(
    candidates: Mapping[K, Sequence[C]], *, outside: Callable[[str], int | None] = _nowhere
) -> dict[K, tuple[int, C]]:
    """Give each key a depth and the candidate by which it is read.

    A candidate without a base has depth 0; one whose base has depth d - 1 has depth d. Each key
    takes the least depth that it can have, and there the candidate of least cost, then of least
    order. A base always has a smaller depth, so no cycle is possible.

    Args:
        candidates: all ways to read each key.
        outside: the depth of a base that is not among the keys, or None if it is not to be had.

    Returns:
        Depth and candidate of each key that can be read, by ascending depth; the others are lost.

    Cost:
        linear in the number of candidates, but for sorting.

    Source:
        docs/spec/repository.md §6.3.
    """
    waiting: dict[str, list[tuple[K, C]]] = {}  # base -> what could be read with it
    offers: dict[int, list[tuple[K, C]]] = {}  # depth -> what can be read there
    for key, found in candidates.items():
        for candidate in found:
            depth = _known_depth(candidate.base, candidates, outside)
            if depth is None:
                waiting.setdefault(candidate.base or "", []).append((key, candidate))
            else:
                offers.setdefault(depth, []).append((key, candidate))
    chosen: dict[K, tuple[int, C]] = {}
    while offers:
        depth = min(offers)
        for key, candidate in _best(offers.pop(depth), chosen).items():
            chosen[key] = (depth, candidate)
            if key in waiting:
                offers.setdefault(depth + 1, []).extend(waiting.pop(key))
    return chosen


def _known_depth(
    base: str | None, keys: Mapping[K, object], outside: Callable[[str], int | None]
) -> int | None:
    """Depth of a candidate that waits for nothing among the keys."""
    if base is None:
        return 0
    beyond = None if base in keys else outside(base)
    return None if beyond is None else beyond + 1


def _best(offers: Iterable[tuple[K, C]], chosen: Mapping[K, object]) -> dict[K, C]:
    best: dict[K, C] = {}
    for key, candidate in offers:
        rival = best.get(key)
        if key not in chosen and (rival is None or _rank(candidate) < _rank(rival)):
            best[key] = candidate
    return best


def _rank(candidate: Costed) -> tuple[int, tuple[str | int, ...]]:
    return candidate.cost, candidate.order


def tile(runs: Iterable[R], groups: int) -> list[R] | None:
    """Runs that cover groups 0 … `groups` - 1 of a level exactly once, or None.

    Where several sets do, the one of least cost is taken, then the one whose first differing
    run has the least order.

    Cost:
        linear in the number of runs, but for sorting.
    """
    rest: dict[int, tuple[int, R | None]] = {groups: (0, None)}  # group -> cost and run from it
    for run in sorted(runs, key=lambda run: (-run.group, run.order)):
        after = rest.get(run.group + run.groups)
        if after is None or run.groups < 1:
            continue
        cost = run.cost + after[0]
        if run.group not in rest or cost < rest[run.group][0]:
            rest[run.group] = (cost, run)
    return _walk(rest) if 0 in rest else None


def _walk(rest: Mapping[int, tuple[int, R | None]]) -> list[R]:
    found: list[R] = []
    _, run = rest[0]
    while run is not None:
        found.append(run)
        _, run = rest[run.group + run.groups]
    return found
