"""Every way in which matrices may be stored, and what it costs: the storage graph."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from modelhub.dlv.matrices import Matrices
from modelhub.dlv.resembling import Pair, resembling
from modelhub.dtypes import size_bytes
from modelhub.pas import EMPTY, CostModel, GraphBuilder, SizeEstimator, StorageGraph, StoredTensor
from modelhub.values import Progress

WORTHWHILE = 0.97  # a delta that is not smaller than this share of the whole is no way
STAY = 0.99  # what is stored already counts so much of its size: nothing moves for a trifle
STORE, WHOLE, DELTA = "local", "whole", "delta"  # what costs are measured of


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to store a matrix: an edge of the storage graph.

    Attributes:
        matrix: its number.
        base: the number of what it is a delta of, or `EMPTY`.
        size: bytes; estimated, but for what is stored already.
        seconds: to read it, its base being in memory.
        is_present: whether it is stored so now.
    """

    matrix: int
    base: int
    size: int
    seconds: float
    is_present: bool = False


@dataclass(frozen=True, slots=False, kw_only=True)
class Ways:
    """All ways of some matrices, in the order in which the graph counts them."""

    matrices: Matrices
    ways: Sequence[Way]
    groups: Sequence[tuple[str, Sequence[int]]]

    @cached_property
    def graph(self) -> StorageGraph:
        """The storage graph; its snapshots are the groups."""
        builder = GraphBuilder(len(self.matrices.stored))
        ways = self.ways
        builder.add_many(
            [each.base for each in ways],
            [each.matrix for each in ways],
            storage=[each.size * (STAY if each.is_present else 1) for each in ways],
            recreation=[each.seconds for each in ways],
        )
        for name, members in self.groups:
            builder.snapshot(name, members)
        return builder.build()

    @cached_property
    def present(self) -> npt.NDArray[np.int32]:
        """For each matrix the way by which it is stored now."""
        found = {each.matrix: at for at, each in enumerate(self.ways) if each.is_present}
        return np.array([found[at] for at in sorted(found)], np.int32)

    def of(self, matrix: int) -> list[Way]:
        """The ways of one matrix, the smallest first."""
        found = [each for each in self.ways if each.matrix == matrix]
        return sorted(found, key=lambda each: (each.size, each.base))

    def size(self, chosen: npt.NDArray[np.int32]) -> int:
        """Bytes of the ways of these numbers."""
        return sum(self.ways[at].size for at in chosen)


def find_ways(
    matrices: Matrices,
    sizes: SizeEstimator,
    costs: CostModel,
    *,
    nearest: int,
    per_version: bool = False,
    threads: int = 1,
    progress: Progress | None = None,
) -> Ways:
    """Look for ways to store matrices, and estimate what they cost.

    Args:
        matrices: of which the movable ones get ways besides the present one.
        sizes: estimates sizes.
        costs: seconds on this machine.
        nearest: how many neighbours by content are tried for each.
        per_version: whether all snapshots of a version are one group.
        threads: how many estimate at once.
        progress: told of estimates.

    Cost:
        encodes a sample of each matrix that is stored as a delta, and of one of each pair.
    """
    price = _Price(costs)
    pairs = resembling(matrices, sizes, nearest=nearest) if sizes.has_deltas else []
    ways = [*_present(matrices, price)]
    wanted: list[Pair] = [
        *((EMPTY, at) for at, each in _movable(matrices) if each.base is not None),
        *pairs,
    ]
    estimates = _estimated(matrices, sizes, wanted, threads, progress)
    whole = {each.matrix: each.size for each in ways if each.base == EMPTY}
    whole |= {at: size for (base, at), size in estimates.items() if base == EMPTY}
    for (one, other), size in estimates.items():
        ends = [(one, other)] if one == EMPTY else [(one, other), (other, one)]
        for base, at in ends:
            stored = matrices.stored[at - 1]
            is_known = base != EMPTY and matrices.stored[base - 1].info.id == stored.base
            if base == EMPTY or (size < WORTHWHILE * whole[at] and not is_known):
                seconds = price(stored, size, is_delta=base != EMPTY)
                ways.append(Way(matrix=at, base=base, size=size, seconds=seconds))
    return Ways(matrices=matrices, ways=ways, groups=_groups(matrices, per_version=per_version))


class _Price:
    """Seconds to read and decode one copy."""

    def __init__(self, costs: CostModel) -> None:
        self._costs = costs

    def __call__(self, stored: StoredTensor, size: int, *, is_delta: bool) -> float:
        raw = size_bytes(stored.info.dtype, stored.info.shape)
        return float(
            self._costs.recreation(
                store=STORE,
                encoding=DELTA if is_delta else WHOLE,
                stored_bytes=np.array([size], np.float64),
                raw_bytes=np.array([raw], np.float64),
            )[0]
        )


def _movable(matrices: Matrices) -> Iterator[tuple[int, StoredTensor]]:
    return enumerate(matrices.stored[: matrices.movable], 1)


def _present(matrices: Matrices, price: Callable[..., float]) -> Iterator[Way]:
    numbers = matrices.numbers
    for at, each in enumerate(matrices.stored, 1):
        base = EMPTY if each.base is None else numbers[each.base]
        seconds = price(each, each.cost, is_delta=base != EMPTY)
        yield Way(matrix=at, base=base, size=each.cost, seconds=seconds, is_present=True)


def _estimated(
    matrices: Matrices,
    sizes: SizeEstimator,
    pairs: Sequence[Pair],
    threads: int,
    progress: Progress | None,
) -> dict[Pair, int]:
    """Sizes of second matrices as deltas of first ones; either way round they are nearly equal."""

    def size(pair: Pair) -> int:
        base, at = pair
        below = None if base == EMPTY else matrices.stored[base - 1]
        return sizes.size(matrices.stored[at - 1], below)

    found: dict[Pair, int] = {}
    with ThreadPoolExecutor(threads, "modelhub-estimate") as pool:
        for done, (pair, each) in enumerate(zip(pairs, pool.map(size, pairs), strict=True), 1):
            found[pair] = each
            if progress is not None:
                progress("estimating", done, len(pairs))
    return found


def _groups(matrices: Matrices, *, per_version: bool) -> list[tuple[str, list[int]]]:
    found: dict[str, set[int]] = {}
    for each in matrices.snapshots:
        label = str(each.ref) if per_version else each.label
        found.setdefault(label, set()).update(each.members.values())
    return [(label, sorted(members)) for label, members in found.items()]
