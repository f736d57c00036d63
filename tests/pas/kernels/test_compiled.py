"""Tests of `modelhub.pas.kernels.compiled`: every kernel equals the reference."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.pas.kernels.choosing import kernels
from modelhub.pas.kernels.reference import reference
from modelhub.pas.kernels.schemes import Delta, Scheme

WIDTHS = {
    Scheme.FLOAT32: 4,
    Scheme.BFLOAT16: 2,
    Scheme.FLOAT16: 2,
    Scheme.FLOAT64: 8,
    Scheme.BYTES: 1,
    Scheme.PLANES: 3,
}
COMPILED = [each for each in kernels().values() if each is not reference]
COUNTS = (1, 2, 31, 32, 33, 64, 65, 100, 1000, 65_536, 65_600)

pytestmark = pytest.mark.skipif(not COMPILED, reason="there is no compiled kernel")


def group(kind, size, seed):
    rng = np.random.default_rng(seed)
    if kind == "noise":
        return rng.bytes(size)
    if kind == "sparse":
        return (rng.random(size) < 0.003).astype(np.uint8).tobytes()
    if kind == "few":
        return rng.integers(60, 63, size, np.uint8).tobytes()
    if kind == "equal":
        return b"\x3f" * size
    return rng.standard_normal(size // 4 + 1).astype(np.float32).tobytes()[:size]


def outcome(kernel, streams, size, scheme, base=None, delta=Delta.NONE):
    out = memoryview(bytearray(size))
    try:
        kernel.decode(streams, out, scheme=scheme, width=WIDTHS[scheme], base=base, delta=delta)
    except ValueError as error:
        return type(error)
    return bytes(out)


@pytest.mark.parametrize("scheme", WIDTHS)
@pytest.mark.parametrize("count", COUNTS)
def test_all_kernels_make_and_read_the_same_bytes(scheme, count):
    """Streams are equal, byte for byte, and everybody reads them."""
    width = WIDTHS[scheme]
    for kind in ("noise", "sparse", "few", "equal", "normal"):
        raw = group(kind, count * width, count)
        expected = reference.encode(raw, scheme=scheme, width=width)
        for kernel in COMPILED:
            assert kernel.encode(raw, scheme=scheme, width=width) == expected, kernel.name
            assert outcome(kernel, expected, len(raw), scheme) == raw, kernel.name
        assert outcome(reference, expected, len(raw), scheme) == raw


def near(raw, seed):
    """Other elements, of which most are equal."""
    octets = np.frombuffer(raw, np.uint8)
    moved = np.random.default_rng(seed).random(octets.size) < 0.02
    return (octets + moved.astype(np.uint8)).tobytes()


@pytest.mark.parametrize("delta", [Delta.HIER_SUB, Delta.XOR, Delta.SUB])
@pytest.mark.parametrize("scheme", [Scheme.FLOAT32, Scheme.BFLOAT16, Scheme.FLOAT16, 4])
def test_all_kernels_make_and_read_the_same_differences(scheme, delta):
    """Streams by context are equal, too, whether much or little differs."""
    scheme = Scheme(scheme)
    for kind in ("noise", "sparse", "equal", "normal"):
        raw = group(kind, 20_001 * WIDTHS[scheme], 1)
        for base in (near(raw, 2), raw, group("normal", len(raw), 3)):
            facts = {"scheme": scheme, "width": WIDTHS[scheme], "base": base, "delta": delta}
            expected = reference.encode(raw, **facts)
            for kernel in kernels().values():
                assert kernel.encode(raw, **facts) == expected, kernel.name
                assert outcome(kernel, expected, len(raw), scheme, base, delta) == raw


@given(
    st.sampled_from([(scheme, delta) for scheme in WIDTHS for delta in Delta]),
    st.integers(1, 300),
    st.sampled_from(["noise", "sparse", "few", "equal", "normal"]),
    st.integers(0, 2**32),
)
def test_damage_is_met_by_all_alike(how, count, kind, seed):
    """A damaged stream is refused by all kernels, or all read the same from it."""
    scheme, delta = how
    if delta is Delta.SUB and scheme in (Scheme.BYTES, Scheme.PLANES):
        delta = Delta.HIER_SUB
    random = Random(seed)
    raw = group(kind, count * WIDTHS[scheme], seed)
    base = near(raw, seed) if delta else None
    streams = reference.encode(raw, scheme=scheme, width=WIDTHS[scheme], base=base, delta=delta)
    at = random.randrange(len(streams))
    data = bytearray(streams[at][1])
    if random.random() < 0.7:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    else:
        del data[random.randrange(len(data)) :]
    mode = random.choice([streams[at][0]] * 5 + [random.randrange(10)])
    streams[at] = (mode, bytes(data))
    expected = outcome(reference, streams, len(raw), scheme, base, delta)

    for kernel in COMPILED:
        assert outcome(kernel, streams, len(raw), scheme, base, delta) == expected, kernel.name


@pytest.mark.parametrize("kernel", COMPILED, ids=lambda kernel: kernel.name)
def test_a_large_group_comes_back(kernel):
    """2^20 elements of real-looking numbers, on four threads at once."""
    raw = np.random.default_rng(0).standard_normal(1 << 20).astype(np.float32).tobytes()
    expected = kernel.encode(raw, scheme=Scheme.FLOAT32, width=4)

    def round_trip(_):
        streams = kernel.encode(raw, scheme=Scheme.FLOAT32, width=4)
        return streams == expected and outcome(kernel, streams, len(raw), Scheme.FLOAT32) == raw

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(round_trip, range(8)))


@pytest.mark.parametrize("kernel", COMPILED, ids=lambda kernel: kernel.name)
def test_every_frequency_divides_exactly(kernel):
    """Streams of two symbols in every proportion are those of the reference."""
    for frequency in (*range(1, 70), 127, 128, 129, 1023, 1024, 1025, 2047, 2048):
        symbols = np.zeros(4096, np.uint8)
        symbols[:: max(1, 4096 // frequency)] = 1
        raw = symbols.tobytes()
        expected = reference.encode(raw, scheme=Scheme.BYTES, width=1)

        assert kernel.encode(raw, scheme=Scheme.BYTES, width=1) == expected, frequency


@pytest.mark.parametrize("kernel", COMPILED, ids=lambda kernel: kernel.name)
def test_wrong_calls_are_refused(kernel):
    """Other streams, empty groups, halves of elements, schemes and widths that are none."""
    with pytest.raises(ValueError, match="other streams"):
        kernel.decode([], memoryview(bytearray(4)), scheme=Scheme.FLOAT32, width=4)
    with pytest.raises(ValueError, match="other streams"):
        kernel.decode([(0, b"\0")] * 6, memoryview(bytearray(4)), scheme=Scheme.FLOAT32, width=4)
    for raw in (b"", b"12345"):
        with pytest.raises(ValueError, match="empty, or ends within"):
            kernel.encode(raw, scheme=Scheme.FLOAT32, width=4)
    for scheme, width in ((7, 1), (0, 1), (6, 0), (6, 17), (6, -1)):
        with pytest.raises(ValueError, match="no such scheme"):
            kernel.encode(b"1234", scheme=scheme, width=width)


@pytest.mark.parametrize(
    "stream",
    [
        (2, b"\0\1\x88\0\x88\0" + b"\xff\xff\xff\xff" + bytes(128)),  # a run of 4 GB
        (5, b"\0\0\xff\xff\xff\xff" + bytes(100)),  # 2^32 exceptions
        (5, b"\0\xff\x64\0\0\0" + bytes(100)),  # of 255 low bits each
        (4, b"\xff\xff\xff" + bytes(100)),  # 255 tables
        (6, b"\xff" + bytes(100)),
    ],
)
@pytest.mark.parametrize("name", kernels())
def test_numbers_in_a_stream_allocate_nothing(name, stream):
    """Whatever a stream declares is refused, and Python allocates next to nothing."""
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"ends before|impossible|no such mode"):
        kernels()[name].decode([stream], memoryview(bytearray(100)), scheme=Scheme.BYTES, width=1)

    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()
