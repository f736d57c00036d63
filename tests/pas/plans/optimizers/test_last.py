"""Tests of `modelhub.pas.plans.optimizers.last`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_graphs import graphs, random_graph

from modelhub.pas import Retrieval
from modelhub.pas.plans import Objective, from_costs
from modelhub.pas.plans.optimizers.last import balanced, last
from modelhub.pas.plans.optimizers.mst import mst
from modelhub.pas.plans.problem import pose
from modelhub.pas.plans.recreation import path_costs
from modelhub.testing import OptimizerContract


class TestLast(OptimizerContract):
    """It keeps the contract; reusable work is kept within budgets only by chance."""

    @pytest.fixture
    def optimizer(self):
        return last

    def test_other_retrieval_is_refused(self, optimizer):
        """It is not: paths are kept short whatever they are read for."""
        assert optimizer(random_graph(0), Objective(retrieval=Retrieval.REUSABLE)).storage > 0


@pytest.mark.property
@given(graphs(), st.floats(1, 4))
def test_no_path_is_longer_than_alpha_times_the_shortest(graph, alpha) -> None:
    """Of any matrix."""
    problem = pose(graph, Objective())
    far = path_costs(graph, balanced(problem, alpha))

    assert (far <= alpha * problem.nearest * (1 + 1e-9)).all()


@pytest.mark.property
@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 9))), st.floats(1.1, 4)
)
def test_storage_is_bounded_where_khuller_proves_it(edges, alpha) -> None:
    """Undirected, storage being recreation: at most 1 + 2 / (alpha - 1) times the least."""
    whole = [(0, v, 5.0 + v, 5.0 + v) for v in range(1, 7)]
    both = [(*ends, c, c) for a, b, c in edges if a != b for ends in ((a, b), (b, a))]
    graph = from_costs(6, whole + both, {})
    problem = pose(graph, Objective())
    least = mst(graph, Objective()).storage

    assert problem.storage(balanced(problem, alpha)) <= (1 + 2 / (alpha - 1)) * least * (1 + 1e-9)


def test_budgets_in_seconds_set_alpha() -> None:
    """The tightest of them."""
    graph = random_graph(3)
    least = last(graph, Objective()).least
    loose = {"s0": least[0] * 3, "s1": least[1] * 1.4}

    assert last(graph, Objective(budgets=loose)).edge.tolist() == (
        last(graph, Objective(alpha=1.4)).edge.tolist()
    )
    assert last(graph, Objective()).storage == mst(graph, Objective()).storage
