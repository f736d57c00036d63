"""Which kernel works here: the fastest that there is, or the one that `DLV_KERNELS` names."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

from modelhub.config import read_environment
from modelhub.durable import Buffer
from modelhub.errors import InputError
from modelhub.pas.kernels.reference import reference
from modelhub.pas.kernels.schemes import Delta, Scheme
from modelhub.pas.kernels.streams import Stream

_EXTENSION = "modelhub.pas.kernels._levels"


class Kernel(Protocol):
    """Makes streams of groups, and groups of streams; all of them make the same."""

    @property
    def name(self) -> str:
        """As `DLV_KERNELS` names it."""
        ...

    def encode(
        self,
        group: Buffer,
        *,
        scheme: Scheme,
        width: int,
        base: Buffer | None = None,
        delta: Delta = Delta.NONE,
    ) -> list[Stream]:
        """The streams of a group of whole elements, which are `width` bytes wide."""
        ...

    def decode(
        self,
        coded: Sequence[Stream],
        out: memoryview,
        *,
        scheme: Scheme,
        width: int,
        base: Buffer | None = None,
        delta: Delta = Delta.NONE,
    ) -> None:
        """Write the elements of a group into `out`, which says how many there are.

        Args:
            coded: all streams, or the first; symbols of all others become zero.
            out: where they go.
            scheme: of the group.
            width: of an element.
            base: as many bytes as `out`, if there is a delta.
            delta: by which the streams are differences.

        Raises:
            ValueError: no such streams come from `encode`.
        """
        ...


@cache
def kernels() -> Mapping[str, Kernel]:
    """All that work here, the slowest first: the reference, and what was compiled."""
    found: dict[str, Kernel] = {reference.name: reference}
    if find_spec(_EXTENSION) is not None:
        paths = import_module("modelhub.pas.kernels.compiled").PATHS
        found |= cast("Mapping[str, Kernel]", paths)
    return found


def chosen(wanted: str) -> Kernel:
    """The kernel of a name; the fastest if the name is empty.

    Raises:
        InputError: no kernel of that name works here.
    """
    found = kernels()
    if not wanted:
        return list(found.values())[-1]
    if wanted not in found:
        raise InputError(f"$DLV_KERNELS is {wanted!r}; here it can be {', '.join(found)}")
    return found[wanted]


@cache
def kernel() -> Kernel:
    """The kernel of this process.

    Raises:
        InputError: `DLV_KERNELS` names one that does not work here.
    """
    return chosen(read_environment().kernels)


def is_fast() -> bool:
    """Whether `levels-rans` is to be written: its kernel is compiled, or was asked for by name."""
    return bool(read_environment().kernels) or kernel() is not reference
