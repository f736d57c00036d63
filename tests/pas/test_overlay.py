"""Tests of `modelhub.pas.overlay`: copies are read before an index knows them."""

import numpy as np
import pytest

from modelhub.errors import InputError, NotFoundError
from modelhub.pas import ArchiveReader, MemoryIndex, OverlayIndex


def weights(seed):
    values = np.random.default_rng(1).normal(size=5000)
    return (values * (1 + 1e-4 * np.random.default_rng(seed).normal(size=5000))).astype("f4")


def stored(archive, *seeds):
    tensors = [("float32", (5000,), weights(seed).tobytes()) for seed in seeds]
    return [info.id for info in archive.write(tensors, encoding="levels-rans")]


def copied(archive, pairs):
    """Write copies, and find them in the packs: tensor -> copy."""
    with archive.writer(encoding="levels-rans") as writer:
        for tensor, base in pairs:
            writer.put_copy(tensor, base=base)
    found = MemoryIndex(outside=archive.index)
    for pack in writer.packs:
        found.register(pack.id, pack.footer)
    return {each.info.id: each for each in found.copies()}


def test_a_new_copy_is_read_through_the_overlay_only(archive):
    """A whole tensor becomes a delta; the index below goes on reading the old copy."""
    first, second = stored(archive, 2, 3)
    copies = copied(archive, [(second, first)])
    over = OverlayIndex(archive.index, copies)

    assert over.find_tensor(second).base == first
    assert over.find_tensor(second).cost < 0.8 * archive.index.find_tensor(second).cost
    assert over.find_tensor(first) == archive.index.find_tensor(first)
    assert archive.index.find_tensor(second).base is None
    assert over.find_blob("0" * 64) is None
    assert over.blob_depth("0" * 64) == 0
    with ArchiveReader(archive.store, over) as reader:
        assert bytes(reader.read(second)) == weights(3).tobytes()


def test_bases_can_be_turned_round(archive):
    """The old base becomes a delta of the old delta, which becomes whole."""
    first, second = stored(archive, 2, 3)
    earlier = copied(archive, [(second, first)])
    over = OverlayIndex(archive.index, earlier)
    archive.index = over
    later = copied(archive, [(second, None), (first, second)])
    turned = OverlayIndex(over, later)

    assert turned.find_tensor(first).base == second
    with ArchiveReader(archive.store, turned) as reader:
        for tensor in (first, second):
            reader.check_tensor(tensor)


def test_copies_that_cannot_be_are_refused(archive, tools):
    """Unknown tensors, those in blocks, and bases that are unlike."""
    [first, small] = [
        info.id
        for info in archive.write(
            [("float32", (5000,), weights(2).tobytes()), tools.noise("float32", (10,))],
            encoding="levels-rans",
        )
    ]
    [other] = [info.id for info in archive.write([tools.noise("float32", (2000,))])]
    for tensor, base, error in (
        ("0" * 64, None, NotFoundError),
        (first, "0" * 64, NotFoundError),
        (small, None, InputError),
        (first, small, InputError),
        (first, other, InputError),
        (first, first, InputError),
    ):
        with archive.writer(encoding="levels-rans") as writer, pytest.raises(error):
            writer.put_copy(tensor, base=base)
    with archive.writer(encoding="planes-zstd") as writer, pytest.raises(InputError):
        writer.put_copy(first, base=first)
