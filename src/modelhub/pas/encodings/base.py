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
      pattern of bits, NaN payloads included; a group that was encoded with a base needs that base;
    - of the first levels alone, `decode` makes elements in which the bits of all others are zero;
      with a base, levels 0 to j of the elements depend on levels 0 to j of the base only;
    - the same bytes always give the same chunks;
    - `decode` of anything else gives some bytes or raises `IntegrityError`; it allocates by the
      size of `out`, never by a number that it finds in a chunk;
    - it keeps no state, so that threads may share it;
    - its name never changes its meaning: archives hold it.
    """

    name: str
    has_deltas: bool
    """Whether `encode` makes anything of a base."""

    def levels(self, dtype: str) -> tuple[int, ...]:
        """Decoded bytes an element of each level, most significant level first.

        Raises:
            InputError: no dtype has this name.
        """
        ...

    def encode(
        self, group: Buffer, *, dtype: str, base: Buffer | None = None, delta: str = "hier-sub"
    ) -> list[Chunk]:
        """One chunk a level, of a group that has at least one element.

        Args:
            group: the elements.
            dtype: of the group, and of the base.
            base: as many bytes as `group`: other elements, from which these may differ by little.
                The group may still be stored whole, where that is smaller.
            delta: how differences are taken: `hier-sub`, `xor` or `sub`.

        Raises:
            InputError: there is no such delta, or the base is of another size.
        """
        ...

    def decode(
        self,
        chunks: Sequence[Chunk],
        out: memoryview,
        *,
        dtype: str,
        base: Buffer | None = None,
    ) -> None:
        """Write the elements of a group into `out`, whose length says how many there are.

        Args:
            chunks: of all levels, or of the first.
            out: where the elements go.
            dtype: of the elements.
            base: what `encode` was given; a group that was stored whole does not need it.

        Raises:
            IntegrityError: a chunk cannot be what `encode` returned for so many elements, or
                needs a base and there is none.
            InputError: differences by `sub` were asked for by their first levels alone.
        """
        ...


ENCODINGS: Registry[Encoding] = Registry(
    "modelhub.encodings",
    {
        "levels-rans": "modelhub.pas.encodings.levels:levels_rans",
        "planes-zstd": "modelhub.pas.encodings.planes_zstd:planes_zstd",
    },
)
