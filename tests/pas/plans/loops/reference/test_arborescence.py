"""Tests of `modelhub.pas.plans.loops.reference.arborescence`."""

import numpy as np
import pytest
from hypothesis import given
from storage_graphs import graphs

from modelhub.pas.plans import from_costs
from modelhub.pas.plans.loops.reference import arborescence, distances
from modelhub.testing.optimizers import trees


@pytest.mark.property
@given(graphs(most=4))
def test_no_tree_weighs_less(graph) -> None:
    """Of all trees, which are tried."""
    plan = np.empty(graph.vertices, np.int32)
    arborescence(graph.edges, graph.edges.storage, plan)
    distances(graph.edges, plan, np.empty(graph.vertices))
    weight = graph.edges.storage
    least = min(sum(weight[e] for e in tree) for tree in trees(graph))

    assert weight[plan[1:]].sum() == pytest.approx(least)


def test_nested_cycles_are_expanded() -> None:
    """Cheap cycles within cycles, each entered where it costs least."""
    cycles = [(1, 2, 1), (2, 1, 1), (2, 3, 2), (3, 1, 2), (3, 4, 1), (4, 3, 1), (4, 2, 2)]
    edges = [(0, v, 10 + v, 0) for v in (1, 2, 3, 4)] + [(a, b, c, 0) for a, b, c in cycles]
    graph = from_costs(4, edges, {})
    plan = np.empty(5, np.int32)
    arborescence(graph.edges, graph.edges.storage, plan)

    assert graph.edges.storage[plan[1:]].sum() == 11 + 1 + 2 + 1
