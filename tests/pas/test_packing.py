"""Tests of `modelhub.pas.packing`."""

import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from modelhub.pas import (
    BlobMember,
    CopyEntry,
    MemoryStore,
    SegmentMember,
    TensorEntry,
    read_footer,
)
from modelhub.pas.packing import PendingBlob, PendingSegment, batches, cost, write_pack
from modelhub.values import Statistics, TensorInfo

LIMIT = 30_000
WORST = Statistics(
    min=-1.2345678901234567e-300,
    max=-1.2345678901234567e-300,
    mean=-1.2345678901234567e-300,
    std=-1.2345678901234567e-300,
    zeros=2**62,
    nans=2**62,
    infinities=2**62,
)


def tensor(number, rank=1):
    """A tensor whose description is as long as can be."""
    id_ = f"{number * 0x9E3779B97F4A7C15F39CC0605CEDC834 % 2**256:064x}"
    info = TensorInfo(id=id_, dtype="opaque:" + "x" * 40, shape=(*[1] * (rank - 1), 2**62))
    return TensorEntry(info=info, statistics=WORST)


def segment(number, size, level=0):
    group_size = 1 << 20
    entry = CopyEntry(
        tensor=0,
        copy=2**31 - 1,
        encoding="planes-zstd",
        base="b" * 64,
        levels=4,
        groups=2**62 // group_size,
        group_size=group_size,
    )
    member = SegmentMember(
        copy=0, level=level, group=0, groups=2**40, offset=0, size=size, checksum="9" * 16
    )
    return PendingSegment(tensor=tensor(number), entry=entry, member=member, parts=[bytes(size)])


def blob(number, size):
    member = BlobMember(
        id=f"{number:064x}",
        role="recipe",
        raw_size=1 << 24,
        base="b" * 64,
        offset=0,
        size=size,
        checksum="9" * 16,
        file="f" * 64,
    )
    return PendingBlob(member=member, parts=[bytes(size)])


MEMBERS = st.lists(st.tuples(st.booleans(), st.integers(1, 9000), st.integers(0, 3)), max_size=30)


@given(MEMBERS)
@settings(max_examples=60)
def test_members_fit_their_packs(drawn):
    """Every member is in exactly one pack, in order, and no pack exceeds the limit."""
    store = MemoryStore()
    members = [
        blob(number, size) if is_blob else segment(number, size, level)
        for number, (is_blob, size, level) in enumerate(drawn)
    ]
    found = list(batches(members, limit=LIMIT))
    packs = [write_pack(store, batch) for batch in found]

    assert sorted(map(id, members)) == sorted(id(each) for batch in found for each in batch)
    for pack in packs:
        assert pack.size <= LIMIT
        assert read_footer(store, pack.id) == pack.footer


def test_the_cost_bounds_the_footer():
    """What a member adds to a footer is less than what was reckoned, at its worst."""
    block = PendingBlob(
        member=blob(0, 1).member,
        parts=[b"x"],
        tensors=tuple((tensor(number, rank=64), 1 << 23) for number in range(50)),
    )
    for members in ([segment(number, 1) for number in range(50)], [block]):
        frame = write_pack(MemoryStore(), members).footer.to_bytes()

        assert len(zstandard.decompress(frame)) < sum(map(cost, members))


def test_packs_are_of_about_equal_size():
    """What does not fit one pack is spread, not cut into a full one and a crumb."""
    members = [segment(number, 1000) for number in range(12)]
    sizes = [len(batch) for batch in batches(members, limit=LIMIT)]

    assert max(sizes) - min(sizes) <= 1
