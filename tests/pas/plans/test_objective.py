"""Tests of `modelhub.pas.plans.objective`."""

import math

import pytest

from modelhub.errors import InputError
from modelhub.pas.plans import Objective, Retrieval


@pytest.mark.parametrize("alpha", [0.99, 0, -1, math.nan])
def test_alpha_is_at_least_1(alpha) -> None:
    """No plan is faster than the fastest."""
    with pytest.raises(InputError, match="it must be at least 1"):
        Objective(alpha=alpha)


def test_a_budget_is_a_number() -> None:
    """An infinite budget is none; what is no number is refused."""
    assert Objective(budgets={"s": math.inf}).budgets

    with pytest.raises(InputError, match="budget of snapshot 's' is no number"):
        Objective(budgets={"s": math.nan})


@pytest.mark.parametrize("weight", [-1, math.inf, math.nan])
def test_a_weight_is_finite_and_not_negative(weight) -> None:
    """Otherwise the least cost has no meaning."""
    with pytest.raises(InputError, match="weight of snapshot 's'"):
        Objective(weights={"s": weight})


@pytest.mark.parametrize("retrieval", [Retrieval.PARALLEL, Retrieval.REUSABLE])
def test_weights_are_for_sums(retrieval) -> None:
    """Other retrieval has no sum over matrices to be weighed."""
    with pytest.raises(InputError, match="weights count sums of paths"):
        Objective(weights={"s": 1}, retrieval=retrieval)
