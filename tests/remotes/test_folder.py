"""Tests of `modelhub.remotes.folder`."""

import os
import threading

import pytest

from modelhub.errors import (
    ConflictError,
    InputError,
    IntegrityError,
    NewerFormatError,
    NotFoundError,
)
from modelhub.remotes import FolderRemote
from modelhub.remotes.documents import Parcel, Track, TrackEntry, parse_track

VERSION = "a" * 64


def track_of(remote, name="lenet", number=1, previous=None, versions=()):
    """A valid track with one more version, put on the remote with what it needs."""
    version = f"{number:064x}"
    pack = remote.put(f"pack {number}".encode())
    parcel = remote.put(Parcel(version=version, packs={pack: len(f"pack {number}")}).to_bytes())
    entry = TrackEntry(number=number, version=version, parcel=parcel)
    track = Track(name=name, previous=previous, versions=[*versions, entry])
    return remote.put(track.to_bytes()), track


def test_an_object_comes_back(remote):
    """By ranges, under the hash of its bytes."""
    id_ = remote.put(b"some bytes")

    assert remote.read(id_, 5, 5) == b"bytes"
    assert remote.size(id_) == 10
    assert remote.missing([id_, VERSION]) == {VERSION}


def test_asking_for_an_object_makes_it_young(remote, tmp_path):
    """So that no collection takes what a publisher counts on."""
    id_ = remote.put(b"some bytes")
    path = tmp_path / "remote/objects" / id_[:2] / id_[2:]
    os.utime(path, (1, 1))

    assert not remote.missing([id_])
    assert path.stat().st_mtime > 1_000_000


def test_a_ref_moves_from_what_it_was(remote):
    """And from nothing else."""
    first, track = track_of(remote)
    remote.swap("lenet", None, first)
    second, _ = track_of(remote, number=2, previous=first, versions=track.versions)

    with pytest.raises(ConflictError, match="run the command again"):
        remote.swap("lenet", None, second)
    assert remote.ref("lenet") == first
    remote.swap("lenet", first, second)
    assert remote.ref("lenet") == second
    assert FolderRemote.open(remote._layout.folder).models() == ["lenet"]


def test_of_racing_publishers_one_wins(remote):
    """Each swap has one winner; nobody's version is lost."""
    failed = []

    def publish(number):
        while True:
            old = remote.ref("lenet")
            known = [] if old is None else list(parse(remote, old).versions)
            worker = FolderRemote.open(remote._layout.folder)
            entries = sorted([*known, entry_of(worker, number)], key=lambda each: each.number)
            new = worker.put(Track(name="lenet", previous=old, versions=entries).to_bytes())
            try:
                worker.swap("lenet", old, new)
            except ConflictError:
                failed.append(number)
            else:
                return

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(1, 9)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [e.number for e in parse(remote, remote.ref("lenet")).versions] == list(range(1, 9))


def entry_of(remote, number):
    return track_of(remote, number=number)[1].versions[-1]


def parse(remote, id_):
    return parse_track(remote.read(id_, 0, remote.size(id_)))


@pytest.mark.parametrize("name", ["a/b", "org/LeNet-5.x+y", "a%2Fb".replace("%2F", ".")])
def test_names_of_models_are_names_of_files(remote, name):
    """With slashes, in one folder."""
    remote.swap(name, None, track_of(remote, name)[0])

    assert remote.models() == [name]
    assert remote.ref(name) is not None


@pytest.mark.parametrize("name", ["..", "../x", "/abs", "a//b", "a\0b", ""])
def test_a_name_that_is_none_leads_nowhere(remote, name):
    """No ref is made of it."""
    with pytest.raises(InputError):
        remote.swap(name, None, VERSION)


@pytest.mark.parametrize("name", ["../x", "A" * 64, "a" * 63])
def test_an_object_name_that_is_none_is_refused(remote, name):
    """Before it becomes a path."""
    with pytest.raises(InputError):
        remote.read(name, 0, 1)


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
