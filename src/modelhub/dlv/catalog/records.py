"""Records: what happens to versions after they are made (docs/spec/manifest.md §4)."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from modelhub.dlv.catalog.schema import (
    alias,
    blob,
    counter,
    metric,
    model,
    note,
    record,
    tag,
    version,
)
from modelhub.values import BlobId

Record = Mapping[str, Any]


def draw_sequence(connection: Connection, count: int = 1) -> int:
    """Take the next sequence numbers; the first of them. They are never given again."""
    connection.execute(update(counter).values(seq=counter.c.seq + count))
    return int(connection.execute(select(counter.c.seq)).scalar_one()) - count + 1


def is_overtaken(connection: Connection, seq: int) -> bool:
    """Whether a record with a greater sequence number is published already."""
    newest = connection.execute(select(func.max(record.c.seq))).scalar()
    return newest is not None and int(newest) > seq


def apply_record(connection: Connection, found: Record, id_: BlobId) -> None:
    """Let a record take effect; its blob must be registered.

    A record about a version that is not there (freed by `gc`) changes nothing but the
    numbers that are used up.
    """
    blob_key = connection.execute(select(blob.c.key).where(blob.c.id == id_)).scalar_one()
    connection.execute(insert(record).values(seq=found["seq"], blob=blob_key))
    apply = _KINDS.get(found["kind"])
    if apply is not None:  # a later version of the format may know more kinds
        apply(connection, found)


def _version_key(connection: Connection, found: Record) -> int | None:
    query = select(version.c.key).where(version.c.id == found["version"])
    return connection.execute(query).scalar()


def _commit(connection: Connection, found: Record) -> None:
    name, number = found["name"], found["number"]
    known = connection.execute(select(model.c.last_number).where(model.c.name == name)).scalar()
    if known is None:
        connection.execute(insert(model).values(name=name, last_number=number))
    elif known < number:
        connection.execute(update(model).where(model.c.name == name).values(last_number=number))


def _remove(connection: Connection, found: Record) -> None:
    _set_removed(connection, found, found["time"])


def _restore(connection: Connection, found: Record) -> None:
    _set_removed(connection, found, None)


def _set_removed(connection: Connection, found: Record, time: str | None) -> None:
    query = update(version).where(version.c.id == found["version"]).values(removed=time)
    connection.execute(query)


def _named(table: Table) -> Callable[[Connection, Record], None]:
    def apply(connection: Connection, found: Record) -> None:
        column = table.c[table.name]
        here = (table.c.name == found["name"]) & (column == found[table.name])
        connection.execute(delete(table).where(here))
        key = None if found["version"] is None else _version_key(connection, found)
        if key is not None:
            values = {"name": found["name"], table.name: found[table.name], "version": key}
            connection.execute(insert(table).values(**values))

    return apply


def _annotate(connection: Connection, found: Record) -> None:
    key = _version_key(connection, found)
    if key is None:
        return
    for name, value in found["metrics"].items():
        mine = (metric.c.version == key) & (metric.c.name == name) & metric.c.annotated
        connection.execute(delete(metric).where(mine))
        if value is not None:
            values = {"version": key, "name": name, "value": json.dumps(value), "annotated": True}
            connection.execute(insert(metric).values(**values))
    for name, value in found["notes"].items():
        connection.execute(delete(note).where((note.c.version == key) & (note.c.name == name)))
        if value is not None:
            connection.execute(insert(note).values(version=key, name=name, value=value))


_KINDS: dict[str, Callable[[Connection, Record], None]] = {
    "commit": _commit,
    "remove": _remove,
    "restore": _restore,
    "tag": _named(tag),
    "alias": _named(alias),
    "annotate": _annotate,
}
