"""Bytes of versions."""

import numpy as np
from small_networks import small_captured

from modelhub.dlv import describe, disk_usage, remove, usage
from modelhub.dlv.operations.commit import CommitOptions, commit_state
from modelhub.network import network_id


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


def test_few_versions_and_many_are_counted_alike(repository, monkeypatch) -> None:
    """What is asked for a few keys by name is what passes over all versions find."""
    rng = np.random.default_rng(0)
    big = rng.normal(size=20_000).astype(np.float32)
    for name in ("a", "a", "b", "c"):
        own = rng.normal(size=(3, 5)).astype(np.float32)
        repository.commit(name, {"big": big, "own": own}, metrics={"loss": 1.0})
    remove(repository, ["b"])
    asked = [
        lambda: disk_usage(repository, pattern="a").rows,
        lambda: disk_usage(repository, by_version=True).rows,
        lambda: describe(repository, "a@1").usage,
    ]
    few = [ask() for ask in asked]
    monkeypatch.setattr(usage, "MAX_KEYS", 0)
    assert [ask() for ask in asked] == few


def test_a_network_counts_for_those_that_name_it(repository, state) -> None:
    """Its blob and its constants are stored bytes of the version; shared ones are nobody's own."""
    options = CommitOptions(network=small_captured())
    commit_state(repository, "net", state, options=options)
    rows = {row.name: row for row in disk_usage(repository).rows}
    network = repository.index.find_blob(network_id(small_captured().network))

    assert network is not None
    assert rows["net"].stored > network.location.size
    assert rows["net"].exclusive > network.location.size
    commit_state(repository, "again", state, options=options)
    again = {row.name: row for row in disk_usage(repository).rows}
    assert again["net"].exclusive < rows["net"].exclusive
