"""Tests of `modelhub.pas.plans.recreation`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_graphs import by_hand, graphs, toy

from modelhub.pas.plans import Objective, Retrieval, optimize
from modelhub.pas.plans.recreation import by_snapshot, path_costs, recreation_costs


@pytest.mark.property
@given(graphs(), st.sampled_from(list(Retrieval)))
def test_costs_are_what_the_paper_says(graph, retrieval) -> None:
    """Sums, maxima, and sums over the edges that are gone along."""
    plan = optimize(graph, Objective(), optimizer="mst")
    found = recreation_costs(graph, plan.edge, retrieval)

    assert found == pytest.approx(by_hand(graph, plan, retrieval))


def test_a_cycle_is_no_plan() -> None:
    """Deltas of each other lead nowhere."""
    graph = toy()
    plan = optimize(graph, Objective(), optimizer="spt").edge.copy()
    ends = list(zip(graph.edges.source.tolist(), graph.edges.target.tolist(), strict=True))
    plan[4], plan[5] = ends.index((5, 4)), ends.index((4, 5))

    with pytest.raises(ValueError, match="no tree"):
        path_costs(graph, plan)


def test_a_matrix_without_an_edge_is_no_plan() -> None:
    """-1 is the edge of nothing only."""
    with pytest.raises(ValueError, match="no tree"):
        path_costs(toy(), np.full(6, -1, np.int32))


def test_a_snapshot_without_matrices_costs_nothing() -> None:
    """A maximum of nothing is 0."""
    far = np.arange(6, dtype=float)

    assert by_snapshot(toy(), far, Retrieval.PARALLEL).tolist() == [2, 5]
    assert by_snapshot(toy(), far, Retrieval.INDEPENDENT).tolist() == [3, 12]
