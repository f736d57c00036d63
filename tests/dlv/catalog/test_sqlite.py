"""SQLite's errors, in one line each."""

import sqlite3
from pathlib import Path

import pytest

from modelhub.dlv.catalog.sqlite import connect, explained
from modelhub.errors import IntegrityError, LockedError, StorageError


@pytest.mark.parametrize(
    ("text", "error", "way_out"),
    [
        ("database is locked", LockedError, "try again later"),
        ("database or disk is full", StorageError, "free some space"),
        ("attempt to write a readonly database", StorageError, "check who owns"),
        ("unable to open database file", StorageError, "check who owns"),
        ("no such table: version", IntegrityError, "--rebuild"),
    ],
)
def test_each_refusal_says_the_way_out(text: str, error: type[Exception], way_out: str) -> None:
    """With the file that is meant."""
    with pytest.raises(error, match=rf"/c\.db.*{way_out}"), explained(Path("/c.db")):
        raise sqlite3.OperationalError(text)


def test_a_broken_rule_is_no_damage() -> None:
    """What the caller did wrong reaches the caller as it is."""
    with pytest.raises(sqlite3.IntegrityError), explained(Path("/c.db")):
        raise sqlite3.IntegrityError("UNIQUE constraint failed")


def test_any_name_is_a_file(tmp_path: Path) -> None:
    """Characters that mean something in an address do not."""
    path = tmp_path / "100% #1?a&b.db"
    connect(path).close()
    assert path.exists()
