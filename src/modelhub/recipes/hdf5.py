"""Where the datasets of an HDF5 file lie: those whose elements are one piece, as h5py writes them.

What is read: superblocks of version 0 and 1, groups that are symbol tables, object headers of
version 1, datasets with the contiguous layout, and attributes that are one text.  Everything else
is passed over and stays bytes.  (HDF5 File Format Specification 3.0, sections II to IV.)
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from modelhub.recipes.layout import is_possible
from modelhub.values import Shape

MAGIC = b"\x89HDF\r\n\x1a\n"
MAX_OBJECTS = 200_000
MAX_DEPTH = 32
MAX_HEADER = 1 << 16
MAX_MESSAGES = 1000
_DATASPACE, _DATATYPE, _LAYOUT, _FILTERS = 0x01, 0x03, 0x08, 0x0B
_ATTRIBUTE, _CONTINUED, _SYMBOLS = 0x0C, 0x10, 0x11
_FLOATS = {2: "float16", 4: "float32", 8: "float64"}
_BITS = {"float16": (10, 5, 0, 10), "float32": (23, 8, 0, 23), "float64": (52, 11, 0, 52)}
_INTEGERS = {1: "int8", 2: "int16", 4: "int32", 8: "int64"}
_MAX_TEXT = 1000
_OPAQUE = 5


class Hdf5Error(ValueError):
    """A file contradicts itself, or is not of the kind that is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A dataset.

    Attributes:
        path: names of the groups around it, then its own.
        dtype: empty if its elements are not known, or do not lie in one piece.
        offset: of its elements, in the outer file.
    """

    path: tuple[str, ...]
    dtype: str = ""
    shape: Shape = ()
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Datasets in the order of their names, and the attribute `name` of groups that have it."""

    datasets: tuple[Dataset, ...]
    names: dict[tuple[str, ...], str]


def contents(file: BinaryIO, *, offset: int, size: int) -> Contents:
    """What an HDF5 file holds that is a part of another file.

    Cost: O(objects); no more than `MAX_OBJECTS` are looked at, and only headers are read.

    Raises:
        Hdf5Error: it is damaged, or of a version that is not read.
    """
    reader = _Reader(file, offset, size)
    return reader.contents()


