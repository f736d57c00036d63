"""Tests of `modelhub.pas.plans.optimizers.pas_mt`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_graphs import graphs, is_tree, random_graph

from modelhub.errors import InputError
from modelhub.pas.plans import Objective, Retrieval, from_costs
from modelhub.pas.plans.optimizers.pas_mt import pas_mt
from modelhub.pas.plans.problem import pose
from modelhub.testing import OptimizerContract


class TestPasMt(OptimizerContract):
    """It keeps the contract, but for budgets that ties keep it from."""

    keeps_budgets = False

    @pytest.fixture
    def optimizer(self):
        return pas_mt


@pytest.mark.property
@given(graphs(), st.floats(1, 3))
def test_independent_budgets_are_kept(graph, alpha) -> None:
    """A sum always falls if one path does; so swaps end within budget."""
    plan = pas_mt(graph, Objective(alpha=alpha))

    assert is_tree(graph, plan)
    assert plan.is_within


def test_a_tie_for_a_maximum_is_reported() -> None:
    """Two members are as far; no single swap lowers the maximum, and the plan says so."""
    edges = [(0, v, 10, 1) for v in (1, 2, 3)] + [(3, 1, 1, 1), (3, 2, 1, 1)]
    graph = from_costs(3, edges, {"both": [1, 2], "base": [3]})
    plan = pas_mt(graph, Objective(retrieval=Retrieval.PARALLEL, budgets={"both": 1.5}))

    assert plan.over == plan.tied == ("both",)
    assert pas_mt(graph, Objective(budgets={"both": 2})).tied == ()


def test_the_greatest_gain_for_its_storage_is_taken() -> None:
    """One swap of a base mends both of its deltas, for less than two swaps."""
    edges = [(0, v, 10, 1) for v in (1, 2, 3, 4)]
    edges += [(1, 2, 4, 4), (2, 3, 1, 1), (2, 4, 1, 1)]
    graph = from_costs(4, edges, {"s": [3, 4]})
    plan = pas_mt(graph, Objective(budgets={"s": 5}))

    assert plan.base.tolist() == [0, 0, 2, 2]
    assert plan.storage == 22


@pytest.mark.parametrize(
    "objective", [Objective(retrieval=Retrieval.REUSABLE, alpha=2), Objective(weights={"s0": 1})]
)
def test_what_the_paper_has_no_gain_for_is_refused(objective) -> None:
    """Another optimizer is named."""
    with pytest.raises(InputError, match="'prices'"):
        pas_mt(random_graph(0), objective)


def test_it_starts_from_the_least_storage() -> None:
    """Without budgets that is the plan."""
    graph = random_graph(0)

    assert np.array_equal(pas_mt(graph, Objective()).edge, pose(graph, Objective()).tree)
