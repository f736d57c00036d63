"""The catalog by SQLAlchemy, for questions that are composed and for all that writes."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Index, create_engine, event, insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement
from sqlalchemy.util import LRUCache

from modelhub.dlv.catalog.schema import counter, metadata
from modelhub.dlv.catalog.sqlite import explained

_COMPILED: LRUCache[Any, Any] = LRUCache(500)  # as many as SQLAlchemy keeps of an engine


def make_engine(connect: Callable[[], Any]) -> Engine:
    """An engine whose connections to SQLite `connect` opens; transactions begin when asked to.

    All engines share one dialect, and with it what was compiled: a process that opens several
    catalogs, as a check or a hub does, compiles each statement once.
    """
    shared = _dialect()
    pool = QueuePool(connect, dialect=shared.dialect)
    options = {"compiled_cache": _COMPILED}
    engine = Engine(pool, shared.dialect, shared.url, execution_options=options)
    event.listen(engine, "begin", _begin)
    return engine


@cache
def _dialect() -> Engine:
    """An engine of its own, so that SQLAlchemy has asked SQLite once what it can do."""
    engine = create_engine("sqlite://")
    engine.connect().close()
    return engine


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    connection.exec_driver_sql(options.get("dlv_begin", "BEGIN"))


@contextmanager
def connected(engine: Engine, path: Path) -> Iterator[Connection]:
    """A connection whose errors are those of `explained`."""
    with explained(path):
        try:
            with engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            if isinstance(error.orig, sqlite3.OperationalError):
                raise error.orig from error
            if type(error.orig) is sqlite3.DatabaseError:
                raise error.orig from error
            raise


@contextmanager
def writing(engine: Engine, path: Path) -> Iterator[Connection]:
    """One transaction with the write lock taken at its start; durable when it ends."""
    with connected(engine, path) as plain:
        connection = plain.execution_options(dlv_begin="BEGIN IMMEDIATE")
        with connection.begin():
            yield connection


def create_relations(connection: Connection, version: str) -> None:
    """Make the relations of an empty catalog, whose schema is of a version."""
    for statement in _schema():
        connection.exec_driver_sql(statement)
    connection.execute(insert(counter).values(seq=0))
    connection.exec_driver_sql("create table alembic_version (version_num text not null)")
    connection.exec_driver_sql("insert into alembic_version values (?)", (version,))


@cache
def _schema() -> list[str]:
    """The statements that make the relations and their indices; compiling them takes longest."""
    made: list[ExecutableDDLElement] = []
    for table in metadata.sorted_tables:
        made += [CreateTable(table), *map(CreateIndex, sorted(table.indexes, key=_name))]
    return [str(each.compile(dialect=sqlite.dialect())) for each in made]


def _name(index: Index) -> str:
    return str(index.name)
