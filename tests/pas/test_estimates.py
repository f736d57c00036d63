"""Tests of `modelhub.pas.estimates`."""

from itertools import pairwise

import numpy as np
import pytest

from modelhub.pas import (
    ENCODINGS,
    ArchiveReader,
    ArchiveWriter,
    MemoryIndex,
    MemoryStore,
    SizeEstimator,
)
from modelhub.pas.estimates import places


class Stored:
    """Tensors in memory, stored in groups of the usual size, and an estimator of them."""

    def __init__(self, *tensors):
        self.store, self.index = MemoryStore(), MemoryIndex()
        with ArchiveWriter(self.store, self.index, encoding="levels-rans") as writer:
            self.ids = [self.put(writer, each) for each in tensors]
        self.register(writer)

    def put(self, writer, values):
        raw = memoryview(values.tobytes())
        return writer.put_tensor(
            lambda at, size: raw[at : at + size], dtype=values.dtype.name, shape=values.shape
        ).id

    def register(self, writer):
        for pack in writer.packs:
            self.index.register(pack.id, pack.footer)

    def real(self, tensor, base):
        with ArchiveWriter(self.store, self.index, encoding="levels-rans") as writer:
            writer.put_copy(tensor, base=base)
        return sum(member.size for pack in writer.packs for member in pack.footer.members)

    def estimated(self, tensor, base):
        with ArchiveReader(self.store, self.index) as reader:
            sizes = SizeEstimator(reader, ENCODINGS.get("levels-rans"))
            found = [None if id_ is None else self.index.find_tensor(id_) for id_ in (tensor, base)]
            return sizes.size(*found)


def pair(count, by):
    rng = np.random.default_rng(count)
    values = rng.normal(0, 0.02, count).astype(np.float32)
    return values, (values + by * rng.normal(size=count)).astype(np.float32)


@pytest.mark.parametrize("count", [20_000, 300_000, 3_000_000])
@pytest.mark.parametrize("by", [1e-3, 1e-5])
def test_an_estimate_is_near_what_is_stored(count, by):
    """Whole and as a delta, in either direction, within 2 %."""
    stored = Stored(*pair(count, by))
    one, other = stored.ids
    for tensor, base in ((one, None), (one, other), (other, one)):
        real = stored.real(tensor, base)

        assert abs(stored.estimated(tensor, base) - real) < 0.02 * real + 200


def test_a_sample_is_spread_over_the_tensor():
    """Few elements are taken whole; of many, a sixteenth in pieces that do not overlap."""
    found = places(50_000_000, 1 << 18)

    assert places(0, 1 << 18) == []
    assert sum(stop - start for start, stop in found) < 50_000_000 / 10
    assert found == sorted(found)
    assert all(a[1] <= b[0] for a, b in pairwise(found))
    assert found[-1][1] > 0.9 * 50_000_000


def test_sketches_are_of_the_same_places():
    """Tensors that differ by little have sketches that do, and what is no number is infinite."""
    one, other = pair(30_000, 1e-5)
    one[0] = np.nan
    stored = Stored(one, other)
    with ArchiveReader(stored.store, stored.index) as reader:
        sizes = SizeEstimator(reader, ENCODINGS.get("levels-rans"))
        first, second = (sizes.values(stored.index.find_tensor(each)) for each in stored.ids)

    assert np.isinf(first[0])
    assert np.abs(first[1:] - second[1:]).max() < 1e-4
