"""The words that every layer speaks: ids and descriptions, frozen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NewType, TypeAlias

TensorId = NewType("TensorId", str)
BlobId = NewType("BlobId", str)
FileId = NewType("FileId", str)
VersionId = NewType("VersionId", str)
PackId = NewType("PackId", str)

Shape: TypeAlias = tuple[int, ...]
Scalar: TypeAlias = str | int | float | bool | None
Json: TypeAlias = "Scalar | Sequence[Json] | Mapping[str, Json]"

# What a long operation tells of itself: a label, how much is done, of how much (0: unknown).
# Its calls never overlap, and they are cheap enough to come with every chunk.
Progress: TypeAlias = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorInfo:
    """A tensor by content: what it is, never how it is stored.

    Attributes:
        id: BLAKE3 of dtype, shape and elements (docs/spec/repository.md §2).
        dtype: a name of `modelhub.dtypes`.
        shape: extents; a zero-dimensional tensor has none.
    """

    id: TensorId
    dtype: str
    shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A strided view of a stored tensor taken flat; strides and offset are in elements."""

    shape: Shape
    strides: tuple[int, ...]
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Numbers of one tensor, over its finite elements, in double precision.

    `std` is the population's; min, max, mean and std are None if no element is finite.
    """

    min: float | None
    max: float | None
    mean: float | None
    std: float | None
    zeros: int
    nans: int
    infinities: int
