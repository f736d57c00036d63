"""The catalog's file: created, opened, migrated, locked."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, select

from modelhub.dlv.catalog.connection import HEAD, Catalog
from modelhub.dlv.catalog.migrations import upgrade
from modelhub.dlv.catalog.schema import counter, metadata, model
from modelhub.errors import IntegrityError, NewerFormatError


def shape(catalog: Catalog) -> dict[str, object]:
    """Every relation with its columns and keys, as the database tells them."""
    inspector = inspect(catalog.engine)
    return {
        table: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)],
            inspector.get_pk_constraint(table)["constrained_columns"],
            sorted(map(str, inspector.get_foreign_keys(table))),
            sorted(str(sorted(i["column_names"])) for i in inspector.get_indexes(table)),
            sorted(str(u["column_names"]) for u in inspector.get_unique_constraints(table)),
        )
        for table in sorted(inspector.get_table_names())
        if table != "alembic_version"
    }


def test_a_fresh_catalog_is_a_migrated_one(tmp_path: Path) -> None:
    """Both ways give the same relations, and the newest schema."""
    fresh = Catalog.create(tmp_path / "fresh.db")
    migrated = Catalog(tmp_path / "migrated.db")
    with migrated.write() as connection:
        upgrade(connection)
    assert shape(migrated) == shape(fresh)
    assert set(shape(fresh)) == set(metadata.tables)
    assert Catalog.open(tmp_path / "migrated.db").first(select(counter.c.seq)) == (0,)
    assert migrated.schema_version() == HEAD


def test_an_older_catalog_is_migrated_when_it_is_opened(tmp_path: Path) -> None:
    """From the very first version on."""
    empty = Catalog(tmp_path / "old.db")
    with empty.write() as connection:
        connection.exec_driver_sql("create table alembic_version (version_num text not null)")
    assert shape(Catalog(tmp_path / "old.db")) == {}
    with pytest.raises(NewerFormatError):
        Catalog.open(tmp_path / "old.db")


@pytest.mark.parametrize("version", ["0001", "0002"])
def test_a_catalog_of_an_older_schema_becomes_a_new_one(tmp_path: Path, version: str) -> None:
    """What it holds stays, and it is then as a fresh one."""
    old = Catalog(tmp_path / "old.db")
    with old.write() as connection:
        upgrade(connection, version)
        connection.exec_driver_sql("insert into model values ('lenet', 3)")
        connection.exec_driver_sql("update counter set seq = 7")
    assert old.schema_version() == version
    old.close()

    opened = Catalog.open(tmp_path / "old.db")

    assert opened.schema_version() == HEAD
    assert shape(opened) == shape(Catalog.create(tmp_path / "fresh.db"))
    assert opened.first(select(model)) == ("lenet", 3)
    assert opened.first(select(counter.c.seq)) == (7,)


@pytest.mark.parametrize("version", ["9999", "abc"])
def test_a_newer_schema_is_refused(tmp_path: Path, version: str) -> None:
    """The message says which this version knows."""
    catalog = Catalog.create(tmp_path / "c.db")
    with catalog.write() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = ?", (version,))
    with pytest.raises(NewerFormatError, match=f"has schema '{version}'"):
        Catalog.open(tmp_path / "c.db")


def test_without_shared_memory_the_rollback_journal_serves(tmp_path: Path) -> None:
    """Where the write-ahead log cannot work, writing still does."""
    catalog = Catalog.create(tmp_path / "c.db", vfs="unix-dotfile")
    with catalog.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
    with catalog.write() as connection:
        connection.execute(counter.update().values(seq=7))
    assert catalog.first(select(counter.c.seq)) == (7,)
    catalog.close()


def test_normally_the_write_ahead_log_serves(tmp_path: Path) -> None:
    """Readers are not stopped by a writer."""
    catalog = Catalog.create(tmp_path / "c.db")
    with catalog.write() as connection:
        connection.execute(counter.update().values(seq=7))
        assert catalog.first(select(counter.c.seq)) == (0,)
    assert catalog.first(select(counter.c.seq)) == (7,)


@pytest.mark.parametrize("data", [b"", b"not a database at all" * 100])
def test_what_is_no_catalog(tmp_path: Path, data: bytes) -> None:
    """The message says how to make it again."""
    (tmp_path / "c.db").write_bytes(data)
    with pytest.raises(IntegrityError, match="--rebuild"):
        Catalog.open(tmp_path / "c.db")
    with pytest.raises(IntegrityError, match="is missing"):
        Catalog.open(tmp_path / "none.db")


def test_a_page_that_sqlite_cannot_follow_is_a_problem(tmp_path: Path) -> None:
    """Whatever SQLite says of a damaged file is a line, and never an error of its own."""
    catalog = Catalog.create(tmp_path / "c.db")
    assert catalog.problems() == []
    catalog.checkpoint()
    catalog.close()
    data = bytearray((tmp_path / "c.db").read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    (tmp_path / "c.db").write_bytes(data)
    broken = Catalog(tmp_path / "c.db")

    assert broken.problems()
    broken.close()


def test_a_question_takes_several_values_where_one_is_in_them(tmp_path: Path) -> None:
    """Rows have their columns as attributes; values are bound, whatever is in them."""
    catalog = Catalog.create(tmp_path / "c.db")
    with catalog.write() as connection:
        connection.execute(model.insert(), [{"name": n, "last_number": 1} for n in ("a", "b", "'")])

    rows = catalog.ask(
        "select name from model where name in :names order by name", names=["a", "'"]
    )

    assert [row.name for row in rows] == ["'", "a"]
    assert catalog.ask("select name from model where name in :names", names=[]) == []
    assert catalog.ask_one("select name from model where name = :name", name="c") is None


def test_threads_ask_together(tmp_path: Path) -> None:
    """One connection serves them all."""
    catalog = Catalog.create(tmp_path / "c.db")
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(
            lambda n: catalog.ask_one("select seq + :n as sum from counter", n=n), range(99)
        )
    assert [row.sum for row in found] == [*range(99)]


@pytest.mark.parametrize(
    "question",
    [
        "select key from file where recipe in (select 1)",
        "select key from version where history = 'x'",
        "select key from version where network = 'x'",
        "select version from version_file where file = 1",
    ],
)
def test_what_uses_a_blob_is_found_by_an_index(tmp_path: Path, question: str) -> None:
    """No relation is read from end to end."""
    catalog = Catalog.create(tmp_path / "c.db")
    steps = [row.detail for row in catalog.ask(f"explain query plan {question}")]
    assert not [step for step in steps if step.startswith("SCAN") and "CONSTANT" not in step]
