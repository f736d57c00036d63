"""Pairs of matrices of which one may be a small delta of the other, without trying all pairs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from modelhub.dlv.matrices import Matrices, PlannedSnapshot
from modelhub.pas import SizeEstimator

Pair = tuple[int, int]  # numbers of matrices, the smaller first
Reals = npt.NDArray[np.float64]

_FLOOR = 1e-30  # below it, a difference is none
_HUGE = 64.0  # bits; what is larger is mostly no number
_ALIKE = 0.25  # bits by which a difference may be larger than the values themselves
_ROWS = 1 << 14  # of distances at once


def resembling(matrices: Matrices, sizes: SizeEstimator, *, nearest: int) -> list[Pair]:
    """Pairs worth an estimate, in order.

    They are those of one name in neighbouring snapshots of a version, in a snapshot and its
    version's latest or its parent's latest, and in siblings; and the nearest of equal dtype and
    shape. Of all of them, those are left out whose sketches differ by as much as unrelated
    numbers do.

    Args:
        matrices: of which the movable ones are paired.
        sizes: makes the sketches.
        nearest: how many neighbours are looked for by content.

    Cost:
        decodes a sample of each matrix; distances of all pairs of equal dtype and shape, 64
        numbers each.

    Source:
        the distance is the mean log2 of the differences of 64 elements: so many bits a delta has.
    """
    kinds: dict[tuple[object, ...], list[int]] = {}
    for number, each in enumerate(matrices.stored[: matrices.movable], 1):
        kinds.setdefault((each.info.dtype, each.info.shape), []).append(number)
    kin: dict[int, set[int]] = {}
    for one, other in lineage_pairs(matrices):
        kin.setdefault(one, set()).add(other)
    found: set[Pair] = set()
    for members in kinds.values():
        if len(members) > 1:
            sketches = np.stack([sizes.values(matrices.stored[at - 1]) for at in members])
            found |= set(_near(members, sketches, kin, nearest))
    return sorted(found)


def _near(
    members: Sequence[int], sketches: Reals, kin: Mapping[int, set[int]], nearest: int
) -> Iterator[Pair]:
    own = np.minimum(_bits(sketches), _HUGE) + _ALIKE
    for row, number in enumerate(members):
        distance = np.concatenate(
            [
                _bits(_apart(sketches[start : start + _ROWS], sketches[row]))
                for start in range(0, len(members), _ROWS)
            ]
        )
        distance[row] = np.inf
        first = set(np.argsort(distance, kind="stable")[:nearest].tolist())
        related = kin.get(number, set())
        for at, other in enumerate(members):
            if (at in first or other in related) and distance[at] < min(own[row], own[at]):
                yield _pair(number, other)


def _apart(some: Reals, one: Reals) -> Reals:
    with np.errstate(invalid="ignore", over="ignore"):
        found: Reals = some - one
    return found


def _bits(differences: Reals) -> Reals:
    size = np.abs(differences)
    size = np.where(np.isfinite(size), size, 1 / _FLOOR)
    found: Reals = np.log2(np.maximum(size, _FLOOR)).mean(axis=1)
    return found


def lineage_pairs(matrices: Matrices) -> set[Pair]:
    """Movable matrices of one name, dtype and shape in snapshots that are kin."""
    found: set[Pair] = set()
    for one, other in _kin(matrices):
        for name, number in one.members.items():
            second = other.members.get(name, number)
            if number != second and max(number, second) <= matrices.movable:
                found.add(_pair(number, second))
    return {pair for pair in found if _are_alike(matrices, pair)}


def _are_alike(matrices: Matrices, pair: Pair) -> bool:
    one, other = (matrices.stored[number - 1].info for number in pair)
    return (one.dtype, one.shape) == (other.dtype, other.shape)


def _pair(one: int, other: int) -> Pair:
    return min(one, other), max(one, other)


def _kin(matrices: Matrices) -> Iterator[tuple[PlannedSnapshot, PlannedSnapshot]]:
    versions: dict[int, list[PlannedSnapshot]] = {}
    for each in matrices.snapshots:
        versions.setdefault(each.version, []).append(each)
    latest = {key: snapshots[-1] for key, snapshots in versions.items()}
    for snapshots in versions.values():
        yield from pairwise(snapshots)
        yield from ((each, snapshots[-1]) for each in snapshots[:-2])
    for key, snapshots in versions.items():
        for parent in matrices.parents.get(key, ()):
            if parent in latest:
                yield from ((latest[parent], each) for each in snapshots)
    for group in _brothers(matrices, latest):
        yield from pairwise(latest[key] for key in group)


def _brothers(matrices: Matrices, latest: Mapping[int, PlannedSnapshot]) -> Iterable[Sequence[int]]:
    """Versions of one parent; and those without parents that have one name."""
    children: dict[object, list[int]] = {}
    for key, snapshot in latest.items():
        parents: Sequence[object] = matrices.parents.get(key) or [snapshot.ref.name]
        for parent in parents:
            children.setdefault(parent, []).append(key)
    return children.values()
