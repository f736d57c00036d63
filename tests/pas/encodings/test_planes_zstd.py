"""Tests of `modelhub.pas.encodings.planes_zstd`."""

import numpy as np
import pytest
import zstandard

from modelhub.errors import IntegrityError
from modelhub.pas import ENCODINGS, Chunk
from modelhub.testing import EncodingContract

RAW, ZSTD, CONSTANT = range(3)


@pytest.fixture
def encoding():
    return ENCODINGS.get("planes-zstd")


class TestPlanesZstd(EncodingContract):
    """`planes-zstd` keeps the promises of an encoding."""

    @pytest.fixture
    def encoding(self):
        return ENCODINGS.get("planes-zstd")


def normal(count):
    return np.random.default_rng(0).standard_normal(count).astype(np.float32)


def test_float32_has_four_levels_high_order_first(encoding):
    """The levels of 1.0 are its exponent 127 and a mantissa of zeros."""
    chunks = encoding.encode(np.array([1.0, 1.0], np.float32).tobytes(), dtype="float32")

    assert chunks == [Chunk(CONSTANT, bytes([value])) for value in (127, 0, 0, 0)]


def test_the_sign_stands_in_the_second_level(encoding):
    """A negative number sets the highest bit of level 1, of float32 and bfloat16 alike."""
    minus_two = np.array([-2.0], np.float32).tobytes()

    assert encoding.encode(minus_two, dtype="float32")[1].data == b"\x80"
    assert encoding.encode(minus_two[2:], dtype="bfloat16")[1].data == b"\x80"


def test_exponents_are_compressed_and_noise_is_not(encoding):
    """Of normal numbers the exponents get smaller and the mantissas are stored as they are."""
    chunks = encoding.encode(normal(100_000).tobytes(), dtype="float32")

    assert [chunk.mode for chunk in chunks] == [ZSTD, RAW, RAW, RAW]
    assert len(chunks[0].data) < 0.4 * 100_000


def test_long_repetitions_are_found(encoding):
    """A table that repeats is stored in little more than one period."""
    raw = np.tile(normal(500), 400).tobytes()

    assert sum(len(chunk.data) for chunk in encoding.encode(raw, dtype="float32")) < len(raw) / 50


def test_a_level_of_several_bytes_is_never_constant(encoding):
    """`constant` repeats one byte, so wide integers do not use it."""
    [chunk] = encoding.encode(bytes(800), dtype="int64")

    assert chunk.mode == ZSTD


def test_a_frame_that_declares_much_is_refused(encoding):
    """A frame that says it holds a gigabyte is refused by its header, before it is decoded."""
    bomb = zstandard.ZstdCompressor().compress(bytes(1 << 24))

    with pytest.raises(IntegrityError, match="declares 16777216 bytes instead of 100"):
        encoding.decode([Chunk(ZSTD, bomb)], memoryview(bytearray(100)), dtype="uint8")


def test_a_frame_without_a_size_is_refused(encoding):
    """A frame must say its size, and say the right one."""
    frame = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(100))

    with pytest.raises(IntegrityError):
        encoding.decode([Chunk(ZSTD, frame)], memoryview(bytearray(100)), dtype="uint8")


@pytest.mark.parametrize(
    "chunk", [Chunk(RAW, bytes(99)), Chunk(CONSTANT, b"ab"), Chunk(CONSTANT, b""), Chunk(3, b"")]
)
def test_sizes_and_modes_that_cannot_be_are_refused(encoding, chunk):
    """Stored bytes of the wrong number, and unknown modes, are damage."""
    with pytest.raises(IntegrityError):
        encoding.decode([chunk], memoryview(bytearray(100)), dtype="uint8")


def test_another_number_of_levels_is_refused(encoding):
    """None is no prefix of the levels, and more than all are too many."""
    for count in (0, 5):
        with pytest.raises(IntegrityError, match=f"{count} levels where float32 has 4"):
            encoding.decode(
                [Chunk(CONSTANT, b"a")] * count, memoryview(bytearray(4)), dtype="float32"
            )
