"""Tests of `modelhub.pas.plans.loops.reference.balance`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_graphs import graphs, random_graph

from modelhub.pas.plans import Objective
from modelhub.pas.plans.loops.reference import balance, chop, distances
from modelhub.pas.plans.problem import pose


@pytest.mark.property
@given(graphs(), st.floats(1, 4))
def test_paths_keep_their_limits(graph, alpha) -> None:
    """Both are trees; LAST within alpha times the shortest, a chopped tree within ceilings."""
    problem = pose(graph, Objective())
    given_arrays = graph.edges, problem.tree
    plan, far = np.empty(graph.vertices, np.int32), np.empty(graph.vertices)
    balance(*given_arrays, problem.nearest, problem.shortest, alpha, plan)
    distances(graph.edges, plan, far)
    assert (far <= problem.nearest * alpha * (1 + 1e-9)).all()
    ceiling = problem.nearest * alpha + 0.5
    chop(*given_arrays, ceiling, problem.nearest, problem.shortest, plan)
    distances(graph.edges, plan, far)
    assert (far <= ceiling * (1 + 1e-9)).all()


def test_without_need_the_tree_stays() -> None:
    """A wide limit changes nothing."""
    problem = pose(random_graph(0), Objective())
    plan = np.empty_like(problem.tree)
    balance(problem.graph.edges, problem.tree, problem.nearest, problem.shortest, 1e6, plan)

    assert np.array_equal(plan, problem.tree)
