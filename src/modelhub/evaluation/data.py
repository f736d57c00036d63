"""What models are evaluated on: named arrays, an example a row, in batches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy.typing as npt

from modelhub.errors import InputError, StorageError
from modelhub.identity import hasher

Array: TypeAlias = npt.NDArray[Any]
Batch: TypeAlias = Mapping[str, Array]

LABELS = ("y", "label", "labels", "target", "targets")  # what a field of labels is called
FEATURES = ("x", "data", "features", "images", "image", "inputs", "input")
MAX_BATCH = 2 << 30  # bytes of one field
_CHUNK = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One array of a data source, by what is known before it is read.

    Attributes:
        dtype: its name; None for decimals, which become whatever number is wanted.
        shape: of one example.
        count: how many examples; None if that is not known.
        is_flat: whether examples are rows of a table, which are put into the wanted shape.
        scale: what elements are multiplied by unless the user says otherwise: pixels are
            numbers from 0 to 1 wherever a network takes floats.
    """

    dtype: str | None
    shape: tuple[int, ...]
    count: int | None = None
    is_flat: bool = False
    scale: Fraction | None = None

    @property
    def example_bytes(self) -> int:
        """Bytes of one example, 8 an element at most."""
        return 8 * prod(self.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedInput:
    """What a network takes: dtype, and the shape of one example; None is any extent."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataOptions:
    """What the user says of the data.

    Attributes:
        label: the field of labels.
        inputs: a network's input -> the field that it is fed with.
        image_size: height and width that pictures are resized to.
        scale: what elements are multiplied by.
        mean: subtracted then, one number or one a channel.
        std: what is divided by then, likewise.
        cast: whether fields of other dtypes are converted.
    """

    label: str | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    image_size: tuple[int, int] | None = None
    scale: Fraction | None = None
    mean: Sequence[float] = ()
    std: Sequence[float] = ()
    cast: bool = False


class DataSource(Protocol):
    """Examples that can be gone through again and again, a batch at a time.

    Memory is that of a batch, however many examples there are, and nothing that a file holds
    is executed.
    """

    @property
    def fields(self) -> Mapping[str, Field]:
        """Its arrays, by name, in its own order."""
        ...

    @property
    def classes(self) -> Sequence[str]:
        """The names of classes, by label; empty if it has none."""
        ...

    def batches(self, size: int, fields: Sequence[str]) -> Iterator[Batch]:
        """All examples in order, `size` of them at a time; of these fields only.

        Raises:
            InputError: the data are damaged; says where.
        """
        ...

    def content(self) -> str:
        """The id of the data, BLAKE3: of the file, or of what was given out last."""
        ...


class DataFormat(Protocol):
    """Opens data of one format."""

    def open(self, path: Path, wanted: Sequence[WantedInput], options: DataOptions) -> DataSource:
        """The data of a file or folder.

        Args:
            path: it is there.
            wanted: what the network takes; pictures, say, get its number of channels.
            options: what the user says.

        Raises:
            InputError: they cannot be used.
            DamagedFileError: they break the rules of their format.
        """
        ...


def file_content(path: Path) -> str:
    """The BLAKE3 of a file's bytes: the id that the same file has in a repository."""
    digest = hasher()
    try:
        with path.open("rb") as file:
            while part := file.read(_CHUNK):
                digest.update(part)
    except PermissionError:
        raise StorageError(f"cannot read {path}: permission denied") from None
    return str(digest.hexdigest())


def check_batch(name: str, found: Field, size: int) -> None:
    """Refuse batches that take more memory than any sensible one.

    Raises:
        InputError: a batch of this field would.
    """
    if found.example_bytes * size > MAX_BATCH:
        raise InputError(
            f"a batch of {size} examples of {name!r}, of shape {list(found.shape)}, would take "
            f"more than {MAX_BATCH >> 30} GiB; choose a smaller --batch-size"
        )
