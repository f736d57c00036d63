"""What a reader finds in a file: which of its bytes are tensors, and how they are called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Protocol

from modelhub.dtypes import size_bytes
from modelhub.values import Scalar, Shape, View

MAX_VALUES = 1000
MAX_TEXT = 1000
MAX_RANK = 64
MAX_COUNT = 1 << 62  # of elements, and so of each extent
_SHOWN = 200
WHOLE = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorSpan:
    """Bytes of a file that are one tensor: its elements, little-endian, in C order."""

    offset: int
    dtype: str
    shape: Shape

    @property
    def length(self) -> int:
        """How many bytes they are."""
        return size_bytes(self.dtype, self.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTensor:
    """A tensor as the framework calls and sees it.

    Attributes:
        name: its state-dict key.
        dtype: the name of its dtype.
        shape: its extents.
        span: index of the span that it is stored in; None if it has no bytes.
        view: how it is made from the span's tensor; None if it is that tensor.
    """

    name: str
    dtype: str
    shape: Shape
    span: int | None
    view: View | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a file is made of.

    Attributes:
        reader: who read it (docs/spec/recipes.md §2).
        size: bytes of the file.
        spans: ascending, apart from one another, inside the file, none without bytes.
        tensors: in the order of the file.
        values: small values that were found on the way: at most `MAX_VALUES` of them, texts
            cut at `MAX_TEXT` characters.
        note: a sentence for the user, if something is kept without being understood.
    """

    reader: str
    size: int
    spans: tuple[TensorSpan, ...] = ()
    tensors: tuple[NamedTensor, ...] = ()
    values: Mapping[str, Scalar] = field(default_factory=dict)
    note: str = ""


class Reader(Protocol):
    """Reads the layout of files of one format.

    It executes nothing that it reads, allocates nothing by a number that it has not checked
    against the file's size, and opens no other file.
    """

    name: str

    def claims(self, path: Path, head: bytes) -> bool:
        """Whether a file is of the format, by its name and its first 64 bytes; never raises."""
        ...

    def read(self, path: Path) -> Layout:
        """The layout of a file.

        Raises:
            DamagedFileError: it is of the format and breaks its rules.
        """
        ...


def bounded(values: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Values within the limits of a layout."""
    found: dict[str, Scalar] = {}
    for key, value in values.items():
        if len(found) == MAX_VALUES:
            break
        found[storable(key)] = storable(value) if isinstance(value, str) else value
    return found


def storable(text: str) -> str:
    """The first `MAX_TEXT` characters; halves of surrogate pairs, which no file holds, are `?`."""
    return text[:MAX_TEXT].encode("utf-8", "replace").decode()


def shown(text: str) -> str:
    r"""A text from a file as part of a message: one short line without invisible characters.

    >>> print(shown("a\nb"))
    a\nb
    """
    plain = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:_SHOWN])
    return plain if len(text) <= _SHOWN else f"{plain}…"


def is_possible(shape: Shape) -> bool:
    """Whether a tensor can have this shape: few extents, none negative, and a countable product.

    Cost: bounded, however long the shape and however large its extents are.
    """
    if len(shape) > MAX_RANK or not all(0 <= extent < MAX_COUNT for extent in shape):
        return False
    return prod(shape) < MAX_COUNT


class UniqueNames:
    """Tells equal names apart: `name`, then `name#2`, `name#3` and so on.

    Cost: linear in the number of names, however many of them are equal.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}

    def take(self, name: str) -> str:
        """The name, or the first of its followers that is free."""
        found = name = name.encode("utf-8", "replace").decode()
        while found in self._taken:
            self._counts[name] = self._counts.get(name, 1) + 1
            found = f"{name}#{self._counts[name]}"
        self._taken.add(found)
        return found
