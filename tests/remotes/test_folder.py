"""Tests of `modelhub.remotes.folder`."""

import os

import pytest

from modelhub.errors import (
    ConflictError,
    IntegrityError,
    NewerFormatError,
    NotFoundError,
)
from modelhub.remotes import FolderRemote
from modelhub.testing import RemoteContract


class TestFolderRemote(RemoteContract):
    """What every remote does."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.folder = tmp_path / "contract"

    def make_remote(self):
        return FolderRemote.create(self.folder)


def test_asking_for_an_object_makes_it_young(remote, tmp_path):
    """So that no collection takes what a publisher counts on."""
    id_ = remote.put(b"some bytes")
    path = tmp_path / "remote/objects" / id_[:2] / id_[2:]
    os.utime(path, (1, 1))

    assert not remote.missing([id_])
    assert path.stat().st_mtime > 1_000_000


def test_files_that_are_no_refs_are_passed_over(remote, tmp_path):
    """Whoever put them there."""
    for name in ("..%2Fx", "a b", "a/b".replace("/", "%2f"), ".hidden"):
        (tmp_path / "remote/refs" / name).write_text("x")

    assert remote.models() == []


@pytest.mark.parametrize("text", ["", "x", "a" * 64, "a" * 64 + "\n\n", "a" * 1000])
def test_a_damaged_ref_is_told(remote, tmp_path, text):
    """It holds one id and the end of the line."""
    (tmp_path / "remote/refs/lenet").write_text(text)

    with pytest.raises(IntegrityError, match="damaged"):
        remote.ref("lenet")


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    """A remote is made of an empty folder only, and never by mistake."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/cat.png").write_text("x")

    with pytest.raises(ConflictError, match=r"cat\.png"):
        FolderRemote.create(tmp_path / "photos")
    with pytest.raises(NotFoundError, match="is no remote"):
        FolderRemote.open(tmp_path / "photos")
    with pytest.raises(ConflictError, match="is a file"):
        FolderRemote.create(tmp_path / "photos/cat.png")


@pytest.mark.usefixtures("remote")
def test_another_format_is_refused(tmp_path):
    """A later one says what to do."""
    path = tmp_path / "remote/format"
    path.write_text("dlv remote 2\n")
    with pytest.raises(NewerFormatError, match="upgrade"):
        FolderRemote.open(tmp_path / "remote")
    path.write_text("something\n")
    with pytest.raises(IntegrityError, match="really a remote"):
        FolderRemote.open(tmp_path / "remote")
