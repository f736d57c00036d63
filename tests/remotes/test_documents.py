"""Tests of `modelhub.remotes.documents`."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.errors import IntegrityError, ModelHubError, NewerFormatError
from modelhub.identity import canonical_json
from modelhub.remotes.documents import (
    Parcel,
    Track,
    TrackEntry,
    object_id,
    parse_parcel,
    parse_track,
)

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
TRACK = Track(
    name="org/lenet",
    previous=C,
    versions=[
        TrackEntry(number=1, version=A, parcel=C),
        TrackEntry(number=7, version=B, parcel=C),
    ],
    tags={"v1": A},
)
ids = st.text("0123456789abcdef", min_size=64, max_size=64)


@pytest.mark.property
@given(version=ids, packs=st.dictionaries(ids, st.integers(1, 1 << 26)))
def test_a_parcel_is_read_as_it_was_written(version, packs):
    """Whatever packs it lists."""
    parcel = Parcel(version=version, packs=packs)

    assert parse_parcel(parcel.to_bytes()) == parcel


def test_a_track_is_read_as_it_was_written():
    """Its bytes are canonical JSON, so equal tracks have equal names."""
    assert parse_track(TRACK.to_bytes()) == TRACK
    assert TRACK.to_bytes() == canonical_json(json.loads(TRACK.to_bytes()))
    assert len(object_id(TRACK.to_bytes())) == 64


def test_a_version_is_found_in_its_track():
    """By its id."""
    assert TRACK.entry(B) == TRACK.versions[1]
    assert TRACK.entry(C) is None


def changed(**changes):
    return canonical_json(json.loads(TRACK.to_bytes()) | changes)


def entry(number=1, version=A, parcel=C):
    return {"number": number, "version": version, "parcel": parcel}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b"[" * 100_000,
        b"\xff",
        changed(name="../escape"),
        changed(name=5),
        changed(previous="elsewhere"),
        changed(versions=[entry(0)]),
        changed(versions=[entry(10**9)]),
        changed(versions=[entry(number=True)]),
        changed(versions=[entry(1.0)]),
        changed(versions=[entry(2), entry(1, B)]),
        changed(versions=[entry(1), entry(2)]),
        changed(versions=[entry(version="../../etc")]),
        changed(versions=[entry(parcel=None)]),
        changed(versions={}),
        changed(tags={"v1": C}),
        changed(tags={"no tag": A}),
        changed(tags=[]),
    ],
)
def test_a_track_that_is_not_valid_is_refused(raw):
    """In one line, and without an internal error."""
    with pytest.raises(IntegrityError, match="not valid") as caught:
        parse_track(raw)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "packs", [[[A, 0]], [[A, (64 << 20) + 1]], [[A, 5], [A, 5]], [["A" * 64, 5]], [[A]], [5], {}]
)
def test_a_parcel_that_is_not_valid_is_refused(packs):
    """Packs have names of packs and sizes of packs, and each comes once."""
    raw = json.dumps({"format": 1, "version": A, "packs": packs}).encode()
    if packs == {}:
        assert parse_parcel(raw).packs == {}
        return
    with pytest.raises(IntegrityError, match="not valid"):
        parse_parcel(raw)


def test_a_later_format_says_what_to_do():
    """A track of format 2 is not damage."""
    with pytest.raises(NewerFormatError, match="upgrade with"):
        parse_track(changed(format=2))


@pytest.mark.property
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_no_json_is_an_internal_error(value):
    """Whatever JSON it is."""
    for parse in (parse_track, parse_parcel):
        with pytest.raises(ModelHubError):
            parse(json.dumps(value).encode())
