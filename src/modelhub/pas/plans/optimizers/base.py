"""What an optimizer promises, and the registry of those that exist."""

from typing import Protocol

from modelhub.pas.plans.graph import StorageGraph
from modelhub.pas.plans.objective import Objective
from modelhub.pas.plans.plan import StoragePlan
from modelhub.plugins import Registry

DEFAULT_OPTIMIZER = "prices"


class Optimizer(Protocol):
    """How a storage graph becomes a plan.

    An implementation promises:

    - the plan is a tree from nothing that reaches every matrix;
    - a budget that no plan keeps is refused with `BudgetError`, which names the snapshot that
      misses its budget by most, and the least that is possible; where it stops over a budget
      that some plan keeps, `StoragePlan.over` says so;
    - no plan within the budgets costs less than `StoragePlan.bound`;
    - the same graph and objective give the same plan, whatever order edges were added in and
      however fast the machine is;
    - it keeps no state, so that threads may share it.
    """

    def __call__(self, graph: StorageGraph, objective: Objective) -> StoragePlan:
        """Plan.

        Raises:
            BudgetError: a budget is below the least possible.
            InputError: it cannot plan for this kind of objective.
            NotFoundError: the objective names a snapshot that is not there.
        """
        ...


OPTIMIZERS: Registry[Optimizer] = Registry(
    "modelhub.optimizers",
    {
        "last": "modelhub.pas.plans.optimizers.last:last",
        "mst": "modelhub.pas.plans.optimizers.mst:mst",
        "pas-mt": "modelhub.pas.plans.optimizers.pas_mt:pas_mt",
        "pas-pt": "modelhub.pas.plans.optimizers.pas_pt:pas_pt",
        "prices": "modelhub.pas.plans.optimizers.prices:prices",
        "spt": "modelhub.pas.plans.optimizers.spt:spt",
    },
)


def optimize(
    graph: StorageGraph, objective: Objective, *, optimizer: str = DEFAULT_OPTIMIZER
) -> StoragePlan:
    """Plan with the optimizer of a name.

    Raises:
        NotFoundError: there is no such optimizer, or no snapshot of a name in the objective.
        BudgetError: a budget is below the least possible.
        InputError: the optimizer cannot plan for this kind of objective.
    """
    return OPTIMIZERS.get(optimizer)(graph, objective)
