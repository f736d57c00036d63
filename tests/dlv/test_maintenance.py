"""Packs written anew."""

import numpy as np
import pytest

from modelhub.dlv import check
from modelhub.dlv.maintenance import known_packs, merge_small_packs, orphans, rewrite_packs
from modelhub.errors import IntegrityError


def commit_some(repository, count: int) -> None:
    for number in range(count):
        repository.commit("net", {"w": np.full(2000, number, np.float32)})


def test_a_reader_does_not_notice(repository) -> None:
    """A tensor that was looked up before a merge is read after it."""
    commit_some(repository, 5)
    tensor = repository["net@2"].tensors["w"]
    before = known_packs(repository.catalog)
    assert merge_small_packs(repository, fan_in=2) == 5
    assert len(known_packs(repository.catalog)) < len(before)
    assert tensor.numpy()[0] == 1
    assert check(repository).is_clean


def test_few_packs_are_left_alone(repository) -> None:
    """Merging waits until it pays."""
    commit_some(repository, 3)
    assert merge_small_packs(repository) == 0


def test_an_old_catalog_is_noticed(repository, root) -> None:
    """A catalog that lost its last transactions does not let gc take what they published."""
    import shutil

    commit_some(repository, 1)
    repository.catalog.checkpoint()
    shutil.copy(repository.layout.catalog, root / "old.db")
    commit_some(repository, 3)
    repository.catalog.checkpoint()
    repository.catalog.close()
    for path in repository.layout.folder.glob("catalog.db*"):
        path.unlink()
    shutil.copy(root / "old.db", repository.layout.catalog)
    with pytest.raises(IntegrityError, match="is older than object"):
        orphans(repository)
    assert not check(repository).is_clean


def test_nothing_to_rewrite(repository) -> None:
    """No packs, no work."""
    assert rewrite_packs(repository, []) == []
