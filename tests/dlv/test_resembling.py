"""Tests of `modelhub.dlv.resembling`."""

import numpy as np
import pytest
from kindred import fill, fill_files, tuned

from modelhub.dlv.matrices import matrices_of
from modelhub.dlv.operations.commit import commit_state
from modelhub.dlv.resembling import lineage_pairs, resembling
from modelhub.pas import ENCODINGS, Limits, SizeEstimator


@pytest.fixture
def find(repository):
    """Matrices of the repository, and the pairs among them."""

    def found(nearest=8):
        matrices = matrices_of(repository, [], group_size=Limits().group)
        sizes = SizeEstimator(repository.reader, ENCODINGS.get("levels-rans"))
        return matrices, resembling(matrices, sizes, nearest=nearest)

    return found


def test_kin_are_those_of_one_name(repository, save, find):
    """Neighbours in a version, and each with the last one; the latest of parent and child."""
    fill_files(repository, save, 4)
    matrices, _ = find()
    names = [
        {each.name for each in matrices.snapshots if pair & set(each.members.values())}
        for pair in map(set, lineage_pairs(matrices))
    ]

    assert sorted(map(sorted, names)) == sorted(
        2
        * [
            ["step-0", "step-1"],
            ["step-0", "step-3"],
            ["step-1", "step-2"],
            ["step-1", "step-3"],
            ["step-2", "step-3"],
        ]
    )


def test_what_is_unrelated_is_no_pair(repository, find):
    """Versions in a row of which the last was trained anew."""
    fill(repository, 3)
    commit_state(repository, "net", tuned(0, of=77))
    matrices, pairs = find()
    anew = set(matrices.snapshots[-1].members.values())

    assert pairs
    assert not any(anew & set(pair) for pair in pairs)
    assert any(anew & set(pair) for pair in lineage_pairs(matrices))


def test_the_nearest_are_found_without_lineage(repository, find):
    """Under another name, in another model: the one that it was tuned from."""
    commit_state(repository, "one", tuned(0))
    commit_state(repository, "two", tuned(0, of=2))
    state = {f"other.{name}": each for name, each in tuned(3, of=2, by=1e-4).items()}
    commit_state(repository, "three", state)
    matrices, pairs = find(nearest=1)
    numbers = {each.ref.name: each.members for each in matrices.snapshots}

    expected = {
        (numbers["two"][name], numbers["three"][f"other.{name}"]) for name in ("conv", "fc")
    }
    assert expected <= set(pairs)
    assert len(pairs) < 4


def test_what_is_no_number_is_far_from_everything(repository, find):
    """It is no neighbour, and no error."""
    fill(repository, 2)
    commit_state(repository, "nan", {"fc": np.full((50, 80), np.nan, np.float32)})
    matrices, pairs = find()
    assert not any(matrices.snapshots[-1].members["fc"] in pair for pair in pairs)
