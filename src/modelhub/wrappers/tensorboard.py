"""TensorBoard's event files: scalars by step, without TensorFlow."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import google_crc32c

from modelhub.errors import DamagedFileError
from modelhub.recipes import FIXED32, FIXED64, LENGTH, VARINT, Field, WireError, fields
from modelhub.wrappers.base import SnapshotSink

MAX_RECORD = 64 << 20  # images and graphs may be longer, scalars are not
PIECE = 1 << 20
_HEADER = struct.Struct("<QI")
_CHECKSUM = struct.Struct("<I")
_MASK = 0xA282EAD8  # of TFRecord's checksums

# Field numbers of tensorflow/core/util/event.proto, summary.proto and tensor.proto.
_EVENT_STEP, _EVENT_SUMMARY = 2, 5
_SUMMARY_VALUE = 1
_VALUE_TAG, _VALUE_SIMPLE, _VALUE_TENSOR = 1, 2, 8
_TENSOR_DTYPE, _TENSOR_CONTENT, _TENSOR_FLOAT, _TENSOR_DOUBLE = 1, 4, 5, 6
_FORMS = {1: struct.Struct("<f"), 2: struct.Struct("<d")}  # by DataType: float, double


class TensorBoard:
    """Reads `events.out.tfevents.*`."""

    name = "tensorboard"

    def claims(self, path: Path) -> bool:
        """By the name."""
        return ".tfevents." in path.name

    def read(self, path: Path, sink: SnapshotSink) -> None:
        """Every scalar, at its step; a last record that is half written is passed over."""
        with path.open("rb") as file:
            for record in _records(path, file):
                try:
                    _put(record, sink)
                except (WireError, struct.error) as error:
                    raise DamagedFileError(f"{path}: an event is not valid ({error})") from None


def _records(path: Path, file: BinaryIO) -> Iterator[bytes]:
    """The payloads of a TFRecord file, all checksums verified; very long ones are passed over."""
    left = path.stat().st_size
    while header := file.read(_HEADER.size):
        if len(header) < _HEADER.size:
            return
        length, checksum = _HEADER.unpack(header)
        if checksum != _masked(google_crc32c.value(header[:8])):
            raise _damaged(path, left)
        if length + _CHECKSUM.size > left:
            return
        data = file.read(length) if length <= MAX_RECORD else b""
        found = _checksum_of(file, length) if length > MAX_RECORD else google_crc32c.value(data)
        footer = file.read(_CHECKSUM.size)
        if len(footer) < _CHECKSUM.size:
            return
        if _CHECKSUM.unpack(footer)[0] != _masked(found):
            raise _damaged(path, left)
        left -= _HEADER.size + length + _CHECKSUM.size
        yield data


def _damaged(path: Path, left: int) -> DamagedFileError:
    return DamagedFileError(f"{path}: a record is damaged, {left:,} bytes before the end")


def _checksum_of(file: BinaryIO, length: int) -> int:
    """The checksum of the next bytes, read a piece at a time."""
    found = 0
    while length and (piece := file.read(min(PIECE, length))):
        found = int(google_crc32c.extend(found, piece))
        length -= len(piece)
    return found


def _masked(checksum: int) -> int:
    return ((checksum >> 15 | checksum << 17) + _MASK) & 0xFFFF_FFFF


def _put(event: bytes, sink: SnapshotSink) -> None:
    step, summaries = 0, []
    for field in fields(event, 0, len(event)):
        if field.number == _EVENT_STEP and field.wire_type == VARINT:
            step = field.value - (field.value >> 63 << 64)  # it is signed
        elif field.number == _EVENT_SUMMARY and field.wire_type == LENGTH:
            summaries.append(field)
    for summary in summaries:
        for value in fields(event, summary.begin, summary.end):
            if value.number == _SUMMARY_VALUE and value.wire_type == LENGTH:
                _put_value(event, value, step, sink)


def _put_value(event: bytes, value: Field, step: int, sink: SnapshotSink) -> None:
    tag, number = "", None
    for field in fields(event, value.begin, value.end):
        if field.number == _VALUE_TAG and field.wire_type == LENGTH:
            tag = event[field.begin : field.end].decode("utf-8", "replace")
        elif field.number == _VALUE_SIMPLE and field.wire_type == FIXED32:
            number = _number(event, field, 1)
        elif field.number == _VALUE_TENSOR and field.wire_type == LENGTH:
            number = _scalar(event, field)
    if tag and number is not None:
        sink.metric(tag, number, step=step)


def _scalar(event: bytes, tensor: Field) -> float | None:
    """The one number of a tensor; None if it has several, or no float."""
    dtype, content = 0, None
    for field in fields(event, tensor.begin, tensor.end):
        if field.number == _TENSOR_DTYPE and field.wire_type == VARINT:
            dtype = field.value
        elif field.number in (_TENSOR_CONTENT, _TENSOR_FLOAT, _TENSOR_DOUBLE):
            content = field
    if content is None or content.wire_type not in (LENGTH, FIXED32, FIXED64):
        return None
    return _number(event, content, dtype)


def _number(event: bytes, field: Field, dtype: int) -> float | None:
    form = _FORMS.get(dtype)
    if form is None or field.end - field.begin != form.size:
        return None
    return float(form.unpack_from(event, field.begin)[0])


wrapper = TensorBoard()
