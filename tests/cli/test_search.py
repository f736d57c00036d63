"""Tests of `dlv search`."""

from collections.abc import Callable
from typing import Any

import pytest

from modelhub.remotes import keep_token

Dlv = Callable[..., Any]


@pytest.fixture
def shared(lenet: Dlv, hub: Any, user: str) -> Dlv:
    """lenet@1 and lenet@2 are the user's own on the hub; head@1 is everybody's."""
    keep_token(hub.url, hub.account(user))
    assert lenet("publish", "lenet", f"{hub.url}/{user}", "--all").status == 0
    assert lenet("publish", "head", f"{hub.url}/{user}", "--public").status == 0
    return lenet


def test_words_are_found(shared: Dlv, hub: Any, user: str) -> None:
    """On the hubs that one has logged in to."""
    found = shared("search", "FIRST", "lenet", "--namespace", user)

    assert f"{hub.url}/{user}  lenet@1" in found.out
    assert "lenet@2" not in found.out
    rows = shared("search", "--namespace", user, "--json").json
    assert {f"{each['model']}@{each['number']}" for each in rows} == {
        "lenet@1",
        "lenet@2",
        "head@1",
    }
    assert len(shared("search", "--namespace", user, "-q").out.split()) == 3
    assert "nothing is found" in shared("search", "no-such-word", "--namespace", user).out


def test_without_a_token_public_models_are_found(shared: Dlv, hub: Any, user: str) -> None:
    """On a hub that is named."""
    keep_token(hub.url, None)

    rows = shared("search", "--hub", hub.url, "--namespace", user, "--json").json
    assert [each["model"] for each in rows] == ["head"]


def test_a_hub_must_be_named(dlv: Dlv) -> None:
    answer = dlv("search", "lenet")

    assert answer.status == 1
    assert "--hub" in answer.err
