"""The catalog's file as the database library of Python opens it, and what its errors mean."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from modelhub.errors import IntegrityError, LockedError, StorageError

BUSY_S = 60.0


def connect(path: Path, *, vfs: str = "", is_temporary: bool = False) -> sqlite3.Connection:
    """Open the file at `path`, which is made if it is not there; threads may share what opens it.

    Args:
        path: where it is.
        vfs: a SQLite VFS other than the default one.
        is_temporary: nothing in it needs to survive a crash.
    """
    place = f"file:{_quoted(path)}?mode=rwc" + (f"&vfs={vfs}" if vfs else "")
    connection = sqlite3.connect(
        place, uri=True, timeout=BUSY_S, check_same_thread=False, isolation_level=None
    )
    (_forget if is_temporary else _keep)(connection)
    return connection


def _quoted(path: Path) -> str:
    return "".join(f"%{ord(c):02x}" if c in "%?#&" else c for c in os.fspath(path.absolute()))


def _forget(connection: sqlite3.Connection) -> None:
    """No flushes, no journal on disk."""
    connection.execute("PRAGMA journal_mode=MEMORY")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA foreign_keys=ON")


def _keep(connection: sqlite3.Connection) -> None:
    """Write-ahead log where the file system can share memory, rollback journal elsewhere."""
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if mode != "wal":
        mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA cell_size_check=ON")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Say in one line what SQLite means.

    Raises:
        LockedError: another process has held the file for `BUSY_S`.
        StorageError: the disk is full, or the file may not be written.
        IntegrityError: the file is damaged, or no catalog.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
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
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:
            raise
        raise IntegrityError(_damaged(path, str(error))) from error


def _damaged(path: Path, text: str) -> str:
    return f"{path} is damaged ({text}); make it again from the objects with: dlv fsck --rebuild"
