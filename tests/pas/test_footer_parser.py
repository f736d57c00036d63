"""Tests of `modelhub.pas.footer_parser`: hostile footers."""

import json
from contextlib import suppress

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from modelhub.errors import IntegrityError, NewerFormatError
from modelhub.pas import BlobMember, CopyEntry, PackFooter, SegmentMember, TensorEntry
from modelhub.pas.footer_parser import parse_footer
from modelhub.values import Statistics, TensorInfo

PACK = "c" * 64
END = 10_000
NUMBERS = Statistics(min=-1.5, max=2.0, mean=0.1, std=None, zeros=3, nans=1, infinities=0)
FOOTER = PackFooter(
    tensors=(
        TensorEntry(
            info=TensorInfo(id="a" * 64, dtype="float32", shape=(1000, 300)), statistics=NUMBERS
        ),
        TensorEntry(info=TensorInfo(id="b" * 64, dtype="opaque:x", shape=(7,)), statistics=None),
    ),
    copies=(
        CopyEntry(
            tensor=0,
            copy=0,
            encoding="planes-zstd",
            base=None,
            levels=4,
            groups=2,
            group_size=262_144,
        ),
    ),
    members=(
        SegmentMember(copy=0, level=3, group=1, groups=1, offset=8, size=100, checksum="0" * 16),
        BlobMember(
            id="d" * 64,
            role="block",
            raw_size=10,
            offset=108,
            size=50,
            checksum="1" * 16,
            tensors=((1, 3),),
        ),
        BlobMember(
            id="e" * 64,
            role="recipe",
            raw_size=10,
            base="d" * 64,
            offset=158,
            size=50,
            checksum="1" * 16,
            file="f" * 64,
        ),
    ),
)


def plain(footer=FOOTER):
    return json.loads(zstandard.decompress(footer.to_bytes()))


def parse(value, end=END):
    text = value if isinstance(value, str) else json.dumps(value)
    return parse_footer(zstandard.compress(text.encode()), pack=PACK, end=end)


def test_a_footer_comes_back():
    """Parsing undoes writing."""
    assert parse_footer(FOOTER.to_bytes(), pack=PACK, end=END) == FOOTER


def test_unknown_keys_are_ignored_and_unknown_kinds_counted():
    """pack.md §2: an unknown key is ignored, an unknown kind makes a member unreadable."""
    value = plain() | {"colour": "red"}
    value["members"][0] |= {"kind": "hologram"}
    found = parse(value)

    assert len(found.members) == 2
    assert found.unknown == 1


def test_a_later_format_is_refused_by_name():
    """A footer of a later format says which software is missing."""
    with pytest.raises(NewerFormatError, match="install a later version"):
        parse(plain() | {"format": 2})


BAD = [
    ("format", 0),
    ("format", "1"),
    ("tensors", None),
    ("tensors.0", 7),
    ("tensors.0.id", "A" * 64),
    ("tensors.0.id", "a" * 63),
    ("tensors.0.dtype", "float33"),
    ("tensors.0.dtype", 5),
    ("tensors.0.shape", [-1]),
    ("tensors.0.shape", [True]),
    ("tensors.0.shape", [1.0]),
    ("tensors.0.shape", [1] * 65),
    ("tensors.0.shape", [1 << 62, 1 << 62]),
    ("tensors.0.statistics.min", "0"),
    ("tensors.0.statistics.min", 10**400),
    ("tensors.0.statistics.zeros", -1),
    ("copies.0.tensor", 2),
    ("copies.0.tensor", -1),
    ("copies.0.tensor", True),
    ("copies.0.copy", 1 << 31),
    ("copies.0.encoding", ""),
    ("copies.0.encoding", "line\nbreak"),
    ("copies.0.base", "x"),
    ("copies.0.levels", 0),
    ("copies.0.levels", 17),
    ("copies.0.groups", 1),
    ("copies.0.groups", 1 << 60),
    ("copies.0.group_size", 0),
    ("copies.0.group_size", 1 << 21),
    ("members.0.kind", 4),
    ("members.0.copy", 1),
    ("members.0.level", 4),
    ("members.0.group", 2),
    ("members.0.groups", 2),
    ("members.0.groups", 0),
    ("members.0.offset", 7),
    ("members.0.offset", -8),
    ("members.0.offset", 1 << 70),
    ("members.0.size", 101),
    ("members.0.size", 0),
    ("members.0.size", END),
    ("members.0.checksum", "0" * 15),
    ("members.1.raw_size", (16 << 20) + 1),
    ("members.1.role", None),
    ("members.1.tensors", [[2, 0]]),
    ("members.1.tensors", [[1, 4]]),
    ("members.1.tensors", [[1]]),
    ("members.1.tensors", [[1, -1]]),
    ("members.1.tensors", {}),
    ("members.2.base", 0),
    ("members.2.file", "f"),
    ("members.2.offset", 157),
]


@pytest.mark.parametrize(("path", "value"), BAD)
def test_each_broken_rule_is_refused(path, value):
    """A footer with one wrong value is refused, and the error names the pack."""
    found = plain()
    place = found
    *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
    for step in way:
        place = place[step]
    place[last] = value

    with pytest.raises(IntegrityError, match=f"pack {PACK}: bad footer"):
        parse(found)


@pytest.mark.parametrize(
    "text",
    [
        *("", "[", "[]", "1", "[" * 100_000),
        *('{"format": 1, "format": 1}', '{"format": NaN}', '{"format": ' + "1" * 5000 + "}"),
    ],
)
def test_what_is_no_footer_is_refused(text):
    """Text that is not an object, deep nesting, duplicate keys and endless numbers."""
    with pytest.raises(IntegrityError, match="bad footer"):
        parse(text)


def test_a_frame_that_declares_too_much_is_refused():
    """A footer of more than 64 MiB is refused before it is decoded."""
    bomb = zstandard.compress(bytes((64 << 20) + 1))

    with pytest.raises(IntegrityError, match="at most 67108864 are allowed"):
        parse_footer(bomb, pack=PACK, end=END)


@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_any_bytes_are_refused_with_an_integrity_error(data):
    """Nothing but IntegrityError leaves the parser."""
    with pytest.raises(IntegrityError):
        parse_footer(data, pack=PACK, end=END)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(st.sampled_from(["tensors", "copies", "members"]), st.integers(0, 2), st.data())
@settings(max_examples=200)
def test_any_value_in_any_place_is_read_or_refused(table, row, data):
    """Whatever stands in a field, the parser returns a footer or raises IntegrityError."""
    found = plain()
    entry = found[table][row % len(found[table])]
    entry[data.draw(st.sampled_from(sorted(entry)))] = data.draw(JUNK)

    with suppress(IntegrityError):
        assert isinstance(parse(found), PackFooter)
