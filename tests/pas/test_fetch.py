"""Only the stored bytes of the groups that are asked for are fetched."""

import numpy as np

from modelhub.pas import ArchiveReader, ArchiveWriter, Limits, MemoryIndex, MemoryStore


def test_a_slice_reads_its_groups_only() -> None:
    """Of forty groups, one is read for one element."""
    store, index = MemoryStore(), MemoryIndex()
    data = np.random.default_rng(0).normal(size=40_000).astype(np.float32)
    raw = data.tobytes()
    with ArchiveWriter(store, index, limits=Limits(group=1000)) as writer:
        info = writer.put_tensor(lambda at, n: raw[at : at + n], dtype="float32", shape=(40_000,))
    for pack in writer.packs:
        index.register(pack.id, pack.footer)
    before = store.bytes_read
    with ArchiveReader(store, index) as reader:
        found = reader.read(info.id, start=12_345, stop=12_346)
    assert found.tobytes() == raw[4 * 12_345 : 4 * 12_346]
    assert store.bytes_read - before < len(raw) / 10
