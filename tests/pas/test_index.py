"""Tests of `modelhub.pas.index`: repository.md §6 over footers."""

from dataclasses import replace
from itertools import permutations

import pytest

from modelhub.pas import (
    BlobMember,
    CopyEntry,
    MemoryIndex,
    PackFooter,
    SegmentMember,
    TensorEntry,
)
from modelhub.values import TensorInfo

A, B, C = "a" * 64, "b" * 64, "c" * 64
P, Q = "1" * 64, "2" * 64


def tensor(id_, shape=(600_000,)):
    return TensorEntry(info=TensorInfo(id=id_, dtype="uint8", shape=shape), statistics=None)


def footer(tensors, copies, segments, blobs=()):
    """Copies as (tensor, base, encoding), segments as (copy, group, groups, size)."""
    offset = 8
    members = []
    for copy, group, groups, size in segments:
        members.append(
            SegmentMember(
                copy=copy,
                level=0,
                group=group,
                groups=groups,
                offset=offset,
                size=size,
                checksum=f"{size:016x}",
            )
        )
        offset += size
    entries = [
        CopyEntry(
            tensor=index,
            copy=0,
            encoding=encoding,
            base=base,
            levels=1,
            groups=3,
            group_size=262_144,
        )
        for index, base, encoding in copies
    ]
    return PackFooter(tensors=tuple(tensors), copies=tuple(entries), members=(*members, *blobs))


PLAIN = "planes-zstd"


def indexed(*packs, **options):
    index = MemoryIndex(**options)
    for id_, found in packs:
        index.register(id_, found)
    return index


def test_segments_are_collected_from_several_packs():
    """A copy is complete when its segments cover every group, wherever they lie."""
    first = footer([tensor(A)], [(0, None, PLAIN)], [(0, 0, 1, 50)])
    second = footer([tensor(A)], [(0, None, PLAIN)], [(0, 1, 2, 60)])

    assert indexed((P, first)).find_tensor(A) is None
    assert indexed((P, first)).lost() == ({A}, set())
    for order in permutations([(P, first), (Q, second)]):
        found = indexed(*order).find_tensor(A)
        assert [(s.group, s.groups, s.location.pack) for s in found.segments] == [
            (0, 1, P),
            (1, 2, Q),
        ]


def test_a_segment_that_is_there_twice_counts_once():
    """After a merge that was cut off, the same member lies in two packs."""
    both = footer([tensor(A)], [(0, None, PLAIN)], [(0, 0, 3, 50)])
    found = [
        indexed(*order).find_tensor(A).segments for order in permutations([(P, both), (Q, both)])
    ]

    assert found[0] == found[1]
    assert [segment.location.pack for segment in found[0]] == [P]


def test_copies_are_not_mixed():
    """Segments of another copy number, or cut into other groups, do not complete a copy."""
    first = footer([tensor(A)], [(0, None, PLAIN)], [(0, 0, 1, 50)])
    second = footer([tensor(A)], [(0, None, PLAIN)], [(0, 1, 2, 60)])
    other = replace(second, copies=(replace(second.copies[0], copy=1),))

    assert indexed((P, first), (Q, other)).find_tensor(A) is None


def test_an_unknown_encoding_is_passed_over():
    """Of two copies the one that this version reads is taken, though it is larger."""
    found = footer(
        [tensor(A)], [(0, None, "later"), (0, None, PLAIN)], [(0, 0, 3, 50), (1, 0, 3, 90)]
    )

    assert indexed((P, found)).find_tensor(A).encoding == PLAIN


def test_a_copy_with_other_levels_than_its_encoding_is_passed_over():
    """A footer cannot make a reader use a copy that its encoding cannot have written."""
    found = footer([tensor(A)], [(0, None, PLAIN)], [(0, 0, 3, 50)])
    forged = replace(found, copies=(replace(found.copies[0], levels=2),))

    assert indexed((P, forged)).find_tensor(A) is None


def test_old_and_new_encodings_give_no_cycle():
    """Two tensors, each whole and as a delta of the other: neither depends on the other."""
    copies = [(0, None, PLAIN), (0, B, PLAIN), (1, None, PLAIN), (1, A, PLAIN)]
    segments = [(0, 0, 3, 90), (1, 0, 3, 50), (2, 0, 3, 90), (3, 0, 3, 50)]
    index = indexed((P, footer([tensor(A), tensor(B)], copies, segments)))

    assert [index.find_tensor(each).base for each in (A, B)] == [None, None]


def test_a_delta_comes_after_its_base():
    """`tensors` lists a base before what needs it."""
    copies = [(0, B, PLAIN), (1, C, PLAIN), (2, None, PLAIN)]
    segments = [(0, 0, 3, 50), (1, 0, 3, 50), (2, 0, 3, 90)]
    tensors = [tensor(A), tensor(B), tensor(C)]
    index = indexed((P, footer(tensors, copies, segments)))

    assert [stored.info.id for stored in index.tensors()] == [C, B, A]


def blob(id_, base=None, size=10, role="literal", tensors=()):
    return BlobMember(
        id=id_,
        role=role,
        raw_size=700_000,
        base=base,
        offset=8,
        size=size,
        checksum="0" * 16,
        tensors=tensors,
    )


def blobs(*members):
    return PackFooter(tensors=(), copies=(), members=members)


def test_blobs_are_ordered_and_have_depths():
    """A blob against another is one deeper, and comes after it."""
    index = indexed((P, blobs(blob(A, base=B), blob(B, base=C), blob(C))))

    assert [stored.id for stored in index.blobs()] == [C, B, A]
    assert [index.blob_depth(each) for each in (A, B, C, P)] == [2, 1, 0, 0]


def test_a_blob_whose_base_is_gone_is_lost():
    """It cannot be read, and is reported."""
    index = indexed((P, blobs(blob(A, base=B))))

    assert index.find_blob(A) is None
    assert index.lost() == (set(), {A})


def test_a_base_may_lie_in_an_index_outside():
    """New packs refer to blobs of packs that are indexed elsewhere."""
    outside = indexed((P, blobs(blob(B, base=C), blob(C))))
    index = indexed((Q, blobs(blob(A, base=B))), outside=outside)

    assert index.blob_depth(A) == 2
    assert [stored.id for stored in index.blobs()] == [A]


def test_a_tensor_in_a_block_needs_the_block():
    """A tensor in a block is there if its block can be read."""
    block = blob(C, role="block", tensors=((0, 5),))
    found = PackFooter(tensors=(tensor(A),), copies=(), members=(block,))
    stored = indexed((P, found)).find_tensor(A)
    lost = replace(found, members=(replace(block, base=B),))

    assert (stored.encoding, stored.block, stored.segments) == ("block", (C, 5), ())
    assert indexed((P, lost)).find_tensor(A) is None


@pytest.mark.parametrize("shape", [(600_000,), (1, 600_000)])
def test_forged_descriptions_are_chosen_alike_in_every_order(shape):
    """Two footers that disagree about a tensor give the same index in either order."""
    first = footer([tensor(A)], [(0, None, PLAIN)], [(0, 0, 3, 50)])
    second = footer([tensor(A, shape)], [(0, None, PLAIN)], [(0, 0, 3, 60)])
    orders = permutations([(P, first), (Q, second)])

    assert len({indexed(*order).find_tensor(A) for order in orders}) == 1
