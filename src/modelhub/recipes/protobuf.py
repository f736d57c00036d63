"""The wire format of protocol buffers: where the fields of a message lie; nothing is copied.

Source: https://protobuf.dev/programming-guides/encoding
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from modelhub.recipes.mapped import Buffer

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
MAX_NUMBER = (1 << 29) - 1
_MAX_VARINT = 10  # bytes
_MORE = 0x80  # the bit that says: more follows
_FIXED = {FIXED64: 8, FIXED32: 4}


class WireError(ValueError):
    """These bytes are no message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a message.

    Attributes:
        number: as the schema says; 1 to `MAX_NUMBER`.
        wire_type: VARINT, FIXED64, LENGTH or FIXED32.
        value: of a VARINT, unsigned; 0 for the others.
        begin: where its bytes begin in the buffer, behind key and length.
        end: where they end; inside the message.
    """

    number: int
    wire_type: int
    value: int
    begin: int
    end: int


def fields(buffer: Buffer, begin: int, end: int) -> Iterator[Field]:
    """The fields of the message between two offsets; nested messages are skipped, not entered.

    Cost: linear in the number of fields; the bytes inside them are not touched.

    Raises:
        WireError: a field is impossible or reaches over the end. Groups, which the format has
            given up, are taken for impossible.
    """
    position = begin
    while position < end:
        key, start = varint(buffer, position, end)
        number, wire_type = key >> 3, key & 7
        if not 1 <= number <= MAX_NUMBER:
            raise WireError(f"a field has the impossible number {number}, at byte {position}")
        value, size = 0, _FIXED.get(wire_type, 0)
        if wire_type == VARINT:
            value, stop = varint(buffer, start, end)
            size = stop - start
        elif wire_type == LENGTH:
            size, start = varint(buffer, start, end)
        elif not size:
            raise WireError(f"a field has the impossible type {wire_type}, at byte {position}")
        if size > end - start:
            raise WireError(f"a field reaches over the end of its message, at byte {position}")
        position = start + size
        yield Field(number=number, wire_type=wire_type, value=value, begin=start, end=position)


def varint(buffer: Buffer, begin: int, end: int) -> tuple[int, int]:
    """An unsigned 64-bit number, and the offset behind it.

    Raises:
        WireError: it has more than ten bytes, or none of its bytes before `end` is its last.
    """
    if begin < end and (first := buffer[begin]) < _MORE:  # Most numbers have one byte.
        return first, begin + 1
    value = 0
    for count, byte in enumerate(buffer[begin : min(end, begin + _MAX_VARINT)]):
        if byte < _MORE:
            return (value | byte << (7 * count)) & 0xFFFF_FFFF_FFFF_FFFF, begin + count + 1
        value |= (byte & 0x7F) << (7 * count)
    raise WireError(f"a number does not end, at byte {begin}")


def integers(buffer: Buffer, field: Field, limit: int) -> list[int]:
    """The first `limit` signed 64-bit numbers of a repeated field: one, or a packed row of them.

    Raises:
        WireError: a number does not end, or the field is of another type.
    """
    if field.wire_type == VARINT:
        return [_signed(field.value)][:limit]
    if field.wire_type != LENGTH:
        raise WireError(f"a field of numbers has the wrong type, at byte {field.begin}")
    return [_signed(value) for value in islice(_packed(buffer, field.begin, field.end), limit)]


def _packed(buffer: Buffer, begin: int, end: int) -> Iterator[int]:
    while begin < end:
        value, begin = varint(buffer, begin, end)
        yield value


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value
