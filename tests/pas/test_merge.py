"""Tests of `modelhub.pas.merge`."""

import pytest

from modelhub.errors import IntegrityError, NewerFormatError
from modelhub.pas import MemoryIndex, PackFooter, SegmentMember, check_pack, merge_packs, pack
from modelhub.pas.footer import TensorEntry
from modelhub.values import TensorInfo


@pytest.fixture
def contents(archive, tools):
    """Five small packs of tensors and blobs; id -> bytes."""
    raws = {}
    for seed in range(5):
        with archive.writer() as writer:
            for count in (2500, 12):
                tensor = tools.noise("float32", (count + seed,), seed)
                raws[tools.put(writer, *tensor).id] = tensor[2]
            raw = b"literal" * 10 + bytes([seed])
            raws[writer.put_blob(raw, role="literal")] = raw
        archive.register(writer.packs)
    return raws


def everything(archive, packs):
    """What an index of these packs alone can read."""
    index = MemoryIndex()
    for each in packs:
        index.register(each.id, each.footer)
    archive.index = index
    with archive.reader() as reader:
        found = {stored.info.id: bytes(reader.read(stored.info.id)) for stored in index.tensors()}
        found |= {s.id: reader.blob(s.id) for s in index.blobs() if s.role != "block"}
    return found


def test_all_members_are_in_the_merged_pack(archive, contents):
    """Merging loses nothing, and the result is one sound pack in the order of the levels."""
    [merged] = merge_packs(archive.store, list(archive.store.ids()), keep=lambda _: True)
    levels = [m.level if isinstance(m, SegmentMember) else 99 for m in merged.footer.members]

    check_pack(archive.store, merged.id)
    assert everything(archive, [merged]) == contents
    assert levels == sorted(levels)


def test_what_is_not_kept_is_gone(archive, contents):
    """`keep` decides by tensor, blob, pack and offset."""
    gone = [stored.info.id for stored in archive.index.tensors() if stored.block is None][:2]
    blob = next(stored.id for stored in archive.index.blobs() if stored.role == "literal")

    def keep(member):
        return member.blob != blob and not (member.blob is None and member.tensors[0] in gone)

    merged = merge_packs(archive.store, list(archive.store.ids()), keep=keep)

    assert everything(archive, merged).keys() == contents.keys() - {*gone, blob}


@pytest.mark.usefixtures("contents")
def test_a_block_says_which_tensors_it_holds(archive):
    """So that a collector can keep it as long as one of them is wanted."""
    seen = []
    merge_packs(archive.store, list(archive.store.ids()), keep=seen.append)
    in_blocks = {stored.info.id for stored in archive.index.tensors() if stored.block}

    assert {id_ for member in seen if member.blob for id_ in member.tensors} == in_blocks


@pytest.mark.usefixtures("contents")
def test_nothing_kept_makes_no_pack(archive):
    """An empty pack is not written."""
    before = set(archive.store.ids())

    assert merge_packs(archive.store, sorted(before), keep=lambda _: False) == []
    assert set(archive.store.ids()) == before


@pytest.mark.usefixtures("contents")
def test_the_same_member_is_copied_once(archive):
    """Merging a merged pack with its sources gives the same pack again."""
    old = list(archive.store.ids())
    [merged] = merge_packs(archive.store, old, keep=lambda _: True)
    [again] = merge_packs(archive.store, sorted([*old, merged.id]), keep=lambda _: True)

    assert again.size == merged.size


def test_large_merges_make_several_packs(archive, contents, small):
    """Each pack keeps to the limit."""
    limit = type(small)(pack=30_000)
    merged = merge_packs(
        archive.store, list(archive.store.ids()), keep=lambda _: True, limits=limit
    )

    assert len(merged) > 1
    assert max(each.size for each in merged) <= 30_000
    assert everything(archive, merged) == contents


@pytest.mark.usefixtures("contents")
def test_a_damaged_member_is_not_copied(archive):
    """Damage is found before it is given a new name, and only matters if the member is kept."""
    stored = next(each for each in archive.index.tensors() if each.segments)
    place = stored.segments[0].location
    data = bytearray(archive.store.read(place.pack, 0, archive.store.size(place.pack)))
    data[place.offset + 30] ^= 4
    archive.store._objects[place.pack] = bytes(data)
    packs = list(archive.store.ids())

    with pytest.raises(IntegrityError, match=f"offset {place.offset} of pack {place.pack}"):
        merge_packs(archive.store, packs, keep=lambda _: True)
    merge_packs(
        archive.store, packs, keep=lambda m: (m.pack, m.offset) != (place.pack, place.offset)
    )


def test_members_of_a_later_version_are_left_alone(archive, monkeypatch):
    """A pack with a kind of member that we do not know is not merged, lest it be lost."""
    info = TensorInfo(id="a" * 64, dtype="int8", shape=(1,))
    member = SegmentMember(copy=0, level=0, group=0, groups=1, offset=8, size=1, checksum="0" * 16)
    footer = PackFooter(
        tensors=(TensorEntry(info=info, statistics=None),), copies=(), members=(member,)
    )
    monkeypatch.setattr("modelhub.pas.format.SEGMENT", "hologram")
    name = archive.store.put(pack.pack_parts([b"x"], footer))
    monkeypatch.undo()

    with pytest.raises(NewerFormatError, match="later version"):
        merge_packs(archive.store, [name], keep=lambda _: True)
