"""Tensors of two snapshots, compared."""

import numpy as np
import pytest

from modelhub.dlv import tensor_changes
from modelhub.dlv.distances import PIECE
from modelhub.dlv.operations.diff import diff

RANDOM = np.random.default_rng(0)


def changed(repository, one, other, *, is_exact: bool = False):
    repository.commit("a", one)
    repository.commit("a", other)
    return {each.name: each for each in diff(repository, "a@1", "a@2", is_exact=is_exact).tensors}


def test_an_adapter_of_low_rank_is_seen(repository) -> None:
    """What was added is of rank two, whatever the tensor is."""
    weight = RANDOM.normal(size=(50, 40))
    added = RANDOM.normal(size=(50, 2)) @ RANDOM.normal(size=(2, 40)) / 100
    (found,) = changed(repository, {"w": weight}, {"w": weight + added}).values()

    assert 1 <= found.stable_rank <= 2.01
    assert (found.share_read, found.share_changed) == (1, 1)
    assert 0.99 < found.cosine < 1


def test_large_tensors_are_estimated_unless_asked(repository, monkeypatch) -> None:
    """From few pieces, which is said; read whole, it is exact."""
    monkeypatch.setattr(tensor_changes, "PIECES", 2)
    one = RANDOM.normal(size=(8, PIECE)).astype(np.float32)
    other = one + RANDOM.normal(size=one.shape).astype(np.float32) / 100
    (rough,) = changed(repository, {"w": one}, {"w": other}).values()
    (exact,) = diff(repository, "a@1", "a@2", is_exact=True).tensors

    assert (rough.share_read, exact.share_read) == (0.0625, 1)
    assert rough.relative_change == pytest.approx(exact.relative_change, rel=0.02)
    assert exact.relative_change == pytest.approx(
        np.linalg.norm(other - one) / np.linalg.norm(one), rel=1e-5
    )


def test_views_are_compared_as_what_they_are(repository) -> None:
    """A transposed tensor is read by its own rows."""
    weight = np.arange(12, dtype=np.float32).reshape(3, 4)
    found = changed(repository, {"w": weight.T}, {"w": (weight + 1).T})

    assert found["w"].share_changed == 1
    assert found["w"].stable_rank == pytest.approx(1)
