"""What can still be read of a damaged pack."""

from pathlib import Path

import numpy as np

from modelhub.pas import ArchiveWriter, DirectoryStore, MemoryIndex, read_footer, sound_members


def test_only_the_damaged_member_is_lost(tmp_path: Path) -> None:
    """A flipped bit hits one member; a damaged footer hits all."""
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    store = DirectoryStore(tmp_path / "objects", lambda: scratch)
    with ArchiveWriter(store, MemoryIndex()) as writer:
        data = np.random.default_rng(0).normal(size=4000).astype(np.float32).tobytes()
        writer.put_tensor(lambda at, n: data[at : at + n], dtype="float32", shape=(4000,))
        writer.put_blob(b"a literal", role="literal")
    (pack,) = writer.packs
    members = read_footer(store, pack.id).members
    path = next(p for p in (tmp_path / "objects").rglob("*") if p.is_file())
    path.chmod(0o644)
    good = path.read_bytes()
    damaged = bytearray(good)
    damaged[members[0].offset] ^= 1
    path.write_bytes(damaged)

    assert sound_members(store, pack.id) == {m.offset for m in members[1:]}
    path.write_bytes(good[:-1])
    assert sound_members(store, pack.id) == set()
