"""Tests of `modelhub.pas.plans.loops.reference.paths`."""

import numpy as np
import pytest
from hypothesis import given
from storage_graphs import graphs, toy

from modelhub.pas.plans.graph import group_arrays
from modelhub.pas.plans.loops.reference import distances, shared_costs, shortest_paths
from modelhub.testing.optimizers import costs, trees


@pytest.mark.property
@given(graphs(most=4))
def test_no_path_is_shorter(graph) -> None:
    """Of all trees, which are tried; the tree's paths are as long as it says."""
    far, plan, again = np.empty(graph.vertices), np.empty(graph.vertices, np.int32), 0.0
    shortest_paths(graph.edges, far, plan)
    again = np.empty(graph.vertices)
    distances(graph.edges, plan, again)
    least = np.min([costs(graph, tree) for tree in trees(graph)], axis=0)

    assert far == pytest.approx(least)
    assert np.array_equal(far, again)


def test_shared_work_counts_once() -> None:
    """m4 and m5 come from m2, which is in no group of theirs and is read once."""
    graph = toy()
    ends = list(zip(graph.edges.source.tolist(), graph.edges.target.tolist(), strict=True))
    plan = np.array([-1, *map(ends.index, [(0, 1), (0, 2), (0, 3), (2, 4), (2, 5)])], np.int32)
    groups = group_arrays(6, graph.start, graph.member, np.zeros(2))
    cost = np.empty(2)
    shared_costs(graph.edges, groups, plan, cost)

    assert cost.tolist() == [3, 5]
