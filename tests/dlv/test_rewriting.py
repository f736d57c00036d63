"""Tests of `modelhub.dlv.rewriting`."""

import numpy as np
import pytest
from kindred import fill, fill_files, tuned

from modelhub import durable
from modelhub.dlv.operations.fsck import check
from modelhub.dlv.rewriting import Move, check_room, peak_bytes, rewrite
from modelhub.errors import ConflictError, StorageError


@pytest.fixture
def moves(repository, save):
    """Of two snapshots, the second is to lean on the first."""
    fill_files(repository, save, 2)
    first, second = (
        repository.index.find_tensor(repository[f"run@1/step-{n}"].tensors["fc"].id) for n in (0, 1)
    )
    return [Move(stored=second, base=first.info.id, size=9000)]


def test_a_move_is_written_and_read(repository, moves):
    """The tensor is the same; the copy is another."""
    with repository.writing("test"):
        done = rewrite(repository, moves, before=[moves[0].stored])
    found = repository.index.find_tensor(moves[0].stored.info.id)

    assert found.base == moves[0].base
    assert done.sizes == {found.info.id: found.cost}
    assert done.written > found.cost
    assert np.array_equal(repository["run"].tensors["fc"].numpy(), tuned(1, of=9)["fc"])
    assert check(repository).is_clean


def test_nothing_to_move(repository):
    """Nothing is written."""
    with repository.writing("test"):
        assert rewrite(repository, [], before=[]).written == 0


def test_what_was_moved_meanwhile_is_a_conflict(repository, moves):
    """A plan is true only of what it was made for."""
    with repository.writing("test"):
        rewrite(repository, moves, before=[moves[0].stored])
        with pytest.raises(ConflictError, match="stored anew"):
            rewrite(repository, moves, before=[moves[0].stored])


def test_room(repository, moves, monkeypatch):
    """What is needed at most is known before; nothing needs nothing."""
    assert 9000 < peak_bytes(moves) < 10_000
    assert peak_bytes([]) == 0
    monkeypatch.setattr(durable, "free_bytes", lambda _: 0)
    check_room(repository, [])
    with pytest.raises(StorageError, match="archive fewer versions"):
        check_room(repository, moves)


def test_it_moves_what_others_lean_on(repository):
    """A base is stored anew under its deltas, which are read as before."""
    fill(repository, 3)
    base = repository.index.find_tensor(repository["net@1"].tensors["fc"].id)
    with repository.writing("test"):
        rewrite(repository, [Move(stored=base, base=None, size=20_000)], before=[base])
    for seed in range(3):
        read = repository[f"net@{seed + 1}"].tensors["fc"].numpy()
        assert np.array_equal(read, tuned(seed)["fc"])
    assert check(repository).is_clean
