"""Tests of `modelhub.pas.transfer`."""

from dataclasses import replace

import pytest

from modelhub.errors import IntegrityError
from modelhub.pas import (
    MAX_DEPTH,
    MemoryIndex,
    MemoryStore,
    Transfer,
    blob_member,
    plan_transfer,
    tensor_members,
    write_members,
)


@pytest.fixture
def stored(archive, tools):
    """Two large tensors and a small one, and two blobs, one against the other."""
    with archive.writer() as writer:
        infos = [
            tools.put(writer, *tools.noise("float32", (count,), count)) for count in (5000, 2500, 9)
        ]
        first = writer.put_blob(bytes(range(256)) * 4, role="literal")
        second = writer.put_blob(bytes(range(256)) * 4 + b"!", role="literal", base=first)
    archive.register(writer.packs)
    assert archive.index.find_blob(second).base == first
    return [info.id for info in infos], [first, second]


class Changed:
    """An index in which some things are stored otherwise."""

    def __init__(self, index, tensors=None, depth=None):
        self.index, self.tensors, self.depth = index, tensors or {}, depth

    def find_tensor(self, id_):
        return self.tensors.get(id_) or self.index.find_tensor(id_)

    def find_blob(self, id_):
        return self.index.find_blob(id_)

    def blob_depth(self, id_):
        return self.index.blob_depth(id_) if self.depth is None else self.depth


def test_what_is_copied_is_the_same(archive, stored):
    """Byte for byte, in packs that depend on nothing else."""
    tensors, blobs = stored
    plan = plan_transfer(archive.index, MemoryIndex(), tensors, blobs)
    members = [m for each in plan.tensors for m in tensor_members(archive.store, each)]
    members += [blob_member(archive.store, each) for each in plan.blobs]
    store, index = MemoryStore(), MemoryIndex()
    packs = list(write_members(store, members))
    for each in packs:
        index.register(each.id, each.footer)

    assert [each.info.id for each in plan.tensors] == tensors[:2]
    assert list(plan.tensors_anew) == tensors[2:]
    assert [each.id for each in plan.blobs] == blobs
    assert [each.id for each in write_members(MemoryStore(), members)] == [p.id for p in packs]
    for id_ in tensors[:2]:
        copied, original = index.find_tensor(id_), archive.index.find_tensor(id_)
        assert [s.location.checksum for s in copied.segments] == [
            s.location.checksum for s in original.segments
        ]
    assert index.blob_depth(blobs[1]) == 1


def test_what_the_target_has_is_left_out(archive, stored):
    """And what neither has is an error."""
    tensors, blobs = stored
    plan = plan_transfer(archive.index, archive.index, tensors, blobs)

    assert plan == Transfer()
    with pytest.raises(IntegrityError, match="tensor"):
        plan_transfer(MemoryIndex(), MemoryIndex(), tensors, [])
    with pytest.raises(IntegrityError, match="blob"):
        plan_transfer(MemoryIndex(), MemoryIndex(), [], blobs)


def test_a_blob_without_its_base_is_made_anew(archive, stored):
    """Unless the base comes along, or is there and needs few others itself."""
    _, [first, second] = stored
    alone = plan_transfer(archive.index, MemoryIndex(), [], [second])
    assert list(alone.blobs_anew) == [second]

    class Has(Changed):
        def find_blob(self, id_):
            return self.index.find_blob(id_) if id_ == first else None

    assert plan_transfer(archive.index, Has(archive.index), [], [second]).blobs
    deep = Has(archive.index, depth=MAX_DEPTH)
    assert list(plan_transfer(archive.index, deep, [], [second]).blobs_anew) == [second]


def delta(archive, id_, base):
    return {id_: replace(archive.index.find_tensor(id_), base=base)}


def test_a_delta_is_copied_with_its_base(archive, stored):
    """If the base comes along, or is there and fits; else it is made anew."""
    one, two, _ = stored[0]
    source = Changed(archive.index, delta(archive, one, two))
    base = archive.index.find_tensor(two)

    class Has(Changed):
        def find_tensor(self, id_):
            return self.tensors.get(id_)

    def copied(target, wanted):
        return [each.info.id for each in plan_transfer(source, target, wanted, []).tensors]

    assert copied(MemoryIndex(), [two, one]) == [two, one]
    assert copied(MemoryIndex(), [one]) == []
    assert copied(Has(archive.index, {two: base}), [one]) == [one]
    assert copied(Has(archive.index, {two: replace(base, group_size=7)}), [one]) == []
    assert copied(Has(archive.index, {two: replace(base, block=("x", 0))}), [one]) == []


def test_a_damaged_member_is_not_passed_on(archive, stored):
    """Its checksum is compared when it is read."""
    plan = plan_transfer(archive.index, MemoryIndex(), stored[0], [])
    member, *_ = tensor_members(archive.store, plan.tensors[0])
    wrong = replace(member, location=replace(member.location, offset=member.location.offset + 1))

    with pytest.raises(IntegrityError, match="damaged"):
        list(write_members(MemoryStore(), [wrong]))
