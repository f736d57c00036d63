"""Keys of rows, which are the catalog's own."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, select

from modelhub.dlv.catalog.rows import Vanished

T = TypeVar("T")

AT_ONCE = 500


def key_of(result: CursorResult[Any]) -> int:
    """The key that the catalog gave to an inserted row."""
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def pieces(values: Iterable[T]) -> Iterator[list[T]]:
    """Values, each once, as many at a time as every database takes in one question."""
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), AT_ONCE):
        yield wanted[start : start + AT_ONCE]


def known_keys(connection: Connection, table: Any, ids: Iterable[str]) -> dict[str, int]:
    """Keys of rows by id, of those that are there."""
    found = {}
    for part in pieces(ids):
        query = select(table.c.id, table.c.key).where(table.c.id.in_(part))
        found.update({row.id: row.key for row in connection.execute(query)})
    return found


def keys_of(connection: Connection, table: Any, ids: Iterable[str]) -> dict[str, int]:
    """Keys of rows by id.

    Raises:
        Vanished: one of them is not there.
    """
    wanted = set(ids)
    found = known_keys(connection, table, wanted)
    if len(found) < len(wanted):
        raise Vanished(min(wanted - set(found)))
    return found
