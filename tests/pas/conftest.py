"""An archive in memory, small enough limits to see many packs, and tensors of every kind."""

import math

import numpy as np
import pytest

from modelhub.dtypes import size_bytes
from modelhub.pas import ArchiveReader, ArchiveWriter, Limits, MemoryIndex, MemoryStore

SMALL = Limits(
    group=1000,
    segment_raw=3000,
    level_pack=80_000,
    pack=200_000,
    pending=240_000,
    held=30_000,
    read=9_000,
    block=6_000,
    block_tensors=5,
    spill=1_000,
    recent=2_000,
)


class Archive:
    """A store, its index, and short ways to write and read."""

    def __init__(self):
        self.store = MemoryStore()
        self.index = MemoryIndex()

    def writer(self, limits=SMALL, **options):
        return ArchiveWriter(self.store, self.index, limits=limits, **options)

    def reader(self, **options):
        return ArchiveReader(self.store, self.index, **options)

    def register(self, packs):
        for pack in packs:
            self.index.register(pack.id, pack.footer)

    def write(self, tensors, limits=SMALL, **options):
        """Tensors as (dtype, shape, bytes) -> their descriptions."""
        with self.writer(limits, **options) as writer:
            infos = [put(writer, *tensor) for tensor in tensors]
        self.register(writer.packs)
        return infos

    def read(self, wanted):
        with self.reader() as reader:
            return bytes(reader.read(wanted))


def put(writer, dtype, shape, raw, **options):
    return writer.put_tensor(source_of(raw), dtype=dtype, shape=shape, **options)


def source_of(raw):
    return lambda offset, size: memoryview(raw)[offset : offset + size]


def noise(dtype, shape, seed=0):
    """A tensor of random bytes."""
    rng = np.random.default_rng([seed, math.prod(shape)])
    return dtype, shape, rng.integers(0, 256, size_bytes(dtype, shape), np.uint8).tobytes()


@pytest.fixture
def archive():
    return Archive()


@pytest.fixture
def tools():
    """The functions of this page, for tests."""
    return type("Tools", (), {f.__name__: staticmethod(f) for f in (put, source_of, noise)})


@pytest.fixture
def small():
    return SMALL
