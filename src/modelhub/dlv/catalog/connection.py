"""Open the catalog, bring its schema up to date, read and write in transactions."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Executable, Row, create_engine, event, insert
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import QueuePool

from modelhub.dlv.catalog.schema import counter, metadata
from modelhub.errors import IntegrityError, LockedError, NewerFormatError, StorageError

HEAD = "0002"  # the newest migration
BUSY_S = 60.0


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
        self.engine = _engine(path, vfs)
        event.listen(self.engine, "connect", _forget if is_temporary else _keep)

    @classmethod
    def create(cls, path: Path, *, vfs: str = "", is_temporary: bool = False) -> "Catalog":
        """Make an empty catalog at `path`."""
        catalog = cls(path, vfs=vfs, is_temporary=is_temporary)
        with _explained(path), catalog.engine.begin() as connection:
            metadata.create_all(connection)
            connection.execute(insert(counter).values(seq=0))
            connection.exec_driver_sql("create table alembic_version (version_num text not null)")
            connection.exec_driver_sql("insert into alembic_version values (?)", (HEAD,))
        return catalog

    @classmethod
    def open(cls, path: Path) -> "Catalog":
        """Open an existing catalog, and migrate it if its schema is older than this code.

        Raises:
            IntegrityError: the file is missing or no catalog; says how to rebuild it.
            NewerFormatError: its schema is newer than this code.
        """
        if not path.exists():
            raise IntegrityError(f"{path} is missing; make it again with: dlv fsck --rebuild")
        catalog = cls(path)
        found = catalog._schema_version()
        if found != HEAD:
            catalog._migrate(found)
        return catalog

    def _schema_version(self) -> str:
        with _explained(self.path), self.engine.connect() as connection:
            row = connection.exec_driver_sql("select version_num from alembic_version").first()
        return str(row[0]) if row else ""

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

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction with the write lock taken at its start; durable when it ends."""
        with _explained(self.path), self.engine.connect() as plain:
            connection = plain.execution_options(dlv_begin="BEGIN IMMEDIATE")
            with connection.begin():
                yield connection

    def rows(self, statement: Executable) -> Sequence[Row[Any]]:
        """All rows of a query."""
        with _explained(self.path), self.engine.connect() as connection:
            return connection.execute(statement).all()

    def first(self, statement: Executable) -> Row[Any] | None:
        """The first row of a query, or None."""
        with _explained(self.path), self.engine.connect() as connection:
            return connection.execute(statement).first()

    def problems(self) -> list[str]:
        """What SQLite itself finds wrong with the file; nothing if it is sound."""
        try:
            with _explained(self.path), self.engine.connect() as connection:
                pragmas = ("integrity_check(20)", "foreign_key_check")
                rows = [r for each in pragmas for r in connection.exec_driver_sql(f"PRAGMA {each}")]
        except IntegrityError as error:
            return [str(error)]
        return [" ".join(map(str, row)) for row in rows if row[0] != "ok"]

    def checkpoint(self) -> None:
        """Move everything into the one file, flushed, so that the file can be renamed."""
        with _explained(self.path), self.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")  # SQLAlchemy has begun a transaction
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


def _engine(path: Path, vfs: str) -> Engine:
    query = f"file:{_quoted(path)}?mode=rwc" + (f"&vfs={vfs}" if vfs else "")
    engine = create_engine(
        f"sqlite:///{query}&uri=true",
        poolclass=QueuePool,
        connect_args={"timeout": BUSY_S, "check_same_thread": False, "isolation_level": None},
    )
    event.listen(engine, "begin", _begin)
    return engine


def _quoted(path: Path) -> str:
    return "".join(f"%{ord(c):02x}" if c in "%?#&" else c for c in os.fspath(path.absolute()))


def _forget(connection: Any, _record: object) -> None:
    """No flushes, no journal on disk."""
    connection.execute("PRAGMA journal_mode=MEMORY")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA foreign_keys=ON")


def _keep(connection: Any, _record: object) -> None:
    """Write-ahead log where the file system can share memory, rollback journal elsewhere."""
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if mode != "wal":
        mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA cell_size_check=ON")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    connection.exec_driver_sql(options.get("dlv_begin", "BEGIN"))


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Say in one line what SQLite means."""
    try:
        yield
    except OperationalError as error:
        text = str(error.orig)
        if "locked" in text or "busy" in text:
            raise LockedError(
                f"{path} has been locked by another process for {BUSY_S:g} s; try again later"
            ) from error
        if "full" in text:
            raise StorageError(
                f"cannot write {path}: the disk is full; free some space and run the command again"
            ) from error
        if "readonly" in text or "unable to open" in text:
            raise StorageError(
                f"cannot write {path}: permission denied; check who owns the folder"
            ) from error
        raise IntegrityError(_damaged(path, text)) from error
    except DatabaseError as error:
        if type(error) is not DatabaseError:
            raise
        raise IntegrityError(_damaged(path, str(error.orig))) from error


def _damaged(path: Path, text: str) -> str:
    return f"{path} is damaged ({text}); make it again from the objects with: dlv fsck --rebuild"
