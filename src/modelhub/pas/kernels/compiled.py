"""The compiled twin of the reference: same bytes, both ways, on any path of the machine's."""

from collections.abc import Sequence

from modelhub.durable import Buffer
from modelhub.pas.kernels import _levels
from modelhub.pas.kernels.schemes import Delta, Scheme
from modelhub.pas.kernels.streams import Stream


class Compiled:
    """A kernel that works without Python's lock.

    Args:
        name: of a path that this machine has.
    """

    def __init__(self, name: str) -> None:
        self.name = name

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
        return list[Stream](_levels.encode(self.name, width, scheme + delta, group, base))

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

        Raises:
            ValueError: no such streams come from `encode`.
        """
        _levels.decode(self.name, width, scheme + delta, list(coded), out, base)


PATHS = {name: Compiled(name) for name in _levels.paths()}
"""What this machine can run, by name, the slowest first."""
