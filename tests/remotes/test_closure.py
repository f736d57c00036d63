"""Tests of `modelhub.remotes.closure`."""

from dataclasses import replace

import pytest

from modelhub.errors import IntegrityError
from modelhub.remotes.documents import Parcel, Track, TrackEntry

V1, V2, OTHER = "1" * 64, "2" * 64, "3" * 64


@pytest.fixture
def first(remote):
    """A ref with one version."""
    pack = remote.put(b"pack")
    parcel = remote.put(Parcel(version=V1, packs={pack: 4}).to_bytes())
    entry = TrackEntry(number=1, version=V1, parcel=parcel)
    track = Track(name="lenet", versions=[entry], tags={"v1": V1})
    remote.swap("lenet", None, remote.put(track.to_bytes()))
    return track


def test_a_track_continues_the_one_before(remote, first):
    """Nothing that was published may be lost or renamed by a publish."""
    old = remote.ref("lenet")
    wrong = [
        replace(first, previous=old, versions=[], tags={}),
        replace(first, previous=old, tags={}),
        replace(first, previous=old, versions=[replace(first.versions[0], number=2)]),
        replace(first, previous=None),
        replace(first, previous=old, name="vgg"),
    ]
    for track in wrong:
        with pytest.raises(IntegrityError, match="does not continue"):
            remote.swap("lenet", old, remote.put(track.to_bytes()))
    assert remote.ref("lenet") == old


def test_nothing_may_be_missing(remote, first):
    """Track, parcel and packs are there, and of the sizes that are said."""
    old = remote.ref("lenet")
    pack = remote.put(b"more")

    def with_parcel(parcel):
        entry = TrackEntry(number=2, version=V2, parcel=parcel)
        track = replace(first, previous=old, versions=[*first.versions, entry])
        return remote.put(track.to_bytes())

    for new in (
        OTHER,
        with_parcel(OTHER),
        with_parcel(pack),
        with_parcel(remote.put(Parcel(version=V2, packs={OTHER: 4}).to_bytes())),
        with_parcel(remote.put(Parcel(version=V2, packs={pack: 5}).to_bytes())),
        with_parcel(remote.put(Parcel(version=V1, packs={pack: 4}).to_bytes())),
    ):
        with pytest.raises(IntegrityError):
            remote.swap("lenet", old, new)
    remote.swap(
        "lenet", old, with_parcel(remote.put(Parcel(version=V2, packs={pack: 4}).to_bytes()))
    )
