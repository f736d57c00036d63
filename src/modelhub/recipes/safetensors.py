"""safetensors: a JSON header that says where each tensor lies."""

import json
import struct
from collections.abc import Iterable, Mapping
from math import prod
from pathlib import Path
from typing import Any

from modelhub.dtypes import PACKED_FLOAT4, size_bytes
from modelhub.errors import DamagedFileError, InputError
from modelhub.recipes.layout import (
    Layout,
    NamedTensor,
    TensorSpan,
    bounded,
    is_possible,
    shown,
)
from modelhub.values import Shape

MAX_HEADER = 100_000_000  # as the format's reference implementation
_LENGTH = struct.Struct("<Q")
_METADATA = "__metadata__"
UNREAD_ELSEWHERE = "complex128"  # a dtype whose code other software does not know

DTYPES = {
    "BOOL": "bool",
    "U8": "uint8",
    "U16": "uint16",
    "U32": "uint32",
    "U64": "uint64",
    "I8": "int8",
    "I16": "int16",
    "I32": "int32",
    "I64": "int64",
    "F16": "float16",
    "BF16": "bfloat16",
    "F32": "float32",
    "F64": "float64",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "F8_E8M0": "float8_e8m0fnu",
    "F8_E4M3FNUZ": "float8_e4m3fnuz",
    "F8_E5M2FNUZ": "float8_e5m2fnuz",
    "C64": "complex64",
    "C128": "complex128",
}
_PACKED = "F4"  # two elements to a byte, along the last axis
CODES = {name: code for code, name in DTYPES.items()}


class SafetensorsReader:
    """Reads the header; the tensors are everything behind it."""

    name = "safetensors"

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the protocol's signature
        """By the name: the format has no magic."""
        return path.name.lower().endswith(".safetensors")

    def read(self, path: Path) -> Layout:
        """The layout of a file; tensors of an unknown dtype are kept as opaque bytes."""
        size = path.stat().st_size
        start, header = _header(path, size)
        metadata = header.pop(_METADATA, {})
        if not isinstance(metadata, dict):
            raise DamagedFileError(f"{path}: {_METADATA} is not a table")
        entries = sorted(
            (_Entry.of(path, name, found, size - start) for name, found in header.items()),
            key=lambda entry: (entry.begin, entry.end),
        )
        _check_order(path, entries, size - start)
        unknown = sorted({entry.code for entry in entries if entry.code not in {*DTYPES, _PACKED}})
        texts = {key: value for key, value in metadata.items() if isinstance(value, str)}
        return _layout(
            self.name,
            size,
            start,
            entries,
            values=bounded(texts),
            note=f"tensors of dtype {shown(', '.join(unknown))} are kept as bytes"
            if unknown
            else "",
        )


reader = SafetensorsReader()


class _Entry:
    """One tensor of a header."""

    __slots__ = ("begin", "code", "dtype", "end", "name", "shape")

    def __init__(self, name: str, code: str, shape: Shape, begin: int, end: int) -> None:
        self.name, self.code, self.begin, self.end = name, code, begin, end
        self.dtype, self.shape = _stored(code, shape, end - begin)

    @classmethod
    def of(cls, path: Path, name: str, found: Any, room: int) -> "_Entry":
        """An entry of the header, checked."""
        called = shown(name)
        try:
            code, shape = found["dtype"], found["shape"]
            begin, end = found["data_offsets"]
        except (TypeError, KeyError, ValueError):
            raise DamagedFileError(f"{path}: the entry {called!r} is not valid") from None
        numbers = [begin, end, *shape] if isinstance(shape, list) else [None]
        if not isinstance(code, str) or any(type(n) is not int for n in numbers):
            raise DamagedFileError(f"{path}: the entry {called!r} is not valid")
        if begin < 0 or not is_possible(shape):
            raise DamagedFileError(f"{path}: the entry {called!r} is not valid")
        if not begin <= end <= room:
            raise DamagedFileError(
                f"{path}: the tensor {called!r} lies outside the file; is it cut off?"
            )
        entry = cls(name, code, tuple(shape), begin, end)
        if not _fills(code, shape, end - begin):
            raise DamagedFileError(
                f"{path}: the tensor {called!r} has {end - begin} bytes, "
                f"its shape {shape} of {code} needs {prod(shape)} elements"
            )
        return entry


