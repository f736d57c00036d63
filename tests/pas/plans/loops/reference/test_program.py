"""Tests of `modelhub.pas.plans.loops.reference.program`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_graphs import graphs

from modelhub.pas.plans import Objective
from modelhub.pas.plans.loops.reference import open_cycles
from modelhub.pas.plans.problem import pose
from modelhub.pas.plans.recreation import path_costs


@pytest.mark.property
@given(graphs(), st.data())
def test_any_choice_of_edges_is_opened_to_a_tree(graph, data) -> None:
    """Whatever edge each matrix has, or none; a choice that is a tree stays."""
    problem = pose(graph, Objective())
    bounds = graph.edges.in_start
    chosen = [-1]
    for v in range(1, graph.vertices):
        edge = st.integers(int(bounds[v]), int(bounds[v + 1]) - 1)
        chosen.append(data.draw(st.one_of(edge, st.just(-1))))
    plan = np.array(chosen, np.int32)
    in_tree = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(graph.given), max_size=len(graph.given))),
        np.bool_,
    )
    open_cycles(graph.edges, in_tree, problem.shortest, plan)
    path_costs(graph, plan)  # no tree, and it raises
    again = plan.copy()
    open_cycles(graph.edges, in_tree, problem.shortest, again)

    assert np.array_equal(plan, again)
