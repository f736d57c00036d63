"""Tests of `modelhub.pas.plans.knee`."""

import pytest
from storage_graphs import toy

from modelhub.pas.plans import Objective, default_alpha, from_costs, optimize


def test_one_delta_fits_at_the_default() -> None:
    """Whole costs 2 seconds and a delta 3 more: alpha is 2.5, and no path has two deltas."""
    edges = [(0, v, 10, 2) for v in (1, 2, 3)] + [(1, 2, 1, 3), (2, 3, 1, 3), (1, 3, 2, 3)]
    graph = from_costs(3, edges, {f"s{v}": [v] for v in (1, 2, 3)})
    alpha = default_alpha(graph)
    plan = optimize(graph, Objective(alpha=alpha))

    assert alpha == 2.5
    assert plan.depth.tolist() == [0, 1, 1]


def test_it_is_the_median_over_deltas() -> None:
    """Fig. 5: 1.5 for one pair, 1.5 for the deltas of m4 and m5 against m2."""
    assert default_alpha(toy()) == pytest.approx(1.5)


def test_what_takes_long_counts_more() -> None:
    """Ten small matrices whose delta is cheap, and a large one whose delta is not: it decides."""
    pairs = [(2 * v + 1, 2 * v + 2, 1 if v else 100) for v in range(11)]
    edges = [(0, v, 10, seconds) for one, two, seconds in pairs for v in (one, two)]
    edges += [(one, two, 1, (4 if s == 100 else 1) * s) for one, two, s in pairs]

    assert default_alpha(from_costs(22, edges, {})) == 5


@pytest.mark.parametrize(
    ("matrices", "edges"),
    [(0, []), (1, [(0, 1, 1, 1)]), (2, [(0, 1, 1, 0), (0, 2, 1, 0), (1, 2, 1, 1)])],
)
def test_without_deltas_that_cost_it_is_1(matrices, edges) -> None:
    """Nothing, one matrix, and matrices that take no time."""
    assert default_alpha(from_costs(matrices, edges, {})) == 1
