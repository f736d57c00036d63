"""Rows of the catalog as values."""

import json
from typing import Any

from modelhub.values import Statistics, TensorInfo

TENSOR = (
    "tensor.id, tensor.dtype, tensor.shape, tensor.size, tensor.min, tensor.max, tensor.mean,"
    " tensor.std, tensor.zeros, tensor.nans, tensor.infinities"
)
"""The columns that `info_of` and `statistics_of` need."""


class Vanished(Exception):  # noqa: N818 - no error: the commit is tried again
    """Something that was stored when a commit began has been freed meanwhile."""


def info_of(row: Any) -> TensorInfo:
    """The description in a row that has the columns of `tensor`."""
    return TensorInfo(id=row.id, dtype=row.dtype, shape=tuple(json.loads(row.shape)))


def statistics_of(row: Any) -> Statistics | None:
    """The statistics in a row that has the columns of `tensor`."""
    if row.zeros is None:
        return None
    return Statistics(
        min=row.min,
        max=row.max,
        mean=row.mean,
        std=row.std,
        zeros=row.zeros,
        nans=row.nans,
        infinities=row.infinities,
    )
