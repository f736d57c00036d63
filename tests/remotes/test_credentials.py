"""Tests of `modelhub.remotes.credentials`."""

import stat

import pytest

from modelhub.errors import InputError, IntegrityError
from modelhub.remotes.credentials import keep_token, known_hubs, token_of

HUB, OTHER = "https://hub.example", "http://127.0.0.1:8080"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "no-config/dlv/credentials.json"


def test_a_token_is_kept_for_its_hub_only():
    """And forgotten when one logs out."""
    assert token_of(HUB) is None
    assert keep_token(HUB, "one")
    assert keep_token(OTHER, "two")
    assert not keep_token(OTHER, "two")

    assert (token_of(HUB), token_of(OTHER)) == ("one", "two")
    assert known_hubs() == [OTHER, HUB]
    assert keep_token(HUB, None)
    assert not keep_token(HUB, None)
    assert token_of(HUB) is None
    assert known_hubs() == [OTHER]


def test_nobody_else_can_read_them(file):
    """Nor when they change."""
    for token in ("one", "two"):
        keep_token(HUB, token)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["credentials.json"]


def test_the_environment_wins(monkeypatch):
    """For machines that log in nowhere."""
    keep_token(HUB, "one")
    monkeypatch.setenv("DLV_TOKEN", " other\n")

    assert token_of(HUB) == "other"


def test_without_a_home_nothing_is_kept(monkeypatch):
    """And the way out is told."""
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.delenv("HOME")

    assert token_of(HUB) is None
    with pytest.raises(InputError, match="DLV_TOKEN"):
        keep_token(HUB, "one")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"tokens": []}', '{"tokens": 5}', "\xff"])
def test_a_damaged_file_is_told(file, text):
    """Not taken for an empty one."""
    file.parent.mkdir(parents=True)
    file.write_bytes(text.encode("latin-1"))

    with pytest.raises(IntegrityError, match="delete it"):
        token_of(HUB)