def _fills(code: str, shape: Shape, length: int) -> bool:
    if code == _PACKED:
        return prod(shape) == 2 * length
    return code not in DTYPES or size_bytes(DTYPES[code], shape) == length


def _stored(code: str, shape: Shape, length: int) -> tuple[str, Shape]:
    """Our dtype, and the shape in its elements."""
    if code in DTYPES:
        return DTYPES[code], shape
    if code == _PACKED:
        is_even = shape and shape[-1] % 2 == 0
        return PACKED_FLOAT4, (*shape[:-1], shape[-1] // 2) if is_even else (length,)
    return f"opaque:safetensors.{_plain(code)}", (length,)


def _plain(code: str) -> str:
    return (
        "".join(c if c.isascii() and (c.isalnum() or c in "_.-") else "_" for c in code[:40]) or "_"
    )


def _header(path: Path, size: int) -> tuple[int, dict[str, Any]]:
    """Where the tensors begin, and the header."""
    with path.open("rb") as file:
        first = file.read(_LENGTH.size)
        if len(first) < _LENGTH.size:
            raise DamagedFileError(f"{path} is too short for a safetensors file")
        (length,) = _LENGTH.unpack(first)
        if length > min(size - _LENGTH.size, MAX_HEADER):
            raise DamagedFileError(
                f"{path} says that its header has {length:,} bytes, the file has {size:,}; "
                "it is cut off, or no safetensors file"
            )
        raw = file.read(length)
    try:
        header = json.loads(raw.decode("utf-8"), object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(f"{path}: the header is not valid ({error})") from None
    if not isinstance(header, dict):
        raise DamagedFileError(f"{path}: the header is not a table")
    return _LENGTH.size + length, header


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A table of the header; names that are no Unicode raise a ValueError, too."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    "".join(found).encode()
    return found


def _check_order(path: Path, entries: list[_Entry], room: int) -> None:
    """Tensors fill the room behind the header, without gaps and without overlaps."""
    position = 0
    for entry in entries:
        if entry.begin != position:
            what = "overlaps another one" if entry.begin < position else "lies behind a gap"
            raise DamagedFileError(
                f"{path}: the tensor {shown(entry.name)!r} {what}; the file is damaged"
            )
        position = entry.end
    if position != room:
        raise DamagedFileError(
            f"{path} has {room - position} bytes behind its last tensor; the file is damaged"
        )


def _layout(name: str, size: int, start: int, entries: Iterable[_Entry], **more: Any) -> Layout:
    spans: list[TensorSpan] = []
    tensors = []
    for entry in entries:
        index = None
        if entry.end > entry.begin:
            index = len(spans)
            spans.append(
                TensorSpan(offset=start + entry.begin, dtype=entry.dtype, shape=entry.shape)
            )
        tensors.append(
            NamedTensor(name=entry.name, dtype=entry.dtype, shape=entry.shape, span=index)
        )
    return Layout(reader=name, size=size, spans=tuple(spans), tensors=tuple(tensors), **more)


def safetensors_header(
    tensors: Iterable[tuple[str, str, Shape]], metadata: Mapping[str, str] | None = None
) -> bytes:
    """The header of a safetensors file that holds these tensors (name, dtype, shape), in order.

    Raises:
        InputError: the format has no such dtype, or a name stands twice.
    """
    found: dict[str, Any] = {_METADATA: dict(metadata)} if metadata else {}
    position = 0
    for name, dtype, shape in tensors:
        if dtype not in CODES:
            raise InputError(f"{name!r} is of dtype {dtype}, which safetensors files cannot hold")
        if name in found:
            raise InputError(f"the tensor name {name!r} stands twice, or is reserved")
        end = position + size_bytes(dtype, shape)
        found[name] = {"dtype": CODES[dtype], "shape": list(shape), "data_offsets": [position, end]}
        position = end
    raw = json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode()
    raw += b" " * (-len(raw) % 8)
    return _LENGTH.pack(len(raw)) + raw
