"""Tests of `modelhub.pas.plans.optimizers.mst`."""

import pytest
from hypothesis import given
from storage_graphs import graphs, optimum, random_graph

from modelhub.pas import Retrieval
from modelhub.pas.plans import Objective
from modelhub.pas.plans.optimizers.mst import mst
from modelhub.testing import OptimizerContract


class TestMst(OptimizerContract):
    """It keeps the contract, but for budgets."""

    keeps_budgets = False
    retrievals = tuple(Retrieval)

    @pytest.fixture
    def optimizer(self):
        return mst


@pytest.mark.property
@given(graphs(most=5))
def test_no_tree_stores_less(graph) -> None:
    """The optimum of an exact solver, without budgets."""
    assert mst(graph, Objective()).storage == pytest.approx(optimum(graph, Objective()))


def test_its_storage_is_its_bound() -> None:
    """Whatever the budgets."""
    plan = mst(random_graph(0), Objective(alpha=1))

    assert plan.bound == plan.storage
    assert plan.over
