"""Tests of `modelhub.pas.chain`."""

from dataclasses import replace

import pytest

from modelhub.errors import IntegrityError
from modelhub.pas import ArchiveReader, MemoryIndex, read_footer
from modelhub.pas.chain import can_be_base, chain_of


class Forged:
    """An index in which some tensors are described otherwise."""

    def __init__(self, index, changed):
        self.index, self.changed = index, changed

    def find_tensor(self, id_):
        return self.changed.get(id_) or self.index.find_tensor(id_)


@pytest.fixture
def pair(archive, tools):
    dtype, shape, raw = tools.noise("float32", (5000,))
    (base,) = archive.write([(dtype, shape, raw)], encoding="levels-rans")
    moved = bytes([raw[0] ^ 1]) + raw[1:]
    with archive.writer(encoding="levels-rans") as writer:
        child = tools.put(writer, dtype, shape, moved, base_candidates=[base.id])
    archive.register(writer.packs)
    return archive, base, child, moved


def test_the_tensor_stands_first_and_the_whole_one_last(pair):
    """A delta's chain is itself and its base."""
    archive, base, child, _ = pair
    chain = chain_of(archive.index, archive.index.find_tensor(child.id))

    assert [each.info.id for each in chain] == [child.id, base.id]
    assert can_be_base(chain[1], chain[0])


def test_a_cycle_names_the_tensor(pair):
    """A base that needs its own child is refused, and so is one that is missing or unlike."""
    archive, base, child, _ = pair
    stored = archive.index.find_tensor(base.id)
    for changed in (
        {base.id: replace(stored, base=child.id, encoding="levels-rans")},
        {base.id: replace(stored, info=replace(stored.info, dtype="int32"))},
        {base.id: replace(stored, info=replace(stored.info, shape=(50, 100)))},
        {child.id: replace(archive.index.find_tensor(child.id), base="0" * 64)},
    ):
        with (
            ArchiveReader(archive.store, Forged(archive.index, changed)) as reader,
            pytest.raises(IntegrityError, match=child.id),
        ):
            reader.read(child.id)


def test_a_base_of_other_content_is_noticed(pair, tools):
    """The bytes that come out do not make the tensor's id."""
    archive, base, child, _ = pair
    (other,) = archive.write([tools.noise("float32", (5000,), seed=5)], encoding="levels-rans")
    changed = {base.id: archive.index.find_tensor(other.id)}
    with (
        ArchiveReader(archive.store, Forged(archive.index, changed)) as reader,
        pytest.raises(IntegrityError, match=child.id),
    ):
        reader.read(child.id)


def test_without_its_base_a_delta_is_lost(pair):
    """An index that has only the child's pack cannot read it."""
    archive, _, child, _ = pair
    alone = MemoryIndex()
    stored = archive.index.find_tensor(child.id)
    pack = stored.segments[0].location.pack
    alone.register(pack, read_footer(archive.store, pack))

    assert alone.find_tensor(child.id) is None
    assert child.id in alone.lost()[0]
