"""How a plan stores each matrix of a snapshot, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from modelhub.dlv.matrices import Matrices, PlannedSnapshot
from modelhub.dlv.storage_ways import Way, Ways
from modelhub.pas import EMPTY, StoragePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMatrix:
    """How one matrix is stored.

    Attributes:
        name: its name in the snapshot.
        base: the revision and name of what it is a delta of; None if it is stored whole.
        depth: how many bases must be read before it.
        size: bytes.
        seconds: to read it with all its bases.
        why: what speaks for this way.
    """

    name: str
    base: str | None
    depth: int
    size: int
    seconds: float
    why: str


def explain(ways: Ways, plan: StoragePlan, snapshot: PlannedSnapshot) -> list[StoredMatrix]:
    """The matrices of a snapshot, in their order there."""
    chosen = [ways.ways[at] for at in plan.given]
    places = _places(ways.matrices, snapshot)
    found = []
    for name, matrix in snapshot.members.items():
        chain = _chain(chosen, matrix)
        way = chain[0]
        found.append(
            StoredMatrix(
                name=name,
                base=None if way.base == EMPTY else places.get(way.base, "a removed version"),
                depth=len(chain) - 1,
                size=way.size,
                seconds=sum(each.seconds for each in chain),
                why=_why(ways, way, places),
            )
        )
    return found


def _chain(chosen: Sequence[Way], matrix: int) -> list[Way]:
    found = [chosen[matrix - 1]]
    while found[-1].base != EMPTY:
        found.append(chosen[found[-1].base - 1])
    return found


def _places(matrices: Matrices, first: PlannedSnapshot) -> dict[int, str]:
    """Where each matrix is found first; in the snapshot itself, by its name alone."""
    found = {number: name for name, number in first.members.items()}
    for each in matrices.snapshots:
        for name, number in each.members.items():
            found.setdefault(number, f"{each.label}::{name}")
    return found


def _why(ways: Ways, way: Way, places: dict[int, str]) -> str:
    if way.matrix > ways.matrices.movable:
        return "it stays as it is: no planned snapshot holds it, or its groups are of another size"
    known = ways.of(way.matrix)
    if len(known) == 1 or (way.base == EMPTY and all(each.base == EMPTY for each in known)):
        return "nothing that is stored resembles it"
    least = known[0]
    if way.size <= least.size:
        return f"the smallest of {len(known)} ways"
    other = "whole" if least.base == EMPTY else f"a delta of {places.get(least.base, 'another')}"
    saved = way.size - least.size
    if way.is_present and saved < way.size * 0.01:
        return f"it stays as it is: {other}, it would be only {saved:,} bytes smaller"
    return (
        f"{other}, it would be {saved:,} bytes smaller; a budget, or what leans on it, "
        "does not allow that"
    )
