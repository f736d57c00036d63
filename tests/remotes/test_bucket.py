"""Tests of `modelhub.remotes.bucket`, against a real S3 server."""

import itertools
from datetime import timedelta

import obstore
import pytest
from s3_server import free_ports, s3_server

from modelhub.dlv.naming import resolve
from modelhub.errors import (
    ConflictError,
    IntegrityError,
    NewerFormatError,
    NotFoundError,
    StorageError,
)
from modelhub.remotes import bucket, everything, fetch, open_remote, publish
from modelhub.remotes.bucket import BucketRemote
from modelhub.testing import RemoteContract

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with s3_server(tmp_path_factory.mktemp("s3")) as environment:
        yield environment


@pytest.fixture(autouse=True)
def address(server, monkeypatch):
    """A prefix that nothing is under."""
    for name, value in server.items():
        monkeypatch.setenv(name, value)
    return f"s3://models/team%20{next(NUMBERS)}/hub"


class TestBucketRemote(RemoteContract):
    """What every remote does."""

    @pytest.fixture(autouse=True)
    def _place(self, address):
        self.place = address

    def make_remote(self):
        return BucketRemote.create(self.place)


def test_versions_go_there_and_come_back(here, there, address, state, tuned):
    """Through the same code as with a folder: only what is lacking travels."""
    first = state(1)
    here.commit("lenet", first)
    here.commit("lenet", tuned(first))
    remote = open_remote(address, create=True)
    refs = [resolve(here, each) for each in ("lenet@1", "lenet@2")]
    publish(here, refs, remote)

    again = publish(here, refs, remote)
    fetched = fetch(there, open_remote(address), everything(remote))

    assert [each.sent for each in again.versions] == [0, 0]
    assert [str(each.version) for each in fetched.versions] == ["lenet@1", "lenet@2"]
    assert there["lenet@2"].id == here["lenet@2"].id


def test_what_is_no_longer_young_is_put_again(address, monkeypatch):
    """A collection may take it soon; whoever puts it makes it young."""
    remote = BucketRemote.create(address)
    id_ = remote.put(b"some bytes")
    assert not remote.missing([id_])

    monkeypatch.setattr(bucket, "YOUNG", timedelta(seconds=-5))
    assert remote.missing([id_]) == {id_}


def test_a_place_of_something_else_is_left_alone(address):
    """A remote is made where nothing is, and never by mistake."""
    other = BucketRemote(address)
    with pytest.raises(NotFoundError, match="is no remote"):
        BucketRemote.open(address)
    obstore.put(other._store, "cat.png", b"x")

    with pytest.raises(ConflictError, match=r"cat\.png"):
        BucketRemote.create(address)


def test_another_format_is_refused(address):
    """A later one says what to do."""
    remote = BucketRemote.create(address)
    obstore.put(remote._store, "format", b"dlv remote 2\n")
    with pytest.raises(NewerFormatError, match="upgrade"):
        BucketRemote.open(address)
    obstore.put(remote._store, "format", b"something\n")
    with pytest.raises(IntegrityError, match="really a remote"):
        BucketRemote.open(address)


@pytest.mark.parametrize("text", [b"", b"x", b"a" * 64, b"A" * 64 + b"\n", b"a" * 1000])
def test_a_damaged_ref_is_told(address, text):
    """It holds one id and the end of the line."""
    remote = BucketRemote.create(address)
    obstore.put(remote._store, "refs/lenet", text)

    with pytest.raises(IntegrityError, match="damaged"):
        remote.ref("lenet")


def test_keys_that_are_no_refs_are_passed_over(address):
    """Whoever put them there."""
    remote = BucketRemote.create(address)
    for key in ("..%2Fx", "a b", "a%2fb", ".hidden"):
        obstore.put(remote._store, f"refs/{key}", b"x")

    assert remote.models() == []


def test_a_bucket_that_is_not_there_is_told():
    """It is not made by the way: a bucket costs money, and its name is everybody's."""
    address = "s3://no-such-bucket/x"
    with pytest.raises(NotFoundError, match="there is no bucket no-such-bucket"):
        BucketRemote.create(address)
    with pytest.raises(NotFoundError, match="is no remote"):
        BucketRemote.open(address)


def test_wrong_keys_are_told_in_one_line(address, monkeypatch):
    """And what to set."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")

    with pytest.raises(StorageError, match="AWS_SECRET_ACCESS_KEY") as caught:
        BucketRemote.open(address)
    assert "\n" not in str(caught.value)


def test_a_store_that_does_not_answer_is_told_in_one_line(address, monkeypatch):
    """After it was asked again for a while."""
    monkeypatch.setattr(bucket, "PATIENCE", timedelta(seconds=1))
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_ports(1)[0]}")

    with pytest.raises(StorageError, match="cannot be used") as caught:
        BucketRemote.open(address)
    assert "\n" not in str(caught.value)
    assert "testsecret123" not in str(caught.value)
