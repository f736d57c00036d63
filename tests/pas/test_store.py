"""Tests of `modelhub.pas.store`."""

import os
from pathlib import Path

import pytest

from modelhub import durable
from modelhub.errors import NotFoundError, StorageError
from modelhub.pas import DirectoryStore, MemoryStore, check_pack
from modelhub.testing import ObjectStoreContract


class TestMemoryStore(ObjectStoreContract):
    """`MemoryStore` keeps the promises of a store."""

    def make_store(self):
        return MemoryStore()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "objects"


@pytest.fixture
def scratch(tmp_path):
    path = tmp_path / "tmp"
    path.mkdir()
    return path


@pytest.fixture
def directory(folder, scratch):
    return DirectoryStore(folder, lambda: scratch)


class TestDirectoryStore(ObjectStoreContract):
    """`DirectoryStore` keeps the promises of a store."""

    @pytest.fixture
    def store(self, directory):
        return directory


def test_an_object_lies_in_the_folder_of_its_first_two_digits(directory, folder, scratch):
    """repository.md §1: `objects/ab/cdef…`, and nothing stays in the scratch folder."""
    name = directory.put([b"data"])

    assert (folder / name[:2] / name[2:]).read_bytes() == b"data"
    assert list(scratch.iterdir()) == []


def test_strange_files_are_no_objects(directory, folder):
    """Only regular files of the right names are listed."""
    name = directory.put([b"data"])
    (folder / "README").write_text("")
    (folder / name[:2] / "short").write_text("")
    (folder / name[:2] / ("f" * 62)).symlink_to("/etc/passwd")
    (folder / "zz").mkdir()
    (folder / "zz" / name[2:]).write_text("")

    assert list(directory.ids()) == [name]


def test_a_symbolic_link_is_not_followed(directory, folder):
    """An object is a file, and a link in its place is refused."""
    name = directory.put([b"data"])
    (folder / name[:2] / ("f" * 62)).symlink_to(folder / name[:2] / name[2:])

    with pytest.raises(OSError, match="symbolic links"):
        directory.read(name[:2] + "f" * 62, 0, 1)


def test_putting_again_heals_a_damaged_object(directory, folder):
    """The bytes of an object are known, so that storing it again makes it whole."""
    name = directory.put([b"data"])
    path = folder / name[:2] / name[2:]
    path.chmod(0o644)
    path.write_bytes(b"dada")
    directory.put([b"data"])

    check_pack(directory, name)


def test_every_step_is_durable_before_the_next(directory, monkeypatch):
    """Write, flush, rename, flush the folder: an object is never visible before it is safe."""
    steps = []
    monkeypatch.setattr(durable, "checkpoint", lambda step, _: steps.append(step))
    directory.put([b"data"])

    kept = [step for step in steps if step not in ("mkdir", "write")]
    assert kept[:2] == ["create", "flush"]
    assert kept[-2:] == ["rename", "flush-folder"]


def test_a_full_disk_leaves_nothing(directory, scratch, monkeypatch):
    """When the disk is full the half-written file is removed, and the message says so."""

    def full(step, _):
        if step == "flush":
            raise OSError(28, os.strerror(28))

    monkeypatch.setattr(durable, "checkpoint", full)
    with pytest.raises(StorageError, match="the disk is full"):
        directory.put([b"data"])

    assert list(scratch.iterdir()) == []
    assert list(directory.ids()) == []


def test_a_folder_that_does_not_exist_is_empty(scratch):
    """A new repository has no objects folder yet."""
    assert list(DirectoryStore(Path("/nonexistent"), lambda: scratch).ids()) == []


def test_an_object_can_be_made_young(directory, folder):
    """As if it were stored now; one that is not there cannot."""
    name = directory.put([b"data"])
    os.utime(folder / name[:2] / name[2:], (1, 1))
    directory.freshen(name)

    assert directory.modified(name) > 1_000_000
    with pytest.raises(NotFoundError):
        directory.freshen("0" * 64)
