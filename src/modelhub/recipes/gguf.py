"""GGUF: a header with key-value pairs and a table of tensors, then the tensors.

Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from pathlib import Path

from modelhub.errors import DamagedFileError
from modelhub.recipes.layout import (
    MAX_TEXT,
    MAX_VALUES,
    WHOLE,
    Layout,
    NamedTensor,
    TensorSpan,
    bounded,
)
from modelhub.recipes.mapped import Buffer, mapped, text
from modelhub.values import Scalar, Shape

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_DEPTH = 16  # arrays in arrays
MAX_RANK = 8
MAX_NAME = 1000  # bytes of the name of a tensor
MAX_TENSORS = 1_000_000
_ALIGNMENT, _DEFAULT_ALIGNMENT = "general.alignment", 32

# Types of values: of fixed size, by struct's letter; strings; arrays.
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q"} | {
    12: "d"
}
_FORMS = {letter: struct.Struct(f"<{letter}") for letter in _SCALARS.values()}
_STRING, _ARRAY = 8, 9
_MIN_PAIR = 13  # bytes: an empty key, the type, one byte
_MIN_TENSOR = 24  # bytes: an empty name, rank 0, type and offset

# Types of tensors, by code: those whose elements are numbers, …
DTYPES = {
    0: "float32",
    1: "float16",
    28: "float64",
    30: "bfloat16",
    24: "int8",
    25: "int16",
    26: "int32",
    27: "int64",
}
_WIDTHS = {0: 4, 1: 2, 28: 8, 30: 2, 24: 1, 25: 2, 26: 4, 27: 8}
# … and those of blocks: name, elements of a block, bytes of a block.
BLOCKS = {
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    29: ("IQ1_M", 256, 56),
    31: ("Q4_0_4_4", 32, 18),
    32: ("Q4_0_4_8", 32, 18),
    33: ("Q4_0_8_8", 32, 18),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
}


class GgufReader:
    """Reads the header; the tensors are not touched."""

    name = "gguf"

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the protocol's signature
        """By the magic."""
        return head.startswith(MAGIC)

    def read(self, path: Path) -> Layout:
        """The layout of a file; of a version that we do not know, the file as a whole."""
        with mapped(path) as buffer:
            cursor = _Cursor(path, buffer)
            cursor.take(len(MAGIC))
            version = cursor.number("I")
            if version not in VERSIONS:
                return Layout(reader=WHOLE, size=len(buffer), note=_whole(version))
            return _layout(self.name, cursor)


reader = GgufReader()


class _Cursor:
    """Reads a header from front to back and stops at the end of the file."""

    def __init__(self, path: Path, buffer: Buffer) -> None:
        self.path = path
        self.buffer = buffer
        self.position = 0
        self.size = len(buffer)

    def fault(self, what: str) -> DamagedFileError:
        """The error that says what is wrong with the file."""
        return DamagedFileError(f"{self.path}: {what}; get the file anew")

    def take(self, size: int) -> int:
        """Skip bytes; where they begin."""
        begin = self.position
        if size > self.size - begin:
            raise self.fault(f"it is cut off in its header, at byte {begin}")
        self.position = begin + size
        return begin

    def number(self, letter: str) -> int:
        """A number of the type that has this letter in `struct`."""
        return int(self.scalar(letter))

    def scalar(self, letter: str) -> int | float | bool:
        """A value of the type that has this letter in `struct`."""
        form = _FORMS[letter]
        begin = self.take(form.size)
        found: int | float | bool = form.unpack(self.buffer[begin : self.position])[0]
        return found

    def string(self, limit: int) -> str:
        """A string, cut at `limit` characters."""
        begin = self.take(self.number("Q"))
        return text(self.buffer, begin, self.position, limit)

    def count(self, what: str, smallest: int) -> int:
        """How many things follow; no more than fit in the rest, of `smallest` bytes each."""
        found = self.number("Q")
        if found * smallest > self.size - self.position:
            raise self.fault(f"it says that it has {found:,} {what}, which is more than fit")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Info:
    """A tensor of the table; its offset counts from the beginning of the tensors."""

    name: str
    dtype: str
    shape: Shape
    offset: int
    length: int


def _whole(version: int) -> str:
    if version & 0xFFFF == 0:
        return "big-endian GGUF files are kept as they are"
    return f"GGUF files of version {version} are kept as they are"


def _layout(name: str, cursor: _Cursor) -> Layout:
    count = cursor.count("tensors", _MIN_TENSOR)
    if count > MAX_TENSORS:
        raise cursor.fault(f"it has {count:,} tensors, more than {MAX_TENSORS:,}")
    values, alignment = _values(cursor)
    infos: list[_Info] = []
    unknown: set[int] = set()
    names: set[str] = set()
    for _ in range(count):
        info = _info(cursor, unknown, names)
        if info is not None:
            infos.append(info)
    begin = -(-cursor.position // alignment) * alignment
    spans, indices = _spans(cursor, infos, begin)
    tensors = tuple(
        NamedTensor(name=info.name, dtype=info.dtype, shape=info.shape, span=indices.get(index))
        for index, info in enumerate(infos)
    )
    codes = ", ".join(map(str, sorted(unknown)[:10]))
    note = f"tensors of the unknown types {codes} are kept as they stand" if codes else ""
    return Layout(
        reader=name,
        size=cursor.size,
        spans=spans,
        tensors=tensors,
        values=bounded(values),
        note=note,
    )


def _spans(
    cursor: _Cursor, infos: list[_Info], begin: int
) -> tuple[tuple[TensorSpan, ...], dict[int, int]]:
    """The spans in ascending order, and which tensor has which."""
    order = sorted(
        (index for index, info in enumerate(infos) if info.length),
        key=lambda index: infos[index].offset,
    )
    for index in order:
        info = infos[index]
        if begin + info.offset + info.length > cursor.size:
            raise cursor.fault(f"the tensor {info.name!r} lies outside the file")
    for one, other in pairwise(order):
        if infos[one].offset + infos[one].length > infos[other].offset:
            raise cursor.fault(f"the tensors {infos[one].name!r} and {infos[other].name!r} overlap")
    spans = tuple(
        TensorSpan(
            offset=begin + infos[index].offset, dtype=infos[index].dtype, shape=infos[index].shape
        )
        for index in order
    )
    return spans, {index: span for span, index in enumerate(order)}


def _values(cursor: _Cursor) -> tuple[dict[str, Scalar], int]:
    """The single values among the key-value pairs, and the alignment of tensors."""
    found: dict[str, Scalar] = {}
    alignment = _DEFAULT_ALIGNMENT
    for _ in range(cursor.count("key-value pairs", _MIN_PAIR)):
        key = cursor.string(MAX_TEXT)
        code = cursor.number("I")
        if code == _ARRAY:
            _skip_array(cursor)
            continue
        value = _scalar(cursor, code)
        if key == _ALIGNMENT:
            alignment = _alignment(cursor, value)
        if len(found) < MAX_VALUES:
            found[key] = value
    return found, alignment


def _scalar(cursor: _Cursor, code: int) -> Scalar:
    if code == _STRING:
        return cursor.string(MAX_TEXT)
    if code not in _SCALARS:
        raise cursor.fault(f"a value has the unknown type {code}, at byte {cursor.position - 4}")
    return cursor.scalar(_SCALARS[code])


def _alignment(cursor: _Cursor, value: Scalar) -> int:
    if type(value) is not int or value <= 0 or value & (value - 1):
        raise cursor.fault(f"the alignment {value!r} is no power of two")
    return value


def _skip_array(cursor: _Cursor) -> None:
    """Skip an array. The arrays in it are kept on a list, of which the last is being skipped."""
    pending = [_array(cursor)]
    while pending:
        code, count = pending.pop()
        if code == _STRING:
            for _ in range(count):
                cursor.take(cursor.number("Q"))
        elif code != _ARRAY:
            cursor.take(count * struct.calcsize(_SCALARS[code]))
        elif count:
            if len(pending) == MAX_DEPTH:
                raise cursor.fault(f"its arrays are nested more than {MAX_DEPTH} deep")
            pending += [(_ARRAY, count - 1), _array(cursor)]


def _array(cursor: _Cursor) -> tuple[int, int]:
    """The type and the number of an array's elements, which follow."""
    code = cursor.number("I")
    if code in _SCALARS:
        return code, cursor.count("numbers in an array", struct.calcsize(_SCALARS[code]))
    if code not in {_STRING, _ARRAY}:
        raise cursor.fault(f"an array has the unknown type {code}, at byte {cursor.position - 4}")
    return code, cursor.count("elements in an array", 8 if code == _STRING else 12)


