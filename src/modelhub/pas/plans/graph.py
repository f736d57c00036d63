"""The storage graph: every way in which every matrix could be stored, as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from blake3 import blake3

Ids: TypeAlias = npt.NDArray[np.int32]
Reals: TypeAlias = npt.NDArray[np.float64]

EMPTY = 0
"""The vertex of nothing (ν₀): an edge from it stores a matrix whole."""


class Edges(NamedTuple):
    """The edges in the form in which loops read them, sorted by target.

    Attributes:
        source: the base of each edge, `EMPTY` if it stores a matrix whole.
        target: the matrix that each edge yields.
        storage: bytes (c_s).
        recreation: seconds to go along it, the base being in memory (c_r).
        in_start: edges `in_start[v]` to `in_start[v + 1]` yield v.
        out_start: as `in_start`, for `out_edge`.
        out_edge: edges by their sources.
    """

    source: Ids
    target: Ids
    storage: Reals
    recreation: Reals
    in_start: Ids
    out_start: Ids
    out_edge: Ids


class Groups(NamedTuple):
    """Matrices that are read together, with what that may cost.

    Attributes:
        start: members of group g are `member[start[g]:start[g + 1]]`.
        member: matrices; one may be in many groups.
        of_start: groups of matrix v are `of_group[of_start[v]:of_start[v + 1]]`.
        of_group: groups by their members.
        budget: seconds (θ).
    """

    start: Ids
    member: Ids
    of_start: Ids
    of_group: Ids
    budget: Reals


@dataclass(frozen=True, slots=False, kw_only=True, eq=False)
class StorageGraph:
    """Matrices, the edges that could store them, and the snapshots that they are read in.

    Made by `GraphBuilder.build`, which sorts and checks; graphs of the same edges and snapshots
    are equal, in whatever order those were added. Nothing changes it: its arrays are read-only.

    Attributes:
        matrices: how many; their vertices are 1 to `matrices`, 0 is `EMPTY`.
        edges: sorted by target, source, storage, recreation.
        given: for each edge its number in the order in which edges were added.
        snapshots: names of the groups, in alphabetical order.
        start: members of group g are `member[start[g]:start[g + 1]]`.
        member: matrices, sorted within each group.

    Source:
        Sec. IV-C of the paper, "Parameter Matrix Storage Graph".
    """

    matrices: int
    edges: Edges
    given: Ids
    snapshots: tuple[str, ...]
    start: Ids
    member: Ids

    @property
    def vertices(self) -> int:
        """The matrices, and nothing."""
        return self.matrices + 1

    @cached_property
    def digest(self) -> str:
        """What the graph is, in 64 hexadecimal digits; the order of adding is not in it."""
        found = blake3(f"storage graph 1\n{self.matrices}\n".encode())
        found.update("\0".join(self.snapshots).encode())
        for part in (*self.edges[:4], self.start, self.member):
            found.update(part.astype(part.dtype.newbyteorder("<"), copy=False).tobytes())
        return found.hexdigest()

    @cached_property
    def group_of(self) -> Ids:
        """The group of each entry of `member`."""
        sizes = np.diff(self.start)
        return np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Where each snapshot stands."""
        return {name: at for at, name in enumerate(self.snapshots)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StorageGraph) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def sums(place: npt.NDArray[np.integer], values: Reals, size: int) -> Reals:
    """Values added up by place, one after the other: the same sum on every machine."""
    found: Reals = np.bincount(place, values, size).astype(np.float64, copy=False)
    return found


def starts(keys: npt.NDArray[np.integer], size: int) -> Ids:
    """Where the runs of sorted keys 0 to `size` - 1 start, and where the last one ends."""
    found = np.zeros(size + 1, np.int32)
    np.cumsum(np.bincount(keys, minlength=size), out=found[1:])
    return found


def group_arrays(vertices: int, start: Ids, member: Ids, budget: Reals) -> Groups:
    """Groups with the groups of each matrix beside them."""
    group = np.repeat(np.arange(len(start) - 1, dtype=np.int32), np.diff(start))
    order = np.argsort(member, kind="stable")
    return Groups(
        start=start,
        member=member,
        of_start=starts(member, vertices),
        of_group=np.ascontiguousarray(group[order]),
        budget=budget,
    )
