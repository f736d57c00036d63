"""Tests of `modelhub.pas.kernels.clustering`."""

import numpy as np

from modelhub.pas.kernels.clustering import MOST, cluster


def counts_of(*contexts):
    counts = np.zeros((len(contexts), 256), np.int64)
    for row, found in zip(counts, contexts, strict=True):
        for symbol, count in found.items():
            row[symbol] = count
    return counts


def test_contexts_that_are_alike_share_a_table():
    """Two and two, and one that never occurs."""
    like, unlike = {1: 900, 2: 100}, {7: 500, 8: 500}
    names, sums, tables = cluster(counts_of(like, unlike, {}, like, unlike), bits=8)

    assert names[0] == names[3] != names[1] == names[4]
    assert names[2] == 0
    assert sums.sum(axis=1).tolist() == [2000, 2000]
    assert (tables.sum(axis=1) == 4096).all()


def test_there_are_never_more_than_eight():
    """Twenty contexts of a symbol each."""
    names, sums, _ = cluster(counts_of(*[{each: 1000} for each in range(20)]), bits=8)

    assert len(sums) == names.max() + 1 <= MOST


def test_a_table_must_be_worth_its_bytes():
    """Contexts of few symbols do not get one of their own."""
    names, _, _ = cluster(counts_of({1: 1000, 2: 1000}, {1: 3, 2: 1}), bits=8)

    assert names.tolist() == [0, 0]
