"""Elements of a stored tensor are made group by group, each on any thread."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from modelhub.dtypes import numpy_dtype
from modelhub.errors import IntegrityError, NotFoundError
from modelhub.pas.encodings import ENCODINGS, Encoding
from modelhub.pas.fetch import StoredGroup
from modelhub.pas.index import StoredTensor, element_count
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
        memory: gives that which the elements of a group are made in, where the span has no place.

    Raises:
        IntegrityError: nobody knows the encoding.
    """

    def __init__(
        self,
        stored: StoredTensor,
        span: Span,
        memory: Callable[[int], memoryview] = fresh_memory,
    ) -> None:
        self._memory = memory
        self._stored = stored
        self._span = span
        self._encoding = _encoding(stored)
        self.level_width = max(self._encoding.levels(stored.info.dtype))
        self.groups = range(span.start // stored.group_size, -(-span.stop // stored.group_size))

    def stop_of(self, group: StoredGroup) -> int:
        """The first element after those that are wanted of a group."""
        return min((group.group + 1) * self._stored.group_size, self._span.stop)

    def decode(self, group: StoredGroup) -> memoryview:
        """The wanted bytes of a group.

        Raises:
            IntegrityError: they are damaged; the message names the tensor.
        """
        try:
            group.check()
            return self._decode(group)
        except IntegrityError as error:
            raise unreadable(self._stored.info.id, error) from error

    def _decode(self, group: StoredGroup) -> memoryview:
        stored, span = self._stored, self._span
        begin = group.group * stored.group_size
        end = min(begin + stored.group_size, element_count(stored.info))
        low, high = max(begin, span.start), min(end, span.stop)
        target = span.target(low, high)
        is_whole = (low, high) == (begin, end)
        in_place = target if is_whole else None
        buffer = self._memory((end - begin) * span.width) if in_place is None else in_place
        self._encoding.decode(group.chunks, buffer, dtype=stored.info.dtype)
        wanted = buffer[(low - begin) * span.width : (high - begin) * span.width]
        if target is None or is_whole:
            return wanted
        target[:] = wanted
        return target


def element_width(stored: StoredTensor) -> int:
    """Bytes of an element."""
    return numpy_dtype(stored.info.dtype).itemsize


def unreadable(id: TensorId, error: IntegrityError) -> IntegrityError:  # noqa: A002 - it is one
    """An error about stored bytes, with the tensor that cannot be read for it."""
    return IntegrityError(f"tensor {id} cannot be read: {error}; run dlv fsck")


def _encoding(stored: StoredTensor) -> Encoding:
    if stored.base is not None:
        raise IntegrityError(f"encoding {stored.encoding!r} has no deltas")
    try:
        return ENCODINGS.get(stored.encoding)
    except NotFoundError as error:
        raise IntegrityError(f"{error}; a later version of modelhub-dlv may know it") from error