def _info(cursor: _Cursor, unknown: set[int], names: set[str]) -> _Info | None:
    """The next tensor of the table; None if its type, which is added to `unknown`, is not known."""
    name = cursor.string(MAX_NAME + 1)
    if len(name) > MAX_NAME or name in names:
        raise cursor.fault(f"the name {name[:40]!r} of a tensor is too long, or stands twice")
    names.add(name)
    rank = cursor.number("I")
    if rank > MAX_RANK:
        raise cursor.fault(f"the tensor {name!r} has {rank:,} axes, more than {MAX_RANK}")
    extents = tuple(cursor.number("Q") for _ in range(rank))
    code, offset = cursor.number("I"), cursor.number("Q")
    if any(extent >> 63 for extent in extents):
        raise cursor.fault(f"the tensor {name!r} has the impossible shape {extents}")
    if code in DTYPES:
        shape, length = extents[::-1], prod(extents) * _WIDTHS[code]
        return _Info(name=name, dtype=DTYPES[code], shape=shape, offset=offset, length=length)
    if code not in BLOCKS:
        unknown.add(code)
        return None
    kind, elements, size = BLOCKS[code]
    if (extents[0] if extents else 1) % elements:
        raise cursor.fault(f"the rows of the tensor {name!r} are no whole blocks of {elements}")
    length = prod(extents) // elements * size
    dtype = f"opaque:gguf.{kind}"
    return _Info(name=name, dtype=dtype, shape=(length,), offset=offset, length=length)
