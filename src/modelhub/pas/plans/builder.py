"""A storage graph from edges and snapshots in any order, checked."""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from modelhub.errors import InputError
from modelhub.pas.plans.graph import EMPTY, Edges, Ids, Reals, StorageGraph, starts

MAX_IDS = 2**31 - 2  # vertices, edges and memberships have 32-bit ids

Many = npt.ArrayLike


class GraphBuilder:
    """Collects edges and snapshots, and makes the graph of them.

    Args:
        matrices: how many there are; they are called 1 to `matrices`.

    Raises:
        InputError: fewer than none, or more than 32-bit ids can tell apart.
    """

    def __init__(self, matrices: int) -> None:
        if not 0 <= matrices < MAX_IDS:
            raise InputError(f"a storage graph has 0 to {MAX_IDS - 1:,} matrices, not {matrices:,}")
        self.matrices = matrices
        self._parts: list[tuple[Ids, Ids, Reals, Reals]] = []
        self._count = 0
        self._members: dict[str, Ids] = {}

    def add(self, source: int, target: int, *, storage: float, recreation: float) -> int:
        """Add one edge; its number.

        Args:
            source: the base, or `EMPTY`.
            target: the matrix that it yields.
            storage: bytes (c_s).
            recreation: seconds, the base being in memory (c_r).

        Raises:
            InputError: no such vertices, or costs that are negative or not finite.
        """
        return self.add_many([source], [target], storage=[storage], recreation=[recreation])

    def add_many(self, source: Many, target: Many, *, storage: Many, recreation: Many) -> int:
        """Add edges; the number of the first of them, the others follow.

        Raises:
            InputError: as `add`; or other edges have been added than fit into 32 bits.
        """
        ends = [_whole_numbers(source), _whole_numbers(target)]
        costs = [_costs(storage, "storage"), _costs(recreation, "recreation")]
        if len({len(part) for part in (*ends, *costs)}) != 1:
            raise InputError("edges need as many sources as targets and costs")
        self._check(*ends)
        first, self._count = self._count, self._count + len(ends[0])
        if self._count > MAX_IDS:
            raise InputError(f"a storage graph has at most {MAX_IDS:,} edges")
        base, matrix = (part.astype(np.int32) for part in ends)
        self._parts.append((base, matrix, costs[0], costs[1]))
        return first

    def snapshot(self, name: str, members: Iterable[int]) -> None:
        """Name matrices that are read together; one matrix may be in many snapshots.

        Raises:
            InputError: the name is taken, or a member is no matrix.
        """
        if name in self._members:
            raise InputError(f"two snapshots are called {name!r}")
        found = _whole_numbers(np.array(list(members), dtype=object))
        if len(found) and (found.min() < 1 or found.max() > self.matrices):
            raise InputError(f"snapshot {name!r} has members that are no matrices")
        self._members[name] = np.unique(found).astype(np.int32)

    def build(self) -> StorageGraph:
        """The graph of all that was added.

        Raises:
            InputError: a matrix cannot be made from nothing by any path.

        Cost:
            O(edges × log(edges)).
        """
        source, target, storage, recreation, given = self._sorted()
        vertices = self.matrices + 1
        edges = Edges(
            source=source,
            target=target,
            storage=storage,
            recreation=recreation,
            in_start=starts(target, vertices),
            out_start=starts(source, vertices),
            out_edge=np.argsort(source, kind="stable").astype(np.int32),
        )
        _check_reach(edges, vertices)
        names = sorted(self._members)
        sizes = [len(self._members[name]) for name in names]
        if sum(sizes) > MAX_IDS:
            raise InputError(f"snapshots have at most {MAX_IDS:,} members together")
        parts = [np.empty(0, np.int32), *(self._members[name] for name in names)]
        graph = StorageGraph(
            matrices=self.matrices,
            edges=edges,
            given=given,
            snapshots=tuple(names),
            start=np.cumsum([0, *sizes], dtype=np.int64).astype(np.int32),
            member=np.concatenate(parts),
        )
        for array in (*edges, given, graph.start, graph.member):
            array.flags.writeable = False
        return graph

    def _sorted(self) -> tuple[Ids, Ids, Reals, Reals, Ids]:
        none = (np.empty(0, np.int32),) * 2 + (np.empty(0),) * 2
        source, target, storage, recreation = (
            np.concatenate(column) for column in zip(none, *self._parts, strict=True)
        )
        order = np.lexsort((recreation, storage, source, target)).astype(np.int32)
        return source[order], target[order], storage[order], recreation[order], order

    def _check(self, source: npt.NDArray[np.int64], target: npt.NDArray[np.int64]) -> None:
        wrong = (source < EMPTY) | (source > self.matrices)
        wrong |= (target <= EMPTY) | (target > self.matrices)
        if wrong.any():
            at = int(np.argmax(wrong))
            raise InputError(
                f"no edge leads from {source[at]} to {target[at]}: "
                f"matrices are 1 to {self.matrices}, {EMPTY} is nothing and only a source"
            )
        if (source == target).any():
            at = int(np.argmax(source == target))
            raise InputError(f"matrix {target[at]} cannot be a delta against itself")


def _whole_numbers(values: Many) -> npt.NDArray[np.int64]:
    try:
        found = np.asarray(values)
        whole = found.astype(np.int64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"vertices are whole numbers: {error}") from None
    if whole.ndim != 1 or (whole != found).any():
        raise InputError("vertices are whole numbers, one an edge")
    return whole


def _costs(values: Many, what: str) -> Reals:
    try:
        found = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} costs are numbers: {error}") from None
    wrong = ~(np.isfinite(found) & (found >= 0))
    if found.ndim != 1 or wrong.any():
        shown = found[wrong][0] if found.ndim == 1 else found.shape
        raise InputError(f"{what} costs are finite and not negative, one an edge; got {shown}")
    return found + 0.0  # a negative zero would sort and hash as another number


def _check_reach(edges: Edges, vertices: int) -> None:
    """Breadth first, a layer at a time."""
    seen = np.zeros(vertices, np.bool_)
    seen[EMPTY] = True
    layer = np.array([EMPTY])
    while len(layer):
        first, last = edges.out_start[layer], edges.out_start[layer + 1]
        sizes = last - first
        shift = np.repeat(first - np.concatenate(([0], np.cumsum(sizes)[:-1])), sizes)
        found = np.unique(edges.target[edges.out_edge[np.arange(sizes.sum()) + shift]])
        layer = found[~seen[found]]
        seen[layer] = True
    if not seen.all():
        raise InputError(
            f"matrix {int(np.argmin(seen))} can be made neither from nothing nor from a matrix "
            "that can; add an edge that stores it whole"
        )


def from_costs(
    matrices: int,
    edges: Iterable[tuple[int, int, float, float]],
    snapshots: Mapping[str, Iterable[int]],
) -> StorageGraph:
    """A graph from (source, target, storage, recreation) and the members of each snapshot.

    Raises:
        InputError: as `GraphBuilder`.

    >>> graph = from_costs(2, [(0, 1, 9, 2), (0, 2, 9, 2), (1, 2, 3, 1)], {"s": [1, 2]})
    >>> graph.matrices, len(graph.given), graph.snapshots
    (2, 3, ('s',))
    """
    builder = GraphBuilder(matrices)
    for source, target, storage, recreation in edges:
        builder.add(source, target, storage=storage, recreation=recreation)
    for name, members in snapshots.items():
        builder.snapshot(name, members)
    return builder.build()
