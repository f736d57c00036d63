"""Tests of `modelhub.hub.account_routes`, over HTTP."""

import pytest


def test_who_asks_is_told(hub, name):
    """By their token."""
    token = hub.account(name)

    assert hub.ask("GET", "/whoami", token).json() == {"name": name, "admin": False, "write": True}
    assert hub.ask("GET", "/whoami", hub.token).json()["admin"]


@pytest.mark.parametrize("path", ["/whoami", "/tokens"])
def test_without_a_token_there_is_nobody(hub, path):
    """401 says how to come back."""
    answer = hub.ask("GET", path)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["error"]["code"] == "access"


def test_only_admins_make_accounts(hub, name):
    """And say why not."""
    token = hub.account(name)

    assert hub.ask("POST", "/accounts", token, json={"name": f"{name}-x"}).status_code == 403
    assert hub.ask("POST", "/accounts", json={"name": f"{name}-x"}).status_code == 401
    again = hub.ask("POST", "/accounts", hub.token, json={"name": name})
    assert again.status_code == 412
    assert "already" in again.json()["error"]["message"]
    assert hub.ask("POST", "/accounts", hub.token, json={"name": "../x"}).status_code == 400


def test_tokens_are_made_listed_and_revoked(hub, name):
    """What proves them is shown once."""
    token = hub.account(name)
    made = hub.ask("POST", "/tokens", token, json={"label": "a b/c", "days": 3})
    other = made.json()["token"]

    assert made.status_code == 201
    assert hub.ask("GET", "/whoami", other).json()["write"] is False
    listed = hub.ask("GET", "/tokens", token)
    assert [each["label"] for each in listed.json()] == ["first", "a b/c"]
    assert other not in listed.text
    assert hub.ask("DELETE", "/tokens/a%20b%2Fc", token).status_code == 204
    assert hub.ask("GET", "/whoami", other).status_code == 403
    assert hub.ask("DELETE", "/tokens/a%20b%2Fc", token).status_code == 404


def test_a_token_that_reads_makes_and_revokes_none(hub, name):
    """Else it would do more than it may."""
    token = hub.account(name)
    reader = hub.ask("POST", "/tokens", token, json={"label": "reader"}).json()["token"]

    assert hub.ask("POST", "/tokens", reader, json={"label": "x"}).status_code == 403
    assert hub.ask("DELETE", "/tokens/first", reader).status_code == 403


@pytest.mark.parametrize(
    "body", [{}, {"label": "x", "days": 0}, {"label": "x", "other": 1}, {"label": 5}, []]
)
def test_bodies_of_another_shape_are_refused(hub, name, body):
    """Nothing is guessed."""
    answer = hub.ask("POST", "/tokens", hub.account(name), json=body)

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "input"
