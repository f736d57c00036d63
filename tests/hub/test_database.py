"""Tests of `modelhub.hub.database`."""

import sqlite3

import pytest
from sqlalchemy import select, update

from modelhub.errors import IntegrityError, NewerFormatError
from modelhub.hub import Accounts, Database, schema


def test_what_was_written_is_there_again(tmp_path):
    """In the next process, too."""
    first = Database.open(tmp_path / "hub.db")
    Accounts(first).create("alice")
    first.close()

    again = Database.open(tmp_path / "hub.db")
    assert Accounts(again).names() == ["alice"]
    again.close()


def test_a_transaction_that_fails_leaves_nothing(database):
    """Not even a part."""

    def fail():
        with database.writing() as connection:
            connection.execute(schema.account.insert().values(name="x", is_admin=False, created=1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with database.reading() as connection:
        assert connection.execute(select(schema.account)).all() == []


def test_a_newer_format_is_refused(tmp_path):
    """The older software would not know what it breaks."""
    database = Database.open(tmp_path / "hub.db")
    with database.writing() as connection:
        connection.execute(update(schema.format_table).values(format=99))
    database.close()

    with pytest.raises(NewerFormatError, match="99"):
        Database.open(tmp_path / "hub.db")


def test_another_database_is_left_alone(tmp_path):
    """Whatever it is of."""
    with sqlite3.connect(tmp_path / "hub.db") as other:
        other.execute("create table photos (name text)")
    other.close()

    with pytest.raises(IntegrityError, match="no database of a hub"):
        Database.open(tmp_path / "hub.db")
    (tmp_path / "text.db").write_text("no database at all, but long enough to be read" * 40)
    with pytest.raises(IntegrityError):
        Database.open(tmp_path / "text.db")
