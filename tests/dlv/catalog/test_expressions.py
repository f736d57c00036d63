"""The catalog by SQLAlchemy."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError as BrokenRule

from modelhub.dlv.catalog import Catalog
from modelhub.dlv.catalog.expressions import connected
from modelhub.dlv.catalog.schema import model
from modelhub.errors import IntegrityError, LockedError


def test_its_errors_are_those_of_the_file(tmp_path: Path) -> None:
    """The same line, whichever way a question was asked."""
    catalog = Catalog.create(tmp_path / "c.db")
    with pytest.raises(IntegrityError, match=r"no such table.*--rebuild"):
        catalog.ask("select * from missing")
    with (
        pytest.raises(IntegrityError, match=r"no such table.*--rebuild"),
        connected(catalog.engine, catalog.path) as connection,
    ):
        connection.exec_driver_sql("select * from missing")


def test_a_writer_locks_others_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the start of its transaction on."""
    monkeypatch.setattr("modelhub.dlv.catalog.sqlite.BUSY_S", 0.1)
    catalog = Catalog.create(tmp_path / "c.db")
    other = Catalog.open(tmp_path / "c.db")
    with catalog.write(), pytest.raises(LockedError), other.write():
        pass


def test_a_broken_rule_is_no_damage(tmp_path: Path) -> None:
    """What the caller did wrong reaches the caller as it is."""
    catalog = Catalog.create(tmp_path / "c.db")
    with pytest.raises(BrokenRule) as caught, catalog.write() as connection:
        connection.execute(insert(model), [{"name": "a", "last_number": 1}] * 2)
    assert isinstance(caught.value.orig, sqlite3.IntegrityError)
