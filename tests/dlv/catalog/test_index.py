"""The storage index over the catalog."""

import numpy as np


def test_what_was_committed_is_found(repository) -> None:
    """A large tensor in segments, a small one in a block, blobs with their depth."""
    version = repository.commit("net", {"big": np.arange(9000.0), "small": np.ones(3)})
    big = repository.index.find_tensor(version.tensors["big"].id)
    small = repository.index.find_tensor(version.tensors["small"].id)
    assert big is not None
    assert small is not None
    assert (big.block, len(big.segments)) == (None, big.levels)
    assert small.block is not None
    assert big.statistics.max == 8999
    manifest = repository.index.find_blob(version.id)
    assert manifest is not None
    assert (manifest.role, repository.index.blob_depth(version.id)) == ("manifest", 0)
    assert repository.index.find_tensor("0" * 64) is None
    assert repository.index.find_blob("0" * 64) is None
