"""Tests of `modelhub.pas.plans.loops.reference.swaps`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_graphs import graphs

from modelhub.pas.plans import Objective, Retrieval
from modelhub.pas.plans.loops.reference import swap_parents
from modelhub.pas.plans.problem import pose
from modelhub.pas.plans.recreation import recreation_costs


@pytest.mark.property
@given(graphs(), st.sampled_from(["independent", "parallel"]), st.floats(1, 3))
def test_swaps_only_shorten(graph, retrieval, alpha) -> None:
    """No snapshot is read more slowly after them; none is made if none is needed."""
    problem = pose(graph, Objective(retrieval=Retrieval(retrieval), alpha=alpha))
    before = recreation_costs(graph, problem.tree, Retrieval(retrieval))
    plan = problem.tree.copy()
    count = swap_parents(graph.edges, problem.groups, plan, problem.is_parallel)
    after = recreation_costs(graph, plan, Retrieval(retrieval))

    assert (after <= before + 1e-9).all()
    assert (count == 0) == np.array_equal(plan, problem.tree)
    assert count == 0 or (before > problem.budget).any()
