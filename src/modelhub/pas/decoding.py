"""Elements of a stored tensor are made group by group, each on any thread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from modelhub.dtypes import numpy_dtype
from modelhub.errors import IntegrityError, NotFoundError
from modelhub.pas.encodings import ENCODINGS, Encoding
from modelhub.pas.fetch import StoredGroup
from modelhub.pas.index import StoredTensor, element_count
from modelhub.pas.known import known_bits, levels_for
from modelhub.values import TensorId


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Elements `start` … `stop` - 1, `width` bytes each, and where they are wanted, if anywhere."""

    start: int
    stop: int
    width: int
    out: memoryview | None

    @classmethod
    def whole(cls, stored: StoredTensor, out: memoryview | None) -> "Span":
        """All elements of a tensor."""
        return cls(start=0, stop=element_count(stored.info), width=element_width(stored), out=out)

    def after(self, start: int) -> "Span":
        """What is left when the elements before `start` are taken care of."""
        out = None if self.out is None else self.out[(start - self.start) * self.width :]
        return replace(self, start=start, out=out)

    def target(self, low: int, high: int) -> memoryview | None:
        """Where elements `low` … `high` - 1 belong."""
        if self.out is None:
            return None
        return self.out[(low - self.start) * self.width : (high - self.start) * self.width]


def fresh_memory(size: int) -> memoryview:
    """Writable bytes that nobody has cleared."""
    return np.empty(size, np.uint8).data


class GroupDecoder:
    """Makes the elements of a span from the groups that hold them.

    Args:
        stored: the tensor.
        span: which of its elements.
        bases: what it is a delta against, and what that is, down to one that is stored whole.
        levels: how many of its levels are read; all if None. Of the others, bits become zero.
        memory: gives that which the elements of a group are made in, where the span has no place.

    Raises:
        IntegrityError: nobody knows the encoding.
    """

    def __init__(
        self,
        stored: StoredTensor,
        span: Span,
        *,
        bases: Sequence[StoredTensor] = (),
        levels: int | None = None,
        memory: Callable[[int], memoryview] = fresh_memory,
    ) -> None:
        self.chain = (stored, *bases)
        self._memory = memory
        self._stored = stored
        self._span = span
        self._encodings = [_encoding(each) for each in self.chain]
        dtype = stored.info.dtype
        self.level_width = max(max(each.levels(dtype)) for each in self._encodings)
        self.levels = self._levels(min(levels or stored.levels, stored.levels))
        self.groups = range(span.start // stored.group_size, -(-span.stop // stored.group_size))

    @property
    def known(self) -> int:
        """The bits of an element that are read, as a mask."""
        return known_bits(self._encodings[0], self._stored.info.dtype, self.levels[0])

    def _levels(self, count: int) -> list[int]:
        """How many levels are read of each: of a base as many as the bits above it need."""
        if count == self._stored.levels:
            return [each.levels for each in self.chain]
        bits = known_bits(self._encodings[0], self._stored.info.dtype, count)
        below = (levels_for(each, self._stored.info.dtype, bits) for each in self._encodings[1:])
        return [count, *below]

    def stop_of(self, group: StoredGroup) -> int:
        """The first element after those that are wanted of a group."""
        return min((group.group + 1) * self._stored.group_size, self._span.stop)

    def decode(self, group: StoredGroup, *bases: StoredGroup) -> memoryview:
        """The wanted bytes of a group; `bases` are the same group of each base.

        Raises:
            IntegrityError: they are damaged; the message names the tensor.
        """
        try:
            for each in (group, *bases):
                each.check()
            return self._decode(group, bases)
        except IntegrityError as error:
            raise unreadable(self._stored.info.id, error) from error

    def _decode(self, group: StoredGroup, bases: Sequence[StoredGroup]) -> memoryview:
        stored, span = self._stored, self._span
        begin = group.group * stored.group_size
        end = min(begin + stored.group_size, element_count(stored.info))
        low, high = max(begin, span.start), min(end, span.stop)
        target = span.target(low, high)
        is_whole = (low, high) == (begin, end)
        in_place = target if is_whole else None
        buffer = self._memory((end - begin) * span.width) if in_place is None else in_place
        below = self._below(bases, len(buffer))
        self._encodings[0].decode(group.chunks, buffer, dtype=stored.info.dtype, base=below)
        wanted = buffer[(low - begin) * span.width : (high - begin) * span.width]
        if target is None or is_whole:
            return wanted
        target[:] = wanted
        return target

    def _below(self, bases: Sequence[StoredGroup], size: int) -> memoryview | None:
        """The elements that the group itself is a difference from."""
        below: memoryview | None = None
        for encoding, group in zip(self._encodings[:0:-1], reversed(bases), strict=True):
            out = self._memory(size)
            encoding.decode(group.chunks, out, dtype=self._stored.info.dtype, base=below)
            below = out
        return below


def element_width(stored: StoredTensor) -> int:
    """Bytes of an element."""
    return numpy_dtype(stored.info.dtype).itemsize


def unreadable(id: TensorId, error: IntegrityError) -> IntegrityError:  # noqa: A002 - it is one
    """An error about stored bytes, with the tensor that cannot be read for it."""
    return IntegrityError(f"tensor {id} cannot be read: {error}; run dlv fsck")


def _encoding(stored: StoredTensor) -> Encoding:
    try:
        found = ENCODINGS.get(stored.encoding)
    except NotFoundError as error:
        raise IntegrityError(f"{error}; a later version of modelhub-dlv may know it") from error
    if stored.base is not None and not found.has_deltas:
        raise IntegrityError(f"encoding {stored.encoding!r} has no deltas")
    return found
