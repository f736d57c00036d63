"""Tests of `modelhub.remotes.pulling`."""

import pytest

from modelhub.dlv.operations.fsck import check
from modelhub.dlv.repository import Repository
from modelhub.errors import ConflictError, NotFoundError, StorageError
from modelhub.remotes import FolderRemote, clone, pull, remotes_of


def test_a_pull_writes_the_files(here, there, send, remote, state, tmp_path):
    """Of the latest version on the remote, and of no other."""
    for seed in (1, 2):
        here.commit("lenet", state(seed))
    send("lenet@1", "lenet@2")
    done = pull(there, remote, "lenet")

    assert [each.number for each in done.fetched.versions] == [2]
    assert (there.root / "model.safetensors").exists()
    pull(there, remote, "lenet@1", to=tmp_path / "out")
    one, two = (tmp_path / "out/model.safetensors", there.root / "model.safetensors")
    assert one.read_bytes() != two.read_bytes()


def test_files_in_the_way_are_left(here, there, send, remote, state):
    """The version is here, and the file stays as it is unless it is forced."""
    here.commit("lenet", state(1))
    send("lenet")
    place = there.root / "model.safetensors"
    place.write_text("mine")
    with pytest.raises(ConflictError):
        pull(there, remote, "lenet")

    assert place.read_text() == "mine"
    assert there["lenet"].id == here["lenet"].id
    pull(there, remote, "lenet", force=True)
    assert place.read_text(errors="replace") != "mine"


def test_a_clone_has_everything(here, send, remote, state, tmp_path):
    """All versions under their numbers; the remote has a name. A second run changes nothing."""
    for seed in (1, 2):
        here.commit("lenet", state(seed))
    send("lenet@1", "lenet@2")
    folder = tmp_path / "clone"
    done = clone(remote.url, folder)
    again = clone(remote.url, folder)

    assert [each.version.number for each in done.fetched.versions] == [1, 2]
    assert not any(each.created for each in again.fetched.versions)
    with Repository.open(folder) as repository:
        assert remotes_of(repository) == {"origin": remote.url}
        assert check(repository).is_clean


def test_a_clone_that_was_cut_off_goes_on(here, send, remote, state, tmp_path, monkeypatch):
    """Whatever was there of it."""
    here.commit("lenet", state(1))
    send("lenet")

    def failing(*_):
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(FolderRemote, "models", failing)
        with pytest.raises(StorageError):
            clone(remote.url, tmp_path / "clone")
    assert clone(remote.url, tmp_path / "clone").fetched.versions[0].created


def test_another_repository_is_left_alone(here, there, send, remote, state):
    """A clone does not mix with what is there."""
    here.commit("lenet", state(1))
    there.commit("own", state(2))
    send("lenet")
    with pytest.raises(ConflictError, match="dlv fetch"):
        clone(remote.url, there.root)


def test_no_remote_no_clone(tmp_path):
    """Nothing is made."""
    with pytest.raises(NotFoundError):
        clone((tmp_path / "absent").as_uri(), tmp_path / "clone")
    assert not (tmp_path / "clone").exists()
