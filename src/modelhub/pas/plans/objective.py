"""What a plan is to achieve: little storage, and every snapshot back within its time."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from modelhub.errors import InputError


class Retrieval(StrEnum):
    """What reading a snapshot costs (Sec. IV-C).

    `INDEPENDENT`: the sum over its matrices of their paths. `PARALLEL`: the longest path.
    `REUSABLE`: the sum over the edges of its paths, each taken once.
    """

    INDEPENDENT = "independent"
    PARALLEL = "parallel"
    REUSABLE = "reusable"


class Effort(StrEnum):
    """How many steps an optimizer takes; counts of steps, never the clock."""

    FAST = "fast"
    DEFAULT = "default"
    THOROUGH = "thorough"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """Least storage + Σ weight × recreation, every recreation being within its budget.

    Attributes:
        retrieval: what reading a snapshot costs.
        alpha: each snapshot's budget is this times its least recreation; none without it.
        budgets: seconds by snapshot (θ); these go before `alpha`.
        weights: bytes that one is ready to store to save one second of reading a snapshot: its
            reads in a period, times the price of a second in bytes. Sums only: with
            `INDEPENDENT`.
        effort: of an optimizer that has several.

    Raises:
        InputError: an alpha below 1, a weight below 0, a number that is none, or weights with
            another retrieval than `INDEPENDENT`.

    Source:
        Problem 1 of the paper; weights are ours.
    """

    retrieval: Retrieval = Retrieval.INDEPENDENT
    alpha: float | None = None
    budgets: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    effort: Effort = Effort.DEFAULT

    def __post_init__(self) -> None:
        if self.alpha is not None and not self.alpha >= 1:
            raise InputError(
                f"alpha is {self.alpha:g}, and no plan is faster than the fastest; "
                "it must be at least 1"
            )
        for name, budget in self.budgets.items():
            if math.isnan(budget):
                raise InputError(f"the budget of snapshot {name!r} is no number")
        for name, weight in self.weights.items():
            if not 0 <= weight < math.inf:
                raise InputError(
                    f"the weight of snapshot {name!r} is {weight:g}; it must be finite and at "
                    "least 0"
                )
        if self.weights and self.retrieval is not Retrieval.INDEPENDENT:
            raise InputError(
                f"weights count sums of paths, not {self.retrieval} retrieval; "
                "leave the weights away, or plan for independent retrieval"
            )
