"""A plan: one way for every matrix, and what that gives."""

from dataclasses import dataclass

import numpy as np

from modelhub.pas.plans.graph import EMPTY, Ids, Reals, StorageGraph

TOLERANCE = 1e-9  # relative: what a budget may be exceeded by, which is rounding


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoragePlan:
    """How each matrix is stored, measured anew from the tree that it is.

    Attributes:
        optimizer: who made it.
        graph: what it is a plan of.
        edge: the chosen edge of each vertex, as `graph.edges` counts them; -1 for `EMPTY`.
        storage: bytes of all matrices.
        cost: what was to be little: the storage, and weights × recreation if there are any.
        bound: no plan within the budgets costs less than this.
        recreation: seconds by snapshot, in the order of `graph.snapshots`.
        budget: seconds by snapshot; infinite where there is none.
        least: seconds by snapshot in the fastest plan.
        tied: snapshots that PAS-MT leaves over budget since several members share the
            maximum, so that no single swap lowers it.
    """

    optimizer: str
    graph: StorageGraph
    edge: Ids
    storage: float
    cost: float
    bound: float
    recreation: Reals
    budget: Reals
    least: Reals
    tied: tuple[str, ...] = ()

    @property
    def base(self) -> Ids:
        """For matrices 1, 2, …: what each is a delta of, `EMPTY` if it is stored whole."""
        return self.graph.edges.source[self.edge[1:]]

    @property
    def given(self) -> Ids:
        """For matrices 1, 2, …: the chosen edge, as it was counted when it was added."""
        return self.graph.given[self.edge[1:]]

    @property
    def depth(self) -> Ids:
        """For matrices 1, 2, …: how many bases must be read before each."""
        above = np.concatenate(([EMPTY], self.base)).astype(np.int32)
        found, at = np.zeros(len(above), np.int32), above.copy()
        while at.any():
            found += at != EMPTY
            at = above[at]
        return found[1:]

    @property
    def gap(self) -> float:
        """By how much, at most, the plan costs more than the best: .01 is one per cent."""
        if self.cost <= self.bound:
            return 0.0
        return self.cost / self.bound - 1 if self.bound > 0 else float("inf")

    @property
    def over(self) -> tuple[str, ...]:
        """Snapshots that are not within their budgets."""
        late = np.flatnonzero(self.recreation > self.budget * (1 + TOLERANCE))
        return tuple(self.graph.snapshots[at] for at in late)

    @property
    def is_within(self) -> bool:
        """Whether every snapshot is within its budget."""
        return not self.over
