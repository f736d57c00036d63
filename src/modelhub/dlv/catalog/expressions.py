"""The catalog by SQLAlchemy, for questions that are composed and for all that writes."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, Index, create_engine, event, insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from modelhub.dlv.catalog.schema import counter, metadata
from modelhub.dlv.catalog.sqlite import explained


def make_engine(connect: Callable[[], sqlite3.Connection]) -> Engine:
    """An engine whose connections `connect` opens; transactions begin when they are asked to."""
    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)
    event.listen(engine, "begin", _begin)
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
