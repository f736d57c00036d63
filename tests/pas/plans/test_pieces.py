"""Tests of `modelhub.pas.plans.pieces`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_graphs import graphs, random_graph

from modelhub.pas.plans import Objective, from_costs
from modelhub.pas.plans.pieces import Pairs, Pieces
from modelhub.pas.plans.problem import pose
from modelhub.pas.plans.recreation import path_costs
from modelhub.testing.optimizers import costs, trees


def test_pairs_hold_the_cheapest_edge_of_each_direction() -> None:
    """Parallel edges are rivals; one of each direction is kept."""
    edges = [(0, 1, 9, 1), (0, 2, 9, 1), (1, 2, 5, 1), (1, 2, 3, 9), (2, 1, 4, 1)]
    graph = from_costs(2, edges, {})
    pairs = Pairs.of(graph)

    assert pairs.has_rivals
    assert graph.given[[pairs.down[0], pairs.up[0]]].tolist() == [3, 4]
    assert pairs.weight(graph).tolist() == [7]


def test_rivals_that_are_preferred_go_first() -> None:
    """The store that a plan uses, not the cheapest."""
    graph = from_costs(2, [(0, 1, 9, 1), (0, 2, 9, 1), (1, 2, 5, 1), (1, 2, 3, 9)], {})
    pairs = Pairs.of(graph, graph.given == 2)

    assert graph.given[pairs.down].tolist() == [2]
    assert pairs.up.tolist() == [-1]
    assert pairs.mark(graph.given == 2).tolist() == [True]
    assert pairs.mark(graph.given == 3).tolist() == [False]


@pytest.mark.parametrize("most", [1, 2, 5, 99])
def test_pieces_have_few_matrices(most) -> None:
    """Every matrix is in one; its edges are those of its pair, in their directions."""
    graph = random_graph(2, matrices=40)
    pairs = Pairs.of(graph)
    pieces = Pieces.cut(graph, pairs, pairs.weight(graph), most)
    forest = pieces.forest

    assert sorted(forest.vertex) == list(range(1, 41))
    assert np.diff(forest.first).max() <= most
    assert pieces.in_tree.any() == (most > 1)
    for at in np.flatnonzero(forest.down >= 0):
        assert graph.edges.target[forest.down[at]] == forest.vertex[at]
        assert graph.edges.source[forest.down[at]] == forest.vertex[forest.parent[at]]
    for at in np.flatnonzero(forest.up >= 0):
        assert graph.edges.source[forest.up[at]] == forest.vertex[at]


@pytest.mark.property
@given(graphs(), st.integers(1, 8), st.floats(0, 3))
def test_the_program_bounds_every_tree(graph, most, price) -> None:
    """Its value at the least prices is at most what the trees we know cost; opened, it is one."""
    problem = pose(graph, Objective())
    pairs = Pairs.of(graph)
    pieces = Pieces.cut(graph, pairs, pairs.weight(graph), most)
    weight = np.full(graph.vertices, price)
    weight[0] = 0
    value, plan, _ = pieces.solve(problem, problem.nearest, weight)
    for tree in (problem.tree, problem.shortest, pieces.opened(problem, plan)):
        paid = problem.storage(tree) + float(weight @ path_costs(graph, tree))
        assert value <= paid * (1 + 1e-9)


def test_one_piece_without_cycles_is_solved_exactly() -> None:
    """Where the deltas are a tree: the value is the optimum, and the plan needs no opening."""
    deltas = [(1, 2, 3), (2, 3, 4), (2, 4, 7), (4, 5, 2)]
    edges = [(0, v, 10, 1) for v in range(1, 6)]
    edges += [(*ends, c, 2) for a, b, c in deltas for ends in ((a, b), (b, a))]
    problem = pose(from_costs(5, edges, {}), Objective())
    pairs = Pairs.of(problem.graph)
    pieces = Pieces.cut(problem.graph, pairs, pairs.weight(problem.graph), 99)
    storage = problem.graph.edges.storage
    for second in (0, 1, 2, 9):
        best = min(
            storage[tree].sum() + second * sum(costs(problem.graph, tree))
            for tree in trees(problem.graph)
        )
        weight = np.array([0, *[second] * 5], float)
        value, plan, reached = pieces.solve(problem, problem.nearest, weight)
        paid = problem.storage(plan) + float(weight @ path_costs(problem.graph, plan))

        assert value == paid == pytest.approx(best)
        assert np.array_equal(reached, path_costs(problem.graph, plan))
        assert np.array_equal(pieces.opened(problem, plan), plan)
