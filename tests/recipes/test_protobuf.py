"""The wire format."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import StringStringEntryProto, TensorProto

from modelhub.recipes.protobuf import (
    FIXED32,
    FIXED64,
    LENGTH,
    VARINT,
    Field,
    WireError,
    fields,
    integers,
    varint,
)


def read(raw: bytes) -> list[Field]:
    return list(fields(raw, 0, len(raw)))


@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), max_size=20), st.binary(max_size=200))
def test_what_an_independent_writer_wrote_is_read(dims, raw):
    """Numbers and strings of a message come back, from inside a larger buffer, too."""
    message = TensorProto(dims=dims, raw_data=raw).SerializeToString()
    found = list(fields(b"\xff" + message + b"\xff", 1, 1 + len(message)))
    numbers = [n for f in found if f.number == 1 for n in integers(b"\xff" + message, f, 99)]
    assert numbers == dims
    assert [(b"\xff" + message)[f.begin : f.end] for f in found if f.number == 9] == [raw]


def test_a_packed_row_of_numbers():
    """A packed field holds its numbers one behind another; no more are read than are asked for."""
    message = TensorProto(int64_data=[1, -1, 300]).SerializeToString()
    (field,) = read(message)
    assert (field.number, field.wire_type) == (7, LENGTH)
    assert integers(message, field, 99) == [1, -1, 300]
    assert integers(message, field, 2) == [1, -1]


def test_every_type_of_field():
    """Types, values and places are those of the encoding's documentation."""
    raw = b"\x08\x96\x01" + b"\x11" + bytes(8) + b"\x1a\x02hi" + b"\x25" + bytes(4)
    assert [(f.number, f.wire_type, f.value, f.begin, f.end) for f in read(raw)] == [
        (1, VARINT, 150, 1, 3),
        (2, FIXED64, 0, 4, 12),
        (3, LENGTH, 0, 14, 16),
        (4, FIXED32, 0, 17, 21),
    ]


@pytest.mark.parametrize(
    "raw",
    [
        b"\x08",
        b"\x08\x80",
        b"\x0a\x05abcd",
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x11" + bytes(7),
        b"\x25" + bytes(3),
        b"\x00\x00",
        b"\x0b\x0c",
        b"\x0f\x00",
        b"\x80" * 11,
        b"\xf8\xff\xff\xff\xff\x01\x00",
    ],
)
def test_what_is_no_message_is_refused(raw):
    """Ends too early, numbers that are too long, and impossible fields have one error."""
    with pytest.raises(WireError):
        read(raw)


def test_a_number_of_the_wrong_type_is_refused():
    """Eight fixed bytes are no row of numbers."""
    raw = b"\x11" + bytes(8)
    (field,) = read(raw)
    with pytest.raises(WireError, match="wrong type"):
        integers(raw, field, 9)


def test_numbers_wrap_at_64_bits():
    """Bits above the 64th are dropped, as the reference implementation does."""
    assert varint(b"\xff" * 9 + b"\x7f", 0, 10) == ((1 << 64) - 1, 10)


@given(st.binary(max_size=60))
def test_any_bytes_are_fields_or_an_error(raw):
    """Fields follow one another inside the buffer."""
    position = 0
    try:
        for field in fields(raw, 0, len(raw)):
            assert position < field.begin <= field.end <= len(raw)
            position = field.end
    except WireError:
        return
    assert position == len(raw)


def test_nested_messages_are_not_entered():
    """A message in a message is a field with a place."""
    inner = StringStringEntryProto(key="a", value="b").SerializeToString()
    outer = TensorProto(external_data=[{"key": "a", "value": "b"}]).SerializeToString()
    (field,) = read(outer)
    assert outer[field.begin : field.end] == inner
