"""What an encoding promises, and the registry of those that exist."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from modelhub.durable import Buffer
from modelhub.plugins import Registry


class Chunk(NamedTuple):
    """One level of one group as it is stored.

    Attributes:
        mode: how the bytes are to be understood, a number below 256.
        data: the stored bytes.
    """

    mode: int
    data: Buffer


class Encoding(Protocol):
    """How a group of elements becomes stored bytes, and again elements.

    An implementation promises:

    - `decode` of what `encode` returned gives back the very bytes, for every dtype and every
      pattern of bits, NaN payloads included;
    - the same bytes always give the same chunks;
    - `decode` of anything else gives some bytes or raises `IntegrityError`; it allocates by the
      size of `out`, never by a number that it finds in a chunk;
    - it keeps no state, so that threads may share it;
    - its name never changes its meaning: archives hold it.
    """

    name: str

    def levels(self, dtype: str) -> tuple[int, ...]:
        """Decoded bytes an element of each level, most significant level first.

        Raises:
            InputError: no dtype has this name.
        """
        ...

    def encode(self, group: Buffer, *, dtype: str) -> list[Chunk]:
        """One chunk a level, of a group that has at least one element."""
        ...

    def decode(self, chunks: Sequence[Chunk], out: memoryview, *, dtype: str) -> None:
        """Write the elements of a group into `out`, whose length says how many there are.

        Raises:
            IntegrityError: a chunk cannot be what `encode` returned for so many elements.
        """
        ...


ENCODINGS: Registry[Encoding] = Registry(
    "modelhub.encodings",
    {
        "levels-rans": "modelhub.pas.encodings.levels:levels_rans",
        "planes-zstd": "modelhub.pas.encodings.planes_zstd:planes_zstd",
    },
)
