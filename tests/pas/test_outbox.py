"""Pending members become packs when enough of them have come together."""

import numpy as np

from modelhub.pas import ArchiveWriter, Limits, MemoryIndex, MemoryStore


def test_a_full_level_closes_a_pack_of_its_own() -> None:
    """Levels that grow fast are written first; what is left is written at the end."""
    limits = Limits(group=1024, segment_raw=4096, level_pack=16_384, pending=1 << 20)
    raw = np.random.default_rng(0).normal(size=50_000).astype(np.float32).tobytes()
    with ArchiveWriter(MemoryStore(), MemoryIndex(), limits=limits) as writer:
        writer.put_tensor(lambda at, n: raw[at : at + n], dtype="float32", shape=(50_000,))
    levels = [{m.level for m in pack.footer.members} for pack in writer.packs]
    assert len(levels) > 4
    assert sum(len(each) == 1 for each in levels) >= len(levels) - 2
