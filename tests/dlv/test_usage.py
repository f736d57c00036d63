"""Bytes of versions."""

import numpy as np

from modelhub.dlv import disk_usage


def test_shared_and_exclusive_bytes(repository) -> None:
    """What two versions share belongs to neither alone, and to their model."""
    rng = np.random.default_rng(0)
    big, other = (rng.normal(size=50_000).astype(np.float32) for _ in range(2))
    repository.commit("net", {"big": big})
    repository.commit("net", {"big": big, "other": other})
    rows = {row.name: row for row in disk_usage(repository, by_version=True).rows}
    stored = rows["net@1"].stored
    assert rows["net@1"].exclusive < stored / 20
    assert 0.9 < rows["net@2"].exclusive / stored < 1.1
    (model,) = disk_usage(repository).rows
    assert model.shared == 0
    assert model.exclusive == model.stored
    assert model.raw > 600_000
