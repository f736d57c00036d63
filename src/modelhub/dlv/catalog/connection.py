"""Open the catalog, bring its schema up to date, read and write in transactions.

A question whose text is fixed is asked by `Catalog.ask`, in SQL, of the database library that
comes with Python: importing SQLAlchemy takes longer than most commands take to run. Questions
that are composed are SQLAlchemy's expressions, and so is all that writes; it is loaded when the
first of them comes.
"""

from collections import namedtuple
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cache, cached_property, partial
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from modelhub.dlv.catalog import sqlite
from modelhub.errors import IntegrityError, NewerFormatError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Executable, Row

HEAD = "0003"  # the newest migration


class Catalog:
    """The catalog in one SQLite file: many readers, one writer at a time.

    Cost: opening reads one row, whatever the repository holds.
    """

    def __init__(self, path: Path, *, vfs: str = "", is_temporary: bool = False) -> None:
        """Use the file at `path`.

        Args:
            path: where it is.
            vfs: a SQLite VFS other than the default one.
            is_temporary: nothing in it needs to survive a crash.
        """
        self.path = path
        self._vfs = vfs
        self._is_temporary = is_temporary
        self._lock = Lock()  # of the one connection that questions in SQL share

    @classmethod
    def create(cls, path: Path, *, vfs: str = "", is_temporary: bool = False) -> Self:
        """Make an empty catalog at `path`."""
        catalog = cls(path, vfs=vfs, is_temporary=is_temporary)
        with catalog.write() as connection:
            catalog._expressions.create_relations(connection, HEAD)
        return catalog

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an existing catalog, and migrate it if its schema is older than this code.

        Raises:
            IntegrityError: the file is missing or no catalog; says how to rebuild it.
            NewerFormatError: its schema is newer than this code.
        """
        if not path.exists():
            raise IntegrityError(f"{path} is missing; make it again with: dlv fsck --rebuild")
        catalog = cls(path)
        found = catalog.schema_version()
        if found != HEAD:
            catalog._migrate(found)
        return catalog

    def schema_version(self) -> str:
        """The last migration that it has seen; empty if none is noted."""
        rows = self.ask("select version_num from alembic_version")
        return str(rows[0].version_num) if rows else ""

    def _migrate(self, found: str) -> None:
        # Alembic takes longer to import than most commands take to run.
        upgrade = import_module("modelhub.dlv.catalog.migrations").upgrade
        if not found.isdigit() or found > HEAD:
            raise NewerFormatError(
                f"{self.path} has schema {found!r}, this dlv knows up to {HEAD!r}; "
                "use the dlv that wrote it, or rebuild the catalog with: dlv fsck --rebuild"
            )
        with self.write() as connection:
            upgrade(connection)

    def ask(self, question: str, **values: object) -> list[Any]:
        """All rows that a question in SQL has, their columns as attributes.

        Args:
            question: with `:name` where values belong, and `in :name` where several do.
            values: by name; a list or tuple are several.
        """
        text, flat = _spread(question, values)
        with sqlite.explained(self.path), self._lock:
            cursor = self._connection.execute(text, flat)
            row = _row_type(tuple(column[0] for column in cursor.description))
            return list(map(row, cursor.fetchall()))

    def ask_one(self, question: str, **values: object) -> Any | None:
        """The first row that a question in SQL has, or None."""
        rows = self.ask(question, **values)
        return rows[0] if rows else None

    def write(self) -> AbstractContextManager["Connection"]:
        """One transaction with the write lock taken at its start; durable when it ends."""
        found: AbstractContextManager[Connection]
        found = self._expressions.writing(self.engine, self.path)
        return found

    def rows(self, statement: "Executable") -> Sequence["Row[Any]"]:
        """All rows of a query that is composed."""
        with self._expressions.connected(self.engine, self.path) as connection:
            found: Sequence[Row[Any]] = connection.execute(statement).all()
            return found

    def first(self, statement: "Executable") -> "Row[Any] | None":
        """The first row of a query that is composed, or None."""
        with self._expressions.connected(self.engine, self.path) as connection:
            found: Row[Any] | None = connection.execute(statement).first()
            return found

    def problems(self) -> list[str]:
        """What SQLite itself finds wrong with the file; nothing if it is sound."""
        try:
            pragmas = ("integrity_check(20)", "foreign_key_check")
            rows = [row for each in pragmas for row in self.ask(f"PRAGMA {each}")]
        except IntegrityError as error:
            return [str(error)]
        return [" ".join(map(str, row)) for row in rows if row[0] != "ok"]

    def checkpoint(self) -> None:
        """Move everything into the one file, flushed, so that the file can be renamed."""
        self.ask("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of the file."""
        if "engine" in self.__dict__:
            self.engine.dispose()
        if "_connection" in self.__dict__:
            self._connection.close()
            del self._connection

    @cached_property
    def _connection(self) -> Any:
        return self._connect()

    def _connect(self) -> Any:
        return sqlite.connect(self.path, vfs=self._vfs, is_temporary=self._is_temporary)

    @cached_property
    def engine(self) -> "Engine":
        """What SQLAlchemy's expressions run on."""
        found: Engine = self._expressions.make_engine(self._connect)
        return found

    @cached_property
    def _expressions(self) -> Any:
        return import_module("modelhub.dlv.catalog.expressions")


def _spread(question: str, values: dict[str, object]) -> tuple[str, dict[str, object]]:
    """A question with a mark for each of several values."""
    flat: dict[str, object] = {}
    for name, value in values.items():
        if not isinstance(value, list | tuple):
            flat[name] = value
            continue
        each = {f"{name}_{number}": one for number, one in enumerate(value)}
        question = question.replace(f"in :{name}", f"in ({', '.join(f':{key}' for key in each)})")
        flat |= each
    return question, flat


@cache
def _row_type(columns: tuple[str, ...]) -> Any:
    made = namedtuple("Row", columns, rename=True)  # type: ignore[misc] # noqa: PYI024
    return partial(tuple.__new__, made)  # as `_make`, which takes several times as long
