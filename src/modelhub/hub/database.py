"""The database of a hub."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, insert, inspect, select

from modelhub.dlv.catalog import sqlite
from modelhub.dlv.catalog.expressions import connected, make_engine, writing
from modelhub.errors import IntegrityError, NewerFormatError
from modelhub.hub.schema import FORMAT, format_table, metadata


class Database:
    """Transactions on one SQLite file; threads and processes may share it."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine, self._path = engine, path

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the file at `path`, which is made if it is not there.

        Raises:
            NewerFormatError: a later version of this software made it.
            IntegrityError: it is no database of a hub.
        """
        database = cls(make_engine(partial(sqlite.connect, path)), path)
        try:
            found = database._prepared()
        except IntegrityError:
            database.close()
            raise IntegrityError(
                f"{path} is no database of a hub, or is damaged; name another folder, or put back "
                "the file from a backup: models are not in it"
            ) from None
        if found != FORMAT:
            database.close()
            raise NewerFormatError(
                f"{path} is of format {found}, this dlv knows {FORMAT}; use the dlv that wrote it"
            )
        return database

    def _prepared(self) -> int:
        """The format; an empty file gets the relations of ours."""
        with self.writing() as connection:
            if not inspect(connection).get_table_names():
                metadata.create_all(connection)
                connection.execute(insert(format_table).values(format=FORMAT))
            elif not inspect(connection).has_table(format_table.name):
                raise IntegrityError("it has other relations")
            return int(connection.execute(select(format_table.c.format)).scalar_one())

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One state of everything."""
        with connected(self._engine, self._path) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, alone; durable when it ends."""
        with writing(self._engine, self._path) as connection:
            yield connection

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()
