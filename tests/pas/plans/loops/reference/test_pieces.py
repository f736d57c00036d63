"""Tests of `modelhub.pas.plans.loops.reference.pieces`."""

import numpy as np

from modelhub.pas.plans import from_costs
from modelhub.pas.plans.loops.reference import facilities, join_pairs, lay_out


def ids(*numbers):
    return np.array(numbers, np.int32)


def test_pairs_join_in_order_until_a_piece_is_full() -> None:
    """The third would close a cycle, the fourth would make four of three."""
    taken = np.zeros(4, np.bool_)
    join_pairs(5, ids(1, 2, 1, 3), ids(2, 3, 3, 4), ids(1, 0, 2, 3), 3, taken)

    assert taken.tolist() == [True, True, False, False]


def test_trees_are_laid_out_in_preorder() -> None:
    """1-2 and 1-3, and 4 alone."""
    near, pair, start = ids(2, 3, 1, 1), ids(0, 1, 0, 1), ids(0, 0, 2, 3, 4, 4)
    vertex, parent, by, end = (np.empty(4, np.int32) for _ in range(4))
    first = np.empty(5, np.int32)

    assert lay_out(start, near, pair, vertex, parent, by, end, first) == 2
    assert vertex.tolist() == [1, 3, 2, 4]
    assert parent.tolist() == [-1, 0, 0, -1]
    assert by.tolist() == [-1, 1, 0, -1]
    assert end.tolist() == [3, 2, 3, 4]
    assert first[:3].tolist() == [0, 3, 4]


def test_facilities_are_those_that_no_other_beats() -> None:
    """Of four ways to store matrix 1, one stores no less and leads no nearer than another."""
    edges = [(0, 1, 9, 1), (0, 1, 5, 3), (0, 1, 6, 3), (0, 1, 2, 7)]
    graph = from_costs(1, edges, {})
    start, edge = np.empty(2, np.int32), np.empty(4, np.int32)
    cost, far = np.empty(4), np.empty(4)
    price, in_tree = np.zeros(2), np.zeros(4, np.bool_)
    count = facilities(graph.edges, ids(1), in_tree, price, start, edge, cost, far)

    assert count == 3
    assert start.tolist() == [0, 3]
    assert cost[:3].tolist() == [2, 5, 9]
    assert far[:3].tolist() == [7, 3, 1]
