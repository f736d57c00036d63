"""Tests of `modelhub.hub.search`."""

import pytest

from modelhub.dlv.naming import resolve
from modelhub.hub import Caller, Library
from modelhub.hub.search import found, shown
from modelhub.remotes import FolderRemote, publish

ALICE = Caller(name="alice", is_admin=False, may_write=True)


@pytest.fixture
def filled(tmp_path, library, here) -> Library:
    """Alice's lenet@1, lenet@2 and head@1; everybody may read head."""
    library.models(ALICE, "alice")
    remote = FolderRemote.open(tmp_path / "namespaces/alice")
    publish(here, [resolve(here, each) for each in ("head@1", "lenet@1", "lenet@2")], remote)
    library.catch_up()
    library.set_public(ALICE, "alice", "head", is_public=True)
    return library


def names(library, caller, q, namespace=""):
    return [f"{each.model}@{each.number}" for each in found(library, caller, q, namespace)]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("", ["head@1", "lenet@2", "lenet@1"]),
        ("LENET", ["lenet@2", "lenet@1"]),
        ("number 2", ["lenet@2"]),
        ("2 number", ["lenet@2"]),
        ("adam accuracy", ["lenet@2", "lenet@1"]),
        ("conv", ["head@1", "lenet@2", "lenet@1"]),
        ("resnet", []),
        ("%", []),
        ("_", []),
    ],
)
def test_all_words_stand_in_what_is_found(filled, q, expected):
    """In any order, in any case; letters of patterns mean themselves."""
    assert names(filled, ALICE, q) == expected


def test_one_namespace_or_all(filled):
    assert names(filled, ALICE, "", "bob") == []
    assert len(names(filled, ALICE, "", "alice")) == 3


def test_nothing_is_found_that_one_may_not_read(filled):
    """Its existence is not told, either."""
    assert names(filled, None, "") == ["head@1"]
    assert names(filled, None, "lenet") == []


def test_a_version_is_shown_as_json(filled):
    """With what the command line prints."""
    version = shown(found(filled, ALICE, "number 2", "")[0])

    assert version["namespace"] == "alice"
    assert version["metrics"] == {"accuracy": 0.2}
    assert version["settings"] == {"optimizer": "Adam"}
    assert version["public"] is False


def test_over_http(hub, name):
    """The route asks the same question."""
    assert hub.ask("GET", "/search", hub.account(name), params={"q": name}).json() == []