class _Reader:
    """Reads headers; each address is inside the file, and each object is seen once."""

    def __init__(self, file: BinaryIO, offset: int, size: int) -> None:
        self._file, self._begin, self._size = file, offset, size
        self._seen: set[int] = set()
        self._count = 0
        self._datasets: list[Dataset] = []
        self._names: dict[tuple[str, ...], str] = {}

    def contents(self) -> Contents:
        head = self._at(0, 96)
        if not head.startswith(MAGIC) or head[8] > 1 or head[13:15] != b"\x08\x08":
            raise Hdf5Error("it is of a version of HDF5 that is not read")
        begin = 24 + 4 * head[8]
        if struct.unpack_from("<Q", head, begin)[0] != 0:
            raise Hdf5Error("it does not begin where it says")
        (root,) = struct.unpack_from("<Q", head, begin + 40)
        self._object(root, ())
        return Contents(datasets=tuple(self._datasets), names=self._names)

    def _at(self, offset: int, size: int) -> bytes:
        """Bytes of the file, all of them."""
        if not 0 <= offset <= self._size - size:
            raise Hdf5Error("it points outside itself")
        self._file.seek(self._begin + offset)
        found = self._file.read(size)
        if len(found) < size:
            raise Hdf5Error("it is cut off")
        return found

    def _visit(self, address: int) -> None:
        self._count += 1
        if address in self._seen or self._count > MAX_OBJECTS:
            raise Hdf5Error("it refers to itself, or holds too many objects")
        self._seen.add(address)

    def _object(self, address: int, path: tuple[str, ...]) -> None:
        self._visit(address)
        if len(path) > MAX_DEPTH:
            raise Hdf5Error("its groups are nested too deeply")
        found: dict[int, bytes] = {}
        texts: dict[bytes, str] = {}
        for kind, data in self._messages(address):
            found.setdefault(kind, data)
            if kind == _ATTRIBUTE:
                texts |= self._attribute(data)
        if path and b"name" in texts:
            self._names[path] = texts[b"name"]
        if _SYMBOLS in found:
            tree, heap = _unpacked("<QQ", found[_SYMBOLS], 0)
            self._group(tree, heap, path)
        elif _LAYOUT in found:
            self._datasets.append(self._dataset(found, path, texts.get(b"dtype", "")))

    def _messages(self, address: int) -> Iterator[tuple[int, bytes]]:
        version, count, _, size = _unpacked("<BxHII", self._at(address, 16), 0)
        if version != 1:
            raise Hdf5Error("it has headers of a version that is not read")
        blocks, seen = [(address + 16, size)], 0
        while blocks:
            where, size = blocks.pop(0)
            if size > MAX_HEADER:
                raise Hdf5Error("a header of it is too long")
            block, at = self._at(where, size), 0
            while at + 8 <= size and seen < min(count, MAX_MESSAGES):
                kind, length = _unpacked("<HH", block, at)
                data = block[at + 8 : at + 8 + length]
                if len(data) < length:
                    raise Hdf5Error("a message of it is cut off")
                if kind == _CONTINUED:
                    more, length_of_more = _unpacked("<QQ", data, 0)
                    blocks.append((more, length_of_more))
                else:
                    yield kind, data
                at, seen = at + 8 + length, seen + 1

    def _group(self, tree: int, heap: int, path: tuple[str, ...]) -> None:
        magic, size, address = struct.unpack("<4s4xQ8xQ", self._at(heap, 32))
        if magic != b"HEAP" or size > self._size:
            raise Hdf5Error("a group of it has no names")
        names = _Names(self._at(address, size))
        for entry in self._entries(tree, 0):
            at, header, cache = _unpacked("<QQI", entry, 0)
            if cache != 2:  # noqa: PLR2004 - a symbolic link
                self._object(header, (*path, names.at(at)))

    def _entries(self, node: int, depth: int) -> Iterator[bytes]:
        """The symbol table entries below a node of the tree of a group."""
        self._visit(node)
        head = self._at(node, 8)
        if head[:4] == b"SNOD":
            (count,) = _unpacked("<H", head, 6)
            block = self._at(node + 8, 40 * count)
            yield from (block[at : at + 40] for at in range(0, len(block), 40))
            return
        if head[:5] != b"TREE\0" or depth > MAX_DEPTH:
            raise Hdf5Error("a group of it has no members")
        (count,) = _unpacked("<H", head, 6)
        block = self._at(node + 24, 16 * count + 8)
        for at in range(count):
            yield from self._entries(_unpacked("<Q", block, 16 * at + 8)[0], depth + 1)

    def _dataset(self, found: dict[int, bytes], path: tuple[str, ...], said: str) -> Dataset:
        shape = _shape(found.get(_DATASPACE, b""))
        dtype = _dtype(found.get(_DATATYPE, b""), said)
        layout = found[_LAYOUT]
        if layout[:2] != b"\x03\x01" or _FILTERS in found or shape is None or not dtype[0]:
            return Dataset(path=path)
        address, size = _unpacked("<QQ", layout, 2)
        count = dtype[1]
        for extent in shape:
            count *= extent
        if count == 0:
            return Dataset(path=path, dtype=dtype[0], shape=shape)
        if address == (1 << 64) - 1:  # nothing was written into it
            return Dataset(path=path)
        if size != count or address + size > self._size:
            raise Hdf5Error("a dataset of it does not fit its shape, or lies outside the file")
        return Dataset(path=path, dtype=dtype[0], shape=shape, offset=self._begin + address)

    def _attribute(self, data: bytes) -> dict[bytes, str]:
        """The attributes `name` and `dtype`, where they are texts."""
        version, _, name, kind, space = _unpacked("<BBHHH", data, 0)
        sizes = [-(-each // 8) * 8 if version == 1 else each for each in (name, kind, space)]
        begin = 9 if version == 3 else 8  # noqa: PLR2004 - with a character set
        key = data[begin : begin + name].rstrip(b"\0")
        if key not in {b"name", b"dtype"}:
            return {}
        word = data[begin + sizes[0] :][:kind]
        value = data[begin + sum(sizes) :]
        if word[:1] == b"\x13":
            raw = value
        elif word[:1] == b"\x19" and word[1:2] == b"\x01":
            length, address, index = _unpacked("<IQI", value, 0)
            raw = self._heap_object(address, index)[:length]
        else:
            return {}
        return {key: raw[:_MAX_TEXT].split(b"\0")[0].decode("utf-8", "replace")}

    def _heap_object(self, address: int, index: int) -> bytes:
        magic, size = struct.unpack("<4s4xQ", self._at(address, 16))
        if magic != b"GCOL" or size > MAX_HEADER:
            raise Hdf5Error("a text of it is nowhere")
        heap, at = self._at(address, size), 16
        while at + 16 <= size:
            number, length = _unpacked("<H6xQ", heap, at)
            if number == 0:
                break
            if number == index:
                return heap[at + 16 : at + 16 + length]
            at += 16 + -(-length // 8) * 8
        raise Hdf5Error("a text of it is nowhere")


class _Names:
    """The heap of names of a group."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def at(self, offset: int) -> str:
        end = self._raw.find(b"\0", offset)
        if end < offset or end - offset > _MAX_TEXT:
            raise Hdf5Error("a name of it has no end")
        return self._raw[offset:end].decode("utf-8", "replace")


def _unpacked(form: str, raw: bytes, at: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(form, raw, at)
    except struct.error:
        raise Hdf5Error("a message of it is cut off") from None


def _shape(raw: bytes) -> Shape | None:
    version, rank, _ = _unpacked("<BBB", raw, 0)
    begin = {1: 8, 2: 4}.get(version)
    if begin is None or (version == 2 and raw[3:4] == b"\x02"):  # noqa: PLR2004 - null
        return None
    shape = _unpacked(f"<{rank}Q", raw, begin)
    if not is_possible(shape):
        raise Hdf5Error("a dataset of it has an impossible shape")
    return shape


def _dtype(raw: bytes, said: str) -> tuple[str, int]:
    """The name of a dtype and its size; an empty name if it is none of those that are known.

    Keras writes bfloat16 as two opaque bytes, and says so in an attribute.
    """
    word, bits, _, _, size = _unpacked("<BBBBI", raw, 0)
    kind = word & 15
    if kind == _OPAQUE:
        return ("bfloat16", size) if (size, said) == (2, "bfloat16") else ("", size)
    if kind == 0 and bits & 1 == 0 and size in _INTEGERS:
        offset, precision = _unpacked("<HH", raw, 8)
        name = _INTEGERS[size] if bits & 8 else f"u{_INTEGERS[size]}"
        return (name, size) if (offset, precision) == (0, 8 * size) else ("", size)
    if kind == 1 and bits & 0x41 == 0 and size in _FLOATS:
        name = _FLOATS[size]
        offset, precision, *parts = _unpacked("<HHBBBB", raw, 8)
        is_usual = (offset, precision) == (0, 8 * size) and tuple(parts) == _BITS[name]
        return (name, size) if is_usual else ("", size)
    return "", size
