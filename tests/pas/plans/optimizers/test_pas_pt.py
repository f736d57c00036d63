"""Tests of `modelhub.pas.plans.optimizers.pas_pt`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_graphs import graphs, is_tree, random_graph

from modelhub.errors import InputError
from modelhub.pas.plans import Objective, Retrieval, from_costs
from modelhub.pas.plans.optimizers.pas_pt import pas_pt
from modelhub.testing import OptimizerContract


class TestPasPt(OptimizerContract):
    """It keeps the contract, but for budgets of matrices that nobody stores whole."""

    keeps_budgets = False

    @pytest.fixture
    def optimizer(self):
        return pas_pt


@pytest.mark.property
@given(graphs(), st.sampled_from(["independent", "parallel"]), st.floats(1, 3))
def test_a_plan_is_a_tree_within_independent_budgets(graph, retrieval, alpha) -> None:
    """Parallel ones may be left to PAS-MT, which may tie."""
    plan = pas_pt(graph, Objective(retrieval=Retrieval(retrieval), alpha=alpha))

    assert is_tree(graph, plan)
    assert plan.is_within or retrieval == "parallel"


def test_an_old_vertex_is_hung_on_a_new_one_that_is_better() -> None:
    """Edge 0-2 enters first; when 1 enters, 1-2 stores less and takes no longer."""
    graph = from_costs(2, [(0, 2, 3, 5), (0, 1, 4, 1), (1, 2, 1, 4)], {"s": [1, 2]})

    assert pas_pt(graph, Objective()).base.tolist() == [0, 1]


def test_a_matrix_that_fits_nowhere_is_mended() -> None:
    """Without a way to store it whole, it is left over, and swaps are tried."""
    edges = [(0, 1, 9, 1), (0, 2, 9, 1), (2, 1, 1, 3), (1, 3, 1, 1)]
    graph = from_costs(3, edges, {"s": [1, 3]})
    plan = pas_pt(graph, Objective(alpha=1))

    assert is_tree(graph, plan)
    assert plan.base[2] == 1
    assert plan.is_within


def test_reusable_retrieval_is_refused() -> None:
    """As the paper does."""
    with pytest.raises(InputError, match="pas-pt plans for"):
        pas_pt(random_graph(0), Objective(retrieval=Retrieval.REUSABLE))
