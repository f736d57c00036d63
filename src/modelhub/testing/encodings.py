"""What every `modelhub.pas.Encoding` does."""

from random import Random

import pytest

from modelhub.dtypes import NUMPY, PACKED_FLOAT4, size_bytes
from modelhub.errors import InputError, IntegrityError
from modelhub.pas import Chunk, Encoding

DTYPES = (*NUMPY, PACKED_FLOAT4, "opaque:q4_0")
COUNTS = (1, 2, 3, 1000, 20_000)  # elements of a group
ROUNDS = 200  # damaged groups a dtype


def patterns(size: int, seed: int = 0) -> dict[str, bytes]:
    """Bytes of many kinds: equal, random, sparse, repeating, and runs."""
    random = Random(seed)  # noqa: S311 - repeatable, not secret
    noise = random.randbytes(size)
    return {
        "zeros": bytes(size),
        "ones": b"\xff" * size,
        "noise": noise,
        "sparse": bytes(byte if random.random() < 0.05 else 0 for byte in noise),  # noqa: PLR2004 - a few
        "repeating": (noise[:24] * (size // 24 + 1))[:size],
        "near one": (b"\x00\x01\x80\x3f" * (size // 4 + 1))[:size],
    }


class EncodingContract:
    """Inherit, define `encoding`, and run it with pytest."""

    @pytest.fixture
    def encoding(self) -> Encoding:
        """The encoding under test."""
        raise NotImplementedError

    @pytest.mark.parametrize("dtype", DTYPES)
    @pytest.mark.parametrize("count", COUNTS)
    def test_groups_come_back(self, encoding: Encoding, dtype: str, count: int) -> None:
        """What was encoded is decoded to the very same bytes."""
        for name, raw in patterns(size_bytes(dtype, (count,))).items():
            out = memoryview(bytearray(len(raw)))
            encoding.decode(encoding.encode(raw, dtype=dtype), out, dtype=dtype)

            assert out == raw, name

    @pytest.mark.parametrize("delta", ["hier-sub", "xor", "sub"])
    @pytest.mark.parametrize("dtype", DTYPES)
    def test_groups_come_back_from_their_base(
        self, encoding: Encoding, dtype: str, delta: str
    ) -> None:
        """Whatever the base is, the very same bytes come back with its help."""
        kinds = patterns(size_bytes(dtype, (1000,)))
        for name, raw in kinds.items():
            for base in (*kinds.values(), _moved(raw)):
                out = memoryview(bytearray(len(raw)))
                chunks = encoding.encode(raw, dtype=dtype, base=base, delta=delta)
                encoding.decode(chunks, out, dtype=dtype, base=base)

                assert out == raw, name

    @pytest.mark.parametrize("delta", ["hier-sub", "xor"])
    @pytest.mark.parametrize("dtype", DTYPES)
    def test_first_levels_need_the_base_s_first_levels_alone(
        self, encoding: Encoding, dtype: str, delta: str
    ) -> None:
        """Levels 0 to j come from those of the base, and all below are zero."""
        raw = patterns(size_bytes(dtype, (1000,)))["near one"]
        base = _moved(raw)
        chunks = encoding.encode(raw, dtype=dtype, base=base, delta=delta)
        whole = encoding.encode(raw, dtype=dtype)
        base_whole = encoding.encode(base, dtype=dtype)
        for count in range(1, len(chunks) + 1):
            expected, first, out = (memoryview(bytearray(len(raw))) for _ in range(3))
            encoding.decode(whole[:count], expected, dtype=dtype)
            encoding.decode(base_whole[:count], first, dtype=dtype)
            encoding.decode(chunks[:count], out, dtype=dtype, base=first)

            assert out == expected, count

    @pytest.mark.parametrize("dtype", DTYPES)
    def test_levels_add_up_to_an_element(self, encoding: Encoding, dtype: str) -> None:
        """There is one chunk a level, and the levels' widths add up to the element's."""
        widths = encoding.levels(dtype)
        chunks = encoding.encode(bytes(size_bytes(dtype, (9,))), dtype=dtype)

        assert len(chunks) == len(widths)
        assert sum(widths) == size_bytes(dtype, ())

    @pytest.mark.parametrize("dtype", DTYPES)
    def test_the_same_bytes_give_the_same_chunks(self, encoding: Encoding, dtype: str) -> None:
        """An encoding is deterministic."""
        for raw in patterns(size_bytes(dtype, (1000,))).values():
            first = encoding.encode(raw, dtype=dtype)
            second = encoding.encode(bytearray(raw), dtype=dtype)

            assert [(mode, bytes(data)) for mode, data in first] == [
                (mode, bytes(data)) for mode, data in second
            ]

    @pytest.mark.parametrize("dtype", DTYPES)
    def test_hostile_chunks_are_refused_or_harmless(self, encoding: Encoding, dtype: str) -> None:
        """Chunks that nothing encoded raise IntegrityError, or give some bytes."""
        random = Random(dtype)  # noqa: S311 - repeatable, not secret
        raw = patterns(size_bytes(dtype, (100,)))["sparse"]
        for _ in range(ROUNDS):
            chunks = [_damaged(chunk, random) for chunk in encoding.encode(raw, dtype=dtype)]
            out = memoryview(bytearray(len(raw)))
            try:
                encoding.decode(chunks[: random.randint(0, len(chunks))], out, dtype=dtype)
            except (IntegrityError, InputError):  # the latter: a part of what seems to be `sub`
                continue

            assert len(out) == len(raw)


def _moved(raw: bytes) -> bytes:
    """Other elements that differ by little."""
    random = Random(1)  # noqa: S311 - repeatable, not secret
    return bytes(byte ^ (random.random() < 0.05) for byte in raw)  # noqa: PLR2004 - a few


def _damaged(chunk: Chunk, random: Random) -> Chunk:
    data = bytearray(chunk.data)
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    cut = random.choice([len(data), random.randint(0, len(data))])
    return Chunk(random.choice([chunk.mode, random.randrange(256)]), bytes(data[:cut]))
