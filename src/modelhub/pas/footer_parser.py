"""A footer's bytes to values: whatever breaks a rule of pack.md §2 is refused."""

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from modelhub.dtypes import numpy_dtype, size_bytes
from modelhub.errors import InputError, IntegrityError, NewerFormatError
from modelhub.pas import format as pack_format
from modelhub.pas import frames
from modelhub.pas.footer import (
    BlobMember,
    CopyEntry,
    Member,
    PackFooter,
    SegmentMember,
    TensorEntry,
)
from modelhub.values import BlobId, FileId, PackId, Statistics, TensorId, TensorInfo

T = TypeVar("T")
_ID = re.compile(rf"[0-9a-f]{{{pack_format.ID_DIGITS}}}")
_CHECKSUM = re.compile(rf"[0-9a-f]{{{pack_format.CHECKSUM_DIGITS}}}")
_NAME = re.compile(r"[ -~]{1,255}")


class _MalformedError(ValueError):
    """A rule is broken; the message says which, not where."""


def parse_footer(frame: bytes, *, pack: PackId, end: int) -> PackFooter:
    """Read a footer.

    Args:
        frame: its bytes, without the trailer.
        pack: named in errors.
        end: the offset in the pack at which the footer begins, and no member reaches beyond.

    Raises:
        IntegrityError: it breaks a rule.
        NewerFormatError: it is of a later format.
    """
    try:
        return _footer(_Fields(_json(frame), "footer"), end)
    except (_MalformedError, IntegrityError) as error:
        if isinstance(error, NewerFormatError):
            raise
        raise IntegrityError(f"pack {pack}: bad footer: {error}; run dlv fsck") from error


def _json(frame: bytes) -> Any:
    size = frames.content_size(frame, most=pack_format.MAX_FOOTER_RAW)
    try:
        return json.loads(
            frames.decompress(frame, size),
            parse_constant=_refuse_constant,
            object_pairs_hook=_without_duplicates,
        )
    except (RecursionError, ValueError) as error:
        raise _MalformedError(f"no JSON ({error})") from error


def _refuse_constant(name: str) -> NoReturn:
    raise _MalformedError(f"{name} is no JSON number")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _MalformedError("a key stands twice in one object")
    return found


class _Fields:
    """An object of the footer, whose fields are asked for by name, type and range."""

    def __init__(self, value: Any, what: str) -> None:
        if not isinstance(value, dict):
            raise _MalformedError(f"{what} is no object")
        self.value: dict[str, Any] = value
        self.what = what

    def fail(self, name: str) -> NoReturn:
        shown = repr(self.value.get(name))[:80]
        raise _MalformedError(f"{self.what} has {name} {shown}")

    def integer(self, name: str, *, least: int = 0, most: int = pack_format.MAX_COUNT) -> int:
        value = self.value.get(name)
        if type(value) is not int or not least <= value <= most:
            self.fail(name)
        return value

    def text(self, name: str, pattern: re.Pattern[str]) -> str:
        value = self.value.get(name)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            self.fail(name)
        return value

    def optional_id(self, name: str) -> str | None:
        return None if self.value.get(name) is None else self.text(name, _ID)

    def optional_number(self, name: str) -> float | None:
        value = self.value.get(name)
        if value is None:
            return None
        if type(value) not in (int, float):
            self.fail(name)
        try:
            return float(value)
        except OverflowError:
            self.fail(name)

    def items(self, name: str) -> list[Any]:
        value = self.value.get(name)
        if not isinstance(value, list):
            self.fail(name)
        return value

    def objects(self, name: str, what: str) -> "list[_Fields]":
        return [_Fields(each, what) for each in self.items(name)]


def _footer(fields: _Fields, end: int) -> PackFooter:
    found = fields.integer("format", least=pack_format.FORMAT)
    if found != pack_format.FORMAT:
        raise NewerFormatError(
            f"a pack has format {found}, and this version reads {pack_format.FORMAT}; "
            f"install a later version of modelhub-dlv"
        )
    tensors = tuple(_tensor(each) for each in fields.objects("tensors", "a tensor"))
    copies = tuple(_copy(each, tensors) for each in fields.objects("copies", "a copy"))
    everything = [_member(each, tensors, copies) for each in fields.objects("members", "a member")]
    members = sorted((each for each in everything if each), key=_offset)
    _check_places(members, end)
    return PackFooter(
        tensors=tensors,
        copies=copies,
        members=tuple(members),
        unknown=len(everything) - len(members),
    )


