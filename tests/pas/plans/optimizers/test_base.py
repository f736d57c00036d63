"""Tests of `modelhub.pas.plans.optimizers.base`."""

import pytest
from storage_graphs import toy

from modelhub.errors import NotFoundError
from modelhub.pas.plans import DEFAULT_OPTIMIZER, OPTIMIZERS, Objective, optimize


def test_an_unknown_optimizer_is_refused() -> None:
    """Those that there are, are named."""
    with pytest.raises(NotFoundError, match="'best'; there are: last, mst, pas-mt, pas-pt, prices"):
        optimize(toy(), Objective(), optimizer="best")


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_a_plan_says_who_made_it(name) -> None:
    """By the name under which it is registered."""
    assert optimize(toy(), Objective(), optimizer=name).optimizer == name


def test_there_is_a_default() -> None:
    """Ours."""
    assert optimize(toy(), Objective()).optimizer == DEFAULT_OPTIMIZER == "prices"
