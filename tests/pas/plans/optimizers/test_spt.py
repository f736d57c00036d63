"""Tests of `modelhub.pas.plans.optimizers.spt`."""

import numpy as np
import pytest
from hypothesis import given
from storage_graphs import graphs

from modelhub.pas import Retrieval
from modelhub.pas.plans import Objective, from_costs
from modelhub.pas.plans.optimizers.mst import mst
from modelhub.pas.plans.optimizers.spt import spt
from modelhub.testing import OptimizerContract


class TestSpt(OptimizerContract):
    """It keeps the contract."""

    retrievals = tuple(Retrieval)

    @pytest.fixture
    def optimizer(self):
        return spt


@pytest.mark.property
@given(graphs())
def test_nothing_is_read_faster(graph) -> None:
    """Every snapshot at its least; no more so in the tree of the least storage."""
    plan = spt(graph, Objective())

    assert np.array_equal(plan.recreation, plan.least)
    assert (mst(graph, Objective()).recreation >= plan.recreation - 1e-9).all()


def test_of_equal_paths_it_takes_what_stores_less() -> None:
    """Two stores of the same speed."""
    graph = from_costs(1, [(0, 1, 9, 2), (0, 1, 4, 2)], {})

    assert spt(graph, Objective()).storage == 4
