"""The contract of encodings finds those that break it."""
# ruff: noqa: ARG002 - the signatures of the protocol

import pytest

from modelhub.errors import IntegrityError
from modelhub.pas import LITERAL, Chunk
from modelhub.testing import EncodingContract
from modelhub.testing.encodings import patterns


class Plain:
    """Stores a group as it is."""

    name = "plain"
    has_deltas = False

    def levels(self, dtype):
        return (self.width(dtype),)

    def width(self, dtype):
        from_name = {"bool": 1, "complex128": 16, "complex64": 8}
        digits = "".join(filter(str.isdigit, dtype.partition("_")[0])) or "8"
        return from_name.get(
            dtype, 1 if dtype.startswith(("float4", "opaque")) else int(digits) // 8
        )

    def encode(self, raw, *, dtype, base=None, delta="hier-sub"):
        return [Chunk(LITERAL, bytes(raw))]

    def decode(self, chunks, out, *, dtype, base=None):
        if len(chunks) != 1 or chunks[0].mode != LITERAL or len(chunks[0].data) != len(out):
            raise IntegrityError("the group is damaged")
        out[:] = chunks[0].data


class Lossy(Plain):
    def decode(self, chunks, out, *, dtype, base=None):
        super().decode(chunks, out, dtype=dtype)
        out[-1] = 0


class Split(Plain):
    def levels(self, dtype):
        return (1, *super().levels(dtype))


class Random(Plain):
    count = 0

    def encode(self, raw, *, dtype, base=None, delta="hier-sub"):
        self.count += 1
        return [Chunk(LITERAL, bytes(raw) + bytes(self.count))]


class Fragile(Plain):
    def decode(self, chunks, out, *, dtype, base=None):
        out[:] = chunks[0].data


class Forgetful(Plain):
    """Takes differences, and makes nothing of the base when it reads them."""

    def encode(self, raw, *, dtype, base=None, delta="hier-sub"):
        below = bytes(len(raw)) if base is None else base
        return [Chunk(LITERAL, bytes(a ^ b for a, b in zip(raw, below, strict=True)))]


class TestPlain(EncodingContract):
    """An encoding that keeps the contract passes."""

    @pytest.fixture
    def encoding(self):
        return Plain()


@pytest.mark.parametrize(
    ("test", "broken"),
    [
        ("test_groups_come_back", Lossy),
        ("test_groups_come_back_from_their_base", Forgetful),
        ("test_first_levels_need_the_base_s_first_levels_alone", Forgetful),
        ("test_levels_add_up_to_an_element", Split),
        ("test_the_same_bytes_give_the_same_chunks", Random),
        ("test_hostile_chunks_are_refused_or_harmless", Fragile),
    ],
)
def test_what_breaks_the_contract_fails(test, broken):
    """Each of its tests can fail."""
    more = {"count": 3} if test == "test_groups_come_back" else {}
    more = {"delta": "xor"} if "base" in test else more
    with pytest.raises((AssertionError, ValueError, IndexError)):
        getattr(TestPlain(), test)(broken(), dtype="float32", **more)


def test_patterns_are_of_one_size():
    """Six kinds of bytes, the same each time."""
    found = patterns(1001)
    assert {len(each) for each in found.values()} == {1001}
    assert found == patterns(1001)
    assert len(set(found.values())) == len(found)
