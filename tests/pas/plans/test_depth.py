"""Tests of `modelhub.pas.plans.depth`."""

import numpy as np

from modelhub.pas import EMPTY, GraphBuilder, Objective, limit_depth, optimize


def walk(count, *, extra=()):
    """Each matrix is a small delta of the one before; some have other ways, too."""
    builder = GraphBuilder(count)
    for matrix in range(1, count + 1):
        builder.add(EMPTY, matrix, storage=100, recreation=1)
    for matrix in range(1, count):
        builder.add(matrix, matrix + 1, storage=10, recreation=1)
    for base, matrix, storage in extra:
        builder.add(base, matrix, storage=storage, recreation=1)
    builder.snapshot("all", range(1, count + 1))
    return builder.build()


def test_a_chain_is_cut_where_it_is_too_long():
    """Every fourth matrix is whole if three bases are allowed; the bound stays."""
    plan = optimize(walk(12), Objective(), optimizer="mst")
    short = limit_depth(plan, np.full(12, 3, np.int32), Objective())

    assert plan.depth.max() == 11
    assert short.depth.tolist() == [0, 1, 2, 3] * 3
    assert short.storage == 3 * 100 + 9 * 10
    assert short.bound == plan.bound


def test_the_cheapest_way_that_is_short_enough_is_taken():
    """Another delta, where one needs few enough bases."""
    plan = optimize(walk(5, extra=[(1, 5, 30)]), Objective(), optimizer="mst")
    short = limit_depth(plan, np.full(5, 3, np.int32), Objective())

    assert short.base.tolist() == [0, 1, 2, 3, 1]
    assert short.depth.tolist() == [0, 1, 2, 3, 1]


def test_each_matrix_has_a_limit_of_its_own():
    """One that may need none is whole; a plan within all limits stays the same object."""
    plan = optimize(walk(4), Objective(), optimizer="mst")
    short = limit_depth(plan, np.array([9, 9, 0, 9], np.int32), Objective())

    assert short.base.tolist() == [0, 1, 0, 3]
    assert limit_depth(plan, np.full(4, 3, np.int32), Objective()) is plan
