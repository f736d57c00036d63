"""Fig. 5: a storage graph of five matrices, and its best plans."""

import pytest
from storage_graphs import toy

from modelhub.pas.plans import OPTIMIZERS, Objective, optimize

BUDGETS = {"s1": 3, "s2": 6}


def test_the_least_storage_is_19() -> None:
    """Without budgets: 19, and recreation 3 and 7.5, or in an equal tree 3.5 and 7."""
    for name in ("mst", "prices", "pas-mt"):
        plan = optimize(toy(), Objective(), optimizer=name)

        assert plan.storage == plan.bound == 19
        assert plan.recreation.tolist() in ([3, 7.5], [3.5, 7])


@pytest.mark.parametrize("name", ["prices", "pas-mt"])
def test_within_budgets_the_least_storage_is_24(name: str) -> None:
    """With budgets of 3 and 6 seconds: 24, and recreation 3 and 6."""
    plan = optimize(toy(), Objective(budgets=BUDGETS), optimizer=name)

    assert plan.storage == 24
    assert plan.recreation.tolist() == [3, 6]
    assert plan.is_within


def test_ours_proves_that_24_is_the_least() -> None:
    """The bound of the default optimizer is the storage itself."""
    plan = optimize(toy(), Objective(budgets=BUDGETS))

    assert plan.bound == pytest.approx(24)
    assert plan.gap == pytest.approx(0, abs=1e-9)


def test_pas_pt_keeps_the_budgets() -> None:
    """Its growth spends the budget early: 27, and recreation 3 and 5.5."""
    plan = optimize(toy(), Objective(budgets=BUDGETS), optimizer="pas-pt")

    assert plan.storage == 27
    assert plan.recreation.tolist() == [3, 5.5]


def test_shortest_paths_store_all_whole() -> None:
    """The other end: 28, and the least recreation of both snapshots."""
    for name in ("spt", "last"):
        plan = optimize(toy(), Objective(alpha=1), optimizer=name)

        assert plan.storage == 28
        assert plan.recreation.tolist() == plan.least.tolist() == [3, 5]


def test_every_optimizer_plans_for_it() -> None:
    """All that are registered give a plan within the budgets, or the one that ignores them."""
    for name in OPTIMIZERS:
        plan = optimize(toy(), Objective(budgets=BUDGETS), optimizer=name)

        assert plan.is_within or name == "mst"
        assert plan.bound <= 24 <= plan.storage or name == "mst"
