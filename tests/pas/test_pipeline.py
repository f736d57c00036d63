"""Groups are encoded on threads, and come out in order."""

import numpy as np
import pytest

from modelhub.pas import ArchiveWriter, Limits, MemoryIndex, MemoryStore


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_same_packs_from_any_number_of_threads(threads: int) -> None:
    """Encoding is deterministic."""
    raw = np.random.default_rng(0).normal(size=30_000).astype(np.float32).tobytes()

    def ids(count: int) -> list[str]:
        limits = Limits(group=512)
        with ArchiveWriter(MemoryStore(), MemoryIndex(), threads=count, limits=limits) as writer:
            writer.put_tensor(lambda at, n: raw[at : at + n], dtype="float32", shape=(30_000,))
        return [pack.id for pack in writer.packs]

    assert ids(threads) == ids(1)
