"""Describing a version."""

import numpy as np

from modelhub.dlv import describe


def test_statistics_come_from_the_commit(repository, monkeypatch) -> None:
    """Over the finite elements; zeros, NaNs and infinities are counted."""
    values = np.array([0, 1, -3, np.nan, np.inf, 0], np.float32)
    repository.commit("net", {"w": values, "flags": np.array([True, False])})
    reads: list[str] = []
    monkeypatch.setattr(repository.reader, "read", lambda id_, **_: reads.append(id_))
    tensors = {each.name: each for each in describe(repository, "net").tensors}
    found = tensors["w"].statistics
    assert (found.min, found.max, found.mean) == (-3, 1, -0.5)
    assert (found.zeros, found.nans, found.infinities) == (2, 1, 1)
    assert tensors["flags"].statistics.zeros == 1
    assert reads == []


def test_parents_that_are_gone_are_named_by_id(repository, state) -> None:
    """A freed version leaves its id in its children."""
    from modelhub.dlv import collect_garbage, remove

    first = repository.commit("net", state)
    repository.commit("child", {"w": np.ones(2)}, parents=[first])
    remove(repository, ["net"])
    collect_garbage(repository, grace_days=0)
    assert list(describe(repository, "child").parents) == [first.id[:12]]
