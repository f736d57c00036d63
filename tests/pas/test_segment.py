"""Tests of `modelhub.pas.segment`: the bytes of pack.md §5."""

import struct

import pytest
import xxhash

from modelhub.errors import IntegrityError
from modelhub.pas import Chunk
from modelhub.pas.segment import check_chunk, head_size, parse_head, segment_parts

PACK = "c" * 64
CHUNKS = [Chunk(0, b"abc"), Chunk(2, b"x"), Chunk(1, b"")]
SEGMENT = b"".join(segment_parts(CHUNKS))


SIZE = len(SEGMENT)


def parse(segment, groups=3, size=SIZE):
    return parse_head(segment[: head_size(groups)], groups=groups, size=size, pack=PACK)


def test_a_segment_has_the_bytes_of_the_specification():
    """Number of groups, XXH3-64 of the entries, entries of 13 bytes, chunks."""
    entries = b"".join(
        struct.pack("<BIQ", mode, len(data), xxhash.xxh3_64_intdigest(data))
        for mode, data in CHUNKS
    )

    assert (struct.pack("<IQ", 3, xxhash.xxh3_64_intdigest(entries)) + entries + b"abcx") == SEGMENT


def test_the_head_finds_the_chunks():
    """Each entry has mode, offset and size of its chunk."""
    entries = parse(SEGMENT)

    assert [(each.mode, SEGMENT[each.offset :][: each.size]) for each in entries] == CHUNKS
    for chunk, entry in zip(CHUNKS, entries, strict=True):
        check_chunk(chunk, entry, PACK)


def test_every_flipped_bit_of_the_head_is_found():
    """The head has a checksum of its own."""
    for bit in range(8 * head_size(3)):
        damaged = bytearray(SEGMENT)
        damaged[bit // 8] ^= 1 << bit % 8

        with pytest.raises(IntegrityError, match=PACK):
            parse(bytes(damaged))


def test_a_head_that_does_not_fit_the_index_is_refused():
    """As many groups, and as many bytes, as the index says."""
    with pytest.raises(IntegrityError, match="damaged"):
        parse(SEGMENT, groups=2)
    with pytest.raises(IntegrityError, match="does not add up"):
        parse(SEGMENT, size=len(SEGMENT) + 1)


def test_a_changed_chunk_is_found():
    """Stored bytes have a checksum each."""
    with pytest.raises(IntegrityError, match=f"pack {PACK} do not match"):
        check_chunk(Chunk(0, b"abd"), parse(SEGMENT)[0], PACK)
