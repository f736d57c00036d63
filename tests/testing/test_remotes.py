"""The contract of remotes finds what breaks it."""

import hashlib

import pytest

from modelhub.errors import ConflictError, IntegrityError
from modelhub.remotes import FolderRemote
from modelhub.testing import RemoteContract
from modelhub.testing.remotes import put_track


class TestFolders(RemoteContract):
    """A remote that keeps it."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.folder = tmp_path / "remote"

    def make_remote(self):
        return FolderRemote.create(self.folder)


class Careless(FolderRemote):
    """Moves a ref wherever it is told to."""

    def swap(self, name, old, new):  # noqa: ARG002 - that is what is wrong with it
        (self._refs / name).write_text(f"{new}\n")


def test_a_remote_that_lets_refs_dangle_is_found(tmp_path):
    """The very checks of the contract fail for it."""
    careless = Careless.create(tmp_path / "remote")
    contract = RemoteContract()
    with pytest.raises(pytest.fail.Exception):
        contract.test_a_ref_never_dangles(careless)
    contract.make_remote = lambda: careless
    with pytest.raises(pytest.fail.Exception):
        contract.test_a_ref_moves_from_what_it_was(careless)


def test_the_track_that_it_puts_is_one(tmp_path):
    """A remote that checks takes it, and refuses it twice."""
    remote = FolderRemote.create(tmp_path / "remote")
    id_, track = put_track(remote)
    remote.swap("lenet", None, id_)

    assert id_ == hashlib.sha256(track.to_bytes()).hexdigest()
    with pytest.raises((ConflictError, IntegrityError)):
        remote.swap("lenet", None, id_)
