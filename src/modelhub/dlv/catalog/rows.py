"""Rows of the catalog as values."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, CursorResult, Row, select

from modelhub.dlv.catalog.schema import tensor
from modelhub.values import Statistics, TensorInfo


class Vanished(Exception):  # noqa: N818 - no error: the commit is tried again
    """Something that was stored when a commit began has been freed meanwhile."""


def info_of(row: Row[Any]) -> TensorInfo:
    """The description in a row that has the columns of `tensor`."""
    found = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return TensorInfo(
        id=found[tensor.c.id],
        dtype=found[tensor.c.dtype],
        shape=tuple(json.loads(found[tensor.c.shape])),
    )


def statistics_of(row: Row[Any]) -> Statistics | None:
    """The statistics in a row that has the columns of `tensor`."""
    found = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    if found[tensor.c.zeros] is None:
        return None
    return Statistics(
        min=found[tensor.c.min],
        max=found[tensor.c.max],
        mean=found[tensor.c.mean],
        std=found[tensor.c.std],
        zeros=found[tensor.c.zeros],
        nans=found[tensor.c.nans],
        infinities=found[tensor.c.infinities],
    )


def key_of(result: CursorResult[Any]) -> int:
    """The key that the catalog gave to an inserted row."""
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def keys_of(connection: Connection, table: Any, ids: Iterable[str]) -> dict[str, int]:
    """Keys of rows by id; asked for in pieces that every database takes.

    Raises:
        Vanished: one of them is not there.
    """
    wanted, found = sorted(set(ids)), {}
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        query = select(table.c.id, table.c.key).where(table.c.id.in_(part))
        found.update({row.id: row.key for row in connection.execute(query)})
    if len(found) < len(wanted):
        raise Vanished(next(iter(set(wanted) - set(found))))
    return found
