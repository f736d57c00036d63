"""Tests of `modelhub.pas.plans.loops.reference.growth`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_graphs import graphs

from modelhub.pas.plans import Objective
from modelhub.pas.plans.loops.reference import grow
from modelhub.pas.plans.problem import pose
from modelhub.pas.plans.recreation import by_snapshot, path_costs


@pytest.mark.property
@given(graphs(), st.floats(1, 3))
def test_what_is_in_the_tree_keeps_the_budgets(graph, alpha) -> None:
    """Where all can be stored whole, nothing is left over, and every budget holds."""
    whole = np.full(graph.vertices, np.inf)
    whole[0] = 0
    of_nothing = graph.edges.source == 0
    np.minimum.at(whole, graph.edges.target[of_nothing], graph.edges.recreation[of_nothing])
    least = by_snapshot(graph, whole, Objective().retrieval)
    budgets = dict(zip(graph.snapshots, (alpha * least).tolist(), strict=True))
    problem = pose(graph, Objective(budgets=budgets))
    plan = np.empty(graph.vertices, np.int32)
    left = grow(graph.edges, problem.groups, whole, problem.shortest, problem.is_parallel, plan)
    found = by_snapshot(graph, path_costs(graph, plan), Objective().retrieval)

    assert left == 0
    assert (found <= problem.budget * (1 + 1e-9)).all()
