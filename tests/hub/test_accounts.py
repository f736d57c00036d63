"""Tests of `modelhub.hub.accounts`."""

import time

import pytest
from sqlalchemy import select

from modelhub.errors import AccessError, ConflictError, InputError, NotFoundError
from modelhub.hub import schema
from modelhub.hub.accounts import RESERVED, check_account, is_token


def test_the_first_account_is_an_admins_and_made_once(accounts):
    """The token is that account's."""
    token = accounts.first("root")

    assert accounts.first("other") is None
    caller = accounts.caller(token)
    assert (caller.name, caller.is_admin, caller.may_write) == ("root", True, True)
    assert accounts.names() == ["root"]


def test_an_account_has_a_name_of_its_own(accounts):
    """Nobody else can take it."""
    accounts.create("alice")

    assert accounts.exists("alice")
    assert not accounts.exists("bob")
    with pytest.raises(ConflictError, match="another name"):
        accounts.create("alice")


@pytest.mark.parametrize(
    "name",
    ["", "a", "-a", "a-", "Alice", "a/b", "..", "a b", "ä-b", "a" * 40, "a\n", *sorted(RESERVED)],
)
def test_names_keep_a_rule(accounts, name):
    """They stand in addresses and become folders."""
    with pytest.raises(InputError):
        accounts.create(name)


def test_a_name_that_keeps_the_rule_comes_back():
    assert check_account("alice-2") == "alice-2"


def test_tokens_are_told_apart_from_typing_errors(accounts):
    """By a checksum, before anything is looked up."""
    token = accounts.create("alice")
    typed = token[:10] + ("a" if token[10] != "a" else "b") + token[11:]

    assert is_token(token)
    assert not is_token(typed)
    for wrong in (typed, "", "mh_", token + "0", token[:-1]):
        with pytest.raises(AccessError, match="unknown"):
            accounts.caller(wrong)


def test_only_the_hash_of_a_token_is_kept(accounts, database):
    """Whoever reads the database cannot come in."""
    token = accounts.create("alice")

    with database.reading() as connection:
        rows = connection.execute(select(schema.token)).all()
    assert token.encode() not in str(rows).encode()
    assert len(rows[0].digest) == 32


def test_a_token_that_reads_only_says_so(accounts):
    accounts.create("alice")
    token = accounts.create_token("alice", "laptop", may_write=False)

    assert not accounts.caller(token).may_write
    assert [(each.label, each.may_write) for each in accounts.tokens("alice")] == [
        ("first", True),
        ("laptop", False),
    ]


def test_labels_are_unique_and_printable(accounts):
    """A label is how a token is revoked."""
    accounts.create("alice")
    accounts.create_token("alice", "laptop", may_write=True)

    with pytest.raises(ConflictError, match="revoke it first"):
        accounts.create_token("alice", "laptop", may_write=True)
    for label in ("", "a\nb", "x" * 81):
        with pytest.raises(InputError):
            accounts.create_token("alice", label, may_write=True)
    with pytest.raises(NotFoundError):
        accounts.create_token("nobody", "x", may_write=True)


def test_a_revoked_token_is_worthless(accounts):
    """At once, and only it."""
    first = accounts.create("alice")
    token = accounts.create_token("alice", "laptop", may_write=True)
    accounts.revoke("alice", "laptop")

    with pytest.raises(AccessError, match="revoked"):
        accounts.caller(token)
    assert accounts.caller(first).name == "alice"
    with pytest.raises(NotFoundError):
        accounts.revoke("alice", "laptop")


def test_a_token_expires(accounts, monkeypatch):
    """On the day that was said."""
    accounts.create("alice")
    token = accounts.create_token("alice", "laptop", may_write=True, days=1)
    now = time.time()

    monkeypatch.setattr(time, "time", lambda: now + 86_300)
    assert accounts.caller(token).name == "alice"
    monkeypatch.setattr(time, "time", lambda: now + 86_500)
    with pytest.raises(AccessError, match="expired"):
        accounts.caller(token)


def test_the_last_use_is_known(accounts):
    """To the minute."""
    token = accounts.create("alice")
    assert accounts.tokens("alice")[0].used is None

    accounts.caller(token)
    used = accounts.tokens("alice")[0].used
    assert used is not None
    assert abs(used - time.time()) < 100
