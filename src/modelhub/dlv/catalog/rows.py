"""Rows of the catalog as values."""

import json
from typing import Any

from sqlalchemy import CursorResult, Row

from modelhub.dlv.catalog.schema import tensor
from modelhub.values import Statistics, TensorInfo


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
