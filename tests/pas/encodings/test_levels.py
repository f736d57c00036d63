"""Tests of `modelhub.pas.encodings.levels`."""

import ml_dtypes
import numpy as np
import pytest

from modelhub.errors import IntegrityError
from modelhub.pas import ENCODINGS, Chunk
from modelhub.pas.encodings.levels import LevelsRans
from modelhub.pas.kernels.choosing import kernels
from modelhub.testing import EncodingContract

FLOATS = ("float32", "bfloat16", "float16", "float64", "complex64", "complex128")


@pytest.fixture
def encoding():
    return ENCODINGS.get("levels-rans")


class TestReference(EncodingContract):
    """`levels-rans` keeps the promises of an encoding, with the kernel that is its definition."""

    @pytest.fixture
    def encoding(self):
        return LevelsRans(kernels()["reference"])


@pytest.mark.parametrize("name", [name for name in kernels() if name != "reference"], scope="class")
class TestCompiled(EncodingContract):
    """And with every other."""

    @pytest.fixture
    def encoding(self, name):
        return LevelsRans(kernels()[name])


def decoded(encoding, chunks, size, dtype):
    out = memoryview(bytearray(size))
    encoding.decode(chunks, out, dtype=dtype)
    return bytes(out)


def test_the_example_of_the_specification(encoding):
    """1.0 and -2.0: exponents and signs, then zeros."""
    chunks = encoding.encode(np.array([1.0, -2.0], np.float32).tobytes(), dtype="float32")
    zeros = Chunk(1, bytes.fromhex("000100000000"))

    assert chunks[0] == Chunk(1, bytes.fromhex("01 02000000 01 01000000 7f80 02"))
    assert chunks[1:] == [zeros, zeros, zeros]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_level_0_bounds_every_value(encoding, dtype):
    """Exponent and sign, all that is below left zero, give the lower bound of each magnitude."""
    numpy_type = {"float32": np.dtype("f4"), "bfloat16": np.dtype(ml_dtypes.bfloat16)}[dtype]
    values = np.random.default_rng(0).standard_normal(5000).astype(numpy_type)
    chunks = encoding.encode(values.tobytes(), dtype=dtype)
    zero = Chunk(chunks[0].mode, b"\0\1\0\0\0\0")
    raw = decoded(encoding, [chunks[0], *[zero] * (len(chunks) - 1)], values.nbytes, dtype)
    low = np.frombuffer(raw, numpy_type).astype(float)
    exact = values.astype(float)

    assert (np.sign(low) == np.sign(exact)).all()
    assert (abs(low) <= abs(exact)).all()
    assert (abs(exact) < 2 * abs(low)).all()


@pytest.mark.parametrize("dtype", FLOATS)
def test_weights_get_smaller(encoding, dtype):
    """Normal numbers take less than they are, and no more than by zstd."""
    count = 1 << 16
    values = np.random.default_rng(0).standard_normal(count) * 0.02
    if dtype.startswith("complex"):
        values = values + 1j * values[::-1]
    numpy_type = ml_dtypes.bfloat16 if dtype == "bfloat16" else np.dtype(dtype)
    raw = values.astype(numpy_type).tobytes()
    other = ENCODINGS.get("planes-zstd").encode(raw, dtype=dtype)
    chunks = encoding.encode(raw, dtype=dtype)
    size = sum(len(chunk.data) for chunk in chunks)

    assert size < len(raw) * 0.95
    assert size < 1.001 * sum(len(chunk.data) for chunk in other)
    assert decoded(encoding, chunks, len(raw), dtype) == raw


def test_what_repeats_is_left_to_zstd(encoding):
    """A table of positions takes next to nothing, of any dtype."""
    for dtype in ("int64", "float32"):
        raw = np.tile(np.random.default_rng(0).standard_normal(1000), 30).astype(dtype).tobytes()
        raw = np.arange(30_000).astype(dtype).tobytes() if dtype == "int64" else raw
        chunks = encoding.encode(raw, dtype=dtype)

        assert sum(len(chunk.data) for chunk in chunks) < len(raw) / 5
        assert decoded(encoding, chunks, len(raw), dtype) == raw


@pytest.mark.parametrize("dtype", FLOATS)
def test_odd_numbers_are_kept_bit_for_bit(encoding, dtype):
    """NaNs with payloads, zeros with signs, infinities and the smallest numbers."""
    patterns = [0, 1, 0x7F800001, 0x80000000, 0xFF800000, 0x7FFFFFFF, 0x00800000, 0xFFFFFFFF]
    raw = np.array(patterns * 40, np.uint32).tobytes()

    assert decoded(encoding, encoding.encode(raw, dtype=dtype), len(raw), dtype) == raw


def chunks_of(*data, scheme=1):
    return [Chunk(scheme, bytes(each)) for each in data]


@pytest.mark.parametrize(
    ("chunks", "said"),
    [
        (chunks_of(b"", b"", b"", b""), "ends before its streams"),
        (chunks_of(b"\0\1\0\0\0\0", scheme=2), "have the schemes"),
        ([*chunks_of(b"1"), *chunks_of(b"1", scheme=2)], "have the schemes"),
        (chunks_of(*[b"\0\1\0\0\0\0"] * 5), "5 levels where float32 has 4"),
        (chunks_of(*[b"\0\1\0\0\0\0"] * 4, scheme=65), "needs a base"),
        ([], "have the schemes"),
        (chunks_of(b"\0\xff\xff\xff\xff\0\1\0\0\0\0\0", b"", b"", b""), "not add up"),
        (chunks_of(b"\3\1\0\0\0\0\1\0\0\0\0\0", *[b"\0\1\0\0\0\0"] * 3), "zstd frame"),
    ],
)
def test_impossible_levels_are_refused(encoding, chunks, said):
    """Each is refused in words of its own, before anything is allocated by it."""
    with pytest.raises(IntegrityError, match=said):
        encoding.decode(chunks, memoryview(bytearray(40)), dtype="float32")


def test_a_frame_of_another_size_is_refused(encoding):
    """A zstd stream that declares more than its symbols take is not decompressed."""
    raw = np.tile(np.arange(500, dtype=np.float32), 20).tobytes()
    chunks = encoding.encode(raw, dtype="float32")

    assert any(chunk.data[0] == 3 for chunk in chunks)
    with pytest.raises(IntegrityError):
        encoding.decode(chunks, memoryview(bytearray(len(raw) // 2)), dtype="float32")
