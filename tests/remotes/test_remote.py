"""Tests of `modelhub.remotes.remote`."""

import os

import pytest

from modelhub.errors import IntegrityError, NotFoundError
from modelhub.remotes.documents import Parcel, Track
from modelhub.remotes.remote import read_object, read_parcel, read_track

OTHER = "3" * 64


def path_of(tmp_path, id_):
    path = tmp_path / "remote/objects" / id_[:2] / id_[2:]
    path.chmod(0o644)
    return path


def test_an_object_is_compared_with_its_name(remote, tmp_path):
    """A remote cannot give other bytes."""
    id_ = remote.put(b"some bytes")
    assert read_object(remote, id_) == b"some bytes"
    path_of(tmp_path, id_).write_bytes(b"same bytes")

    with pytest.raises(IntegrityError, match="damaged"):
        read_object(remote, id_)


def test_a_large_object_is_not_read(remote, tmp_path):
    """Its size decides, before anything is allocated."""
    id_ = remote.put(b"x")
    with path_of(tmp_path, id_).open("r+b") as file:
        file.truncate(1 << 40)

    with pytest.raises(IntegrityError, match="1099511627776 bytes"):
        read_object(remote, id_)
    with pytest.raises(IntegrityError, match="at most 5"):
        read_object(remote, remote.put(b"123456"), most=5)


def test_what_is_no_file_is_not_waited_for(remote, tmp_path):
    """A pipe in the place of an object blocks nobody."""

    folder = tmp_path / "remote/objects/33"
    folder.mkdir()
    os.mkfifo(folder / OTHER[2:])

    with pytest.raises(IntegrityError):
        read_object(remote, OTHER)


def test_an_absent_model_has_an_empty_track(remote):
    """And no ref."""
    assert read_track(remote, "lenet") == (None, Track(name="lenet"))


def test_a_ref_leads_to_its_own_model(remote, tmp_path):
    """A track of another model does not pass for it."""
    id_ = remote.put(Track(name="vgg").to_bytes())
    (tmp_path / "remote/refs/lenet").write_text(f"{id_}\n")

    with pytest.raises(IntegrityError, match="leads to the model 'vgg'"):
        read_track(remote, "lenet")


def test_a_parcel_is_read(remote):
    """Or it is missing."""
    parcel = Parcel(version=OTHER, packs={})

    assert read_parcel(remote, remote.put(parcel.to_bytes())) == parcel
    with pytest.raises(NotFoundError):
        read_parcel(remote, OTHER)
