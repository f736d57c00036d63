"""Freeing bytes."""

import numpy as np
from small_networks import SCALE, scale_id, small_captured, summary_of

from modelhub.dlv import check, collect_garbage, disk_usage, locks, remove
from modelhub.dlv.operations.commit import CommitOptions, commit_state
from modelhub.network import network_id


def test_bytes_are_truly_freed(repository) -> None:
    """As many as were announced, and those of a pack that is shared with the living, too."""
    rng = np.random.default_rng(0)
    keep = rng.normal(size=30_000).astype(np.float32)
    repository.commit("keep", {"w": keep})
    repository.commit("drop", {"w": keep, "more": rng.normal(size=90_000).astype(np.float32)})
    before = disk_usage(repository).objects
    remove(repository, ["drop"])
    announced = collect_garbage(repository, grace_days=0, dry_run=True).freed
    done = collect_garbage(repository, grace_days=0)
    assert [str(ref) for ref in done.versions] == ["drop@1"]
    assert done.freed > 250_000
    assert abs(done.freed - announced) < 5_000
    assert before - disk_usage(repository).objects > 250_000
    assert np.array_equal(repository["keep"].tensors["w"].numpy(), keep)
    assert check(repository).is_clean


def test_the_grace_time_is_told(repository, state) -> None:
    """And a clock that went back frees nothing early."""
    repository.commit("net", state)
    remove(repository, ["net"])
    (kept,) = collect_garbage(repository).kept
    assert "free it now with --grace 0" in kept.why
    assert collect_garbage(repository, grace_days=1).versions == []


def test_beside_a_running_commit(repository) -> None:
    """What another writer has not published stays, and the reason is told."""
    with locks.writing(repository.layout, "commit"):
        with repository.writing("x"), repository.writer() as writer:
            writer.put_blob(b"not published", role="literal")
        done = collect_garbage(repository)
        assert done.leftovers == 0
        assert "commit" in done.kept[0].why
    assert collect_garbage(repository).leftovers == 1


def test_a_network_lives_as_long_as_a_version_that_names_it(repository, state) -> None:
    """Then it is freed with the values of its constants; what others name stays."""
    kept, gone = small_captured(), small_captured(kind="AVG")
    commit_state(repository, "one", state, options=CommitOptions(network=kept))
    commit_state(repository, "two", state, options=CommitOptions(network=kept))
    commit_state(repository, "three", state, options=CommitOptions(network=gone))
    remove(repository, ["two", "three"])
    collect_garbage(repository, grace_days=0)

    assert summary_of(repository.catalog, network_id(kept.network)) is not None
    assert summary_of(repository.catalog, network_id(gone.network)) is None
    assert repository.index.find_blob(network_id(gone.network)) is None
    assert repository.reader.read(scale_id()) == SCALE.tobytes()
    assert check(repository).is_clean

    remove(repository, ["one"])
    collect_garbage(repository, grace_days=0)
    assert repository.index.find_tensor(scale_id()) is None
    assert check(repository).is_clean