def _tensor(fields: _Fields) -> TensorEntry:
    shape = tuple(fields.items("shape"))
    if len(shape) > pack_format.MAX_EXTENTS or not all(_is_count(each) for each in shape):
        fields.fail("shape")
    dtype = fields.text("dtype", _NAME)
    try:
        numpy_dtype(dtype)
    except InputError:
        fields.fail("dtype")
    if size_bytes(dtype, shape) > pack_format.MAX_COUNT:
        fields.fail("shape")
    info = TensorInfo(id=TensorId(fields.text("id", _ID)), dtype=dtype, shape=shape)
    numbers = fields.value.get("statistics")
    return TensorEntry(
        info=info,
        statistics=None if numbers is None else _statistics(_Fields(numbers, "statistics")),
    )


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= pack_format.MAX_COUNT


def _statistics(fields: _Fields) -> Statistics:
    return Statistics(
        min=fields.optional_number("min"),
        max=fields.optional_number("max"),
        mean=fields.optional_number("mean"),
        std=fields.optional_number("std"),
        zeros=fields.integer("zeros"),
        nans=fields.integer("nans"),
        infinities=fields.integer("infinities"),
    )


def _copy(fields: _Fields, tensors: tuple[TensorEntry, ...]) -> CopyEntry:
    index = fields.integer("tensor", most=len(tensors) - 1)
    info = tensors[index].info
    group_size = fields.integer("group_size", least=1, most=pack_format.MAX_GROUP)
    elements = size_bytes(info.dtype, info.shape) // numpy_dtype(info.dtype).itemsize
    groups = -(-elements // group_size)
    return CopyEntry(
        tensor=index,
        copy=fields.integer("copy", most=pack_format.MAX_COPIES - 1),
        encoding=fields.text("encoding", _NAME),
        base=_maybe(TensorId, fields.optional_id("base")),
        levels=fields.integer("levels", least=1, most=pack_format.MAX_LEVELS),
        groups=fields.integer("groups", least=groups, most=groups),
        group_size=group_size,
    )


def _maybe(make: Callable[[str], T], value: str | None) -> T | None:
    return None if value is None else make(value)


def _member(
    fields: _Fields, tensors: tuple[TensorEntry, ...], copies: tuple[CopyEntry, ...]
) -> Member | None:
    kind = fields.text("kind", _NAME)
    if kind == pack_format.SEGMENT:
        return _segment(fields, copies)
    if kind == pack_format.BLOB:
        return _blob(fields, tensors)
    return None


def _segment(fields: _Fields, copies: tuple[CopyEntry, ...]) -> SegmentMember:
    index = fields.integer("copy", most=len(copies) - 1)
    copy = copies[index]
    group = fields.integer("group", most=copy.groups - 1)
    return SegmentMember(
        copy=index,
        level=fields.integer("level", most=copy.levels - 1),
        group=group,
        groups=fields.integer("groups", least=1, most=copy.groups - group),
        offset=fields.integer("offset"),
        size=fields.integer("size", least=1),
        checksum=fields.text("checksum", _CHECKSUM),
    )


def _blob(fields: _Fields, tensors: tuple[TensorEntry, ...]) -> BlobMember:
    role = fields.text("role", _NAME)
    raw_size = fields.integer("raw_size", most=pack_format.MAX_BLOB_RAW)
    pairs = fields.items("tensors") if role == pack_format.BLOCK else []
    return BlobMember(
        id=BlobId(fields.text("id", _ID)),
        role=role,
        raw_size=raw_size,
        base=_maybe(BlobId, fields.optional_id("base")),
        offset=fields.integer("offset"),
        size=fields.integer("size", least=1),
        checksum=fields.text("checksum", _CHECKSUM),
        file=_maybe(FileId, fields.optional_id("file")),
        tensors=tuple(_place_in_block(pair, raw_size, tensors) for pair in pairs),
    )


def _place_in_block(pair: Any, raw_size: int, tensors: tuple[TensorEntry, ...]) -> tuple[int, int]:
    if not isinstance(pair, list) or len(pair) != len(("index", "offset")):
        raise _MalformedError(f"a block lists {pair!r:.80}")
    index, offset = pair
    if not _is_count(index) or not _is_count(offset) or index >= len(tensors):
        raise _MalformedError(f"a block lists {pair!r:.80}")
    info = tensors[index].info
    if offset + size_bytes(info.dtype, info.shape) > raw_size:
        raise _MalformedError(f"tensor {info.id} reaches beyond its block")
    return index, offset


def _offset(member: Member) -> int:
    return member.offset


def _check_places(members: list[Member], end: int) -> None:
    free = len(pack_format.HEAD_MAGIC)
    for member in members:
        if member.offset < free:
            raise _MalformedError(f"a member at offset {member.offset} overlaps what is before it")
        free = member.offset + member.size
    if free > end:
        raise _MalformedError(f"a member reaches to {free}, and the footer begins at {end}")
