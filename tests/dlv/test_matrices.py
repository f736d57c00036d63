"""Tests of `modelhub.dlv.matrices`."""

import numpy as np
import pytest
from kindred import fill, fill_files, tuned

from modelhub.dlv.matrices import matrices_of
from modelhub.dlv.operations.commit import commit_state
from modelhub.dlv.operations.names import remove
from modelhub.errors import IntegrityError, NotFoundError
from modelhub.pas import MAX_DEPTH, Limits

GROUP = Limits().group


def test_all_snapshots_with_their_matrices(repository, save):
    """A matrix that several snapshots share is one; small tensors in blocks are none."""
    fill(repository, 2)
    fill_files(repository, save, 3)
    commit_state(repository, "same", tuned(0))
    found = matrices_of(repository, [], group_size=GROUP)

    assert [each.label for each in found.snapshots][:2] == ["net@1/final", "net@2/final"]
    assert len(found.snapshots) == 6
    assert all(set(each.members) == {"conv", "fc"} for each in found.snapshots)
    assert found.movable == len(found.stored) == 2 * (2 + 3)
    assert found.snapshots[0].members == found.snapshots[-1].members
    assert set(found.room) == {MAX_DEPTH - 1}


def test_bases_that_no_planned_snapshot_holds_stay(repository):
    """They are there, behind those that move; what leans on these takes of their room."""
    fill(repository, 3)
    found = matrices_of(repository, ["net@2"], group_size=GROUP)
    assert found.movable == 2
    assert len(found.stored) == 4
    first = matrices_of(repository, ["net@1"], group_size=GROUP)
    assert first.movable == len(first.stored) == 2
    assert max(first.room) < MAX_DEPTH - 1
    remove(repository, ["net@1"])
    left = matrices_of(repository, [], group_size=GROUP)
    assert (left.movable, len(left.stored)) == (4, 6)


def test_other_groups_stay(repository):
    """What cannot be written as it is stored is not moved."""
    fill(repository, 2)
    assert matrices_of(repository, [], group_size=GROUP // 2).movable == 0


def test_parents_that_are_planned(repository):
    """By the keys of versions."""
    fill(repository, 3)
    found = matrices_of(repository, ["net@3", "net@2"], group_size=GROUP)
    one, other = (each.version for each in found.snapshots)

    assert found.parents == {other: [one]}


def test_one_snapshot_of_several(repository, save):
    """By its name; a name that is none is told."""
    fill_files(repository, save, 3)
    (only,) = matrices_of(repository, ["run@1/step-1"], group_size=GROUP).snapshots
    assert only.label == "run@1/step-1"
    assert np.array_equal(sorted(only.members), ["conv", "fc"])
    with pytest.raises(NotFoundError):
        matrices_of(repository, ["run@1/step-9"], group_size=GROUP)


def test_a_base_that_is_lost(repository):
    """It is told, and by which command more is learnt."""
    fill(repository, 2)
    with repository.catalog.write() as connection:
        connection.exec_driver_sql("update copy set base = ? where base is not null", ("0" * 64,))
    with pytest.raises(IntegrityError, match="is lost; run dlv fsck"):
        matrices_of(repository, [], group_size=GROUP)
