"""Tests of `dlv auth`."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from modelhub.remotes import keep_token

Dlv = Callable[..., Any]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """What stands in the standard input."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


@pytest.fixture
def login(dlv: Dlv, hub: Any, typed: Callable[[str], None]) -> Callable[[str], Any]:
    """Log in with a token."""

    def call(token: str) -> Any:
        typed(f"{token}\n")
        return dlv("auth", "login", f"{hub.url}/some/page")

    return call


def test_one_logs_in_and_out(dlv: Dlv, hub: Any, login: Any, user: str) -> None:
    """The token is read, not typed into the command."""
    done = login(hub.account(user))

    assert (done.status, done.out) == (0, f"logged in to {hub.url} as {user}\n")
    assert dlv("auth").out == f"{user} at {hub.url}; this token may publish\n"
    assert dlv("auth", "whoami", "--json").json == {
        "hub": hub.url,
        "name": user,
        "admin": False,
        "write": True,
    }
    assert dlv("auth", "logout").out == f"logged out of {hub.url}\n"
    assert "were not logged in" in dlv("auth", "logout", "--hub", hub.url).out


def test_a_wrong_token_is_not_kept(dlv: Dlv, login: Any) -> None:
    """Nor none at all."""
    refused = login("mh_wrong")

    assert refused.status == 10
    assert "unknown or was revoked" in refused.err
    assert login("").status == 1
    assert "not logged in" in dlv("auth").err


def test_tokens_are_made_listed_and_revoked(dlv: Dlv, hub: Any, login: Any, user: str) -> None:
    login(hub.account(user))
    made = dlv("auth", "token", "laptop", "--days", "3", "-q").out.strip()

    assert made.startswith("mh_")
    listed = dlv("auth", "tokens")
    assert "laptop" in listed.out
    assert made not in listed.out
    assert login(made).status == 0
    assert "may read only" in dlv("auth").out
    assert dlv("auth", "token", "more").status == 10


def test_an_admin_makes_accounts(dlv: Dlv, hub: Any, login: Any, user: str) -> None:
    """And others do not."""
    login(hub.token)
    token = dlv("auth", "user", user, "--json").json["token"]

    assert dlv("auth", "user", user).status == 4
    assert dlv("auth", "user", "A b").status == 1
    login(token)
    assert dlv("auth", "user", f"{user}-x").status == 10


def test_which_hub_is_meant_is_asked(dlv: Dlv, hub: Any, login: Any, user: str) -> None:
    """Where there are several."""
    login(hub.account(user))
    keep_token("https://hub.example", "other")

    assert "say which one with --hub" in dlv("auth").err
    assert user in dlv("auth", "--hub", hub.url).out


@pytest.mark.parametrize(
    "words", [["login"], ["whoami", "x"], ["token"], ["revoke"], ["user"], ["tokens", "x"], ["x"]]
)
def test_usage_is_told(dlv: Dlv, words: list[str]) -> None:
    assert dlv("auth", *words).status == 2


@pytest.mark.parametrize("address", ["hub", "file:///x", "http://", "http://a b", "https://u:p@h"])
def test_an_address_that_is_none_is_told(dlv: Dlv, typed: Any, address: str) -> None:
    typed("mh_x\n")
    answer = dlv("auth", "login", address)

    assert answer.status == 1
    assert answer.err.count("\n") == 1
