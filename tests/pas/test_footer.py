"""Footers as values and as bytes."""

from modelhub.pas import BlobMember, CopyEntry, PackFooter, SegmentMember, TensorEntry
from modelhub.pas.footer_parser import parse_footer
from modelhub.values import TensorInfo


def test_round_trip() -> None:
    """What is written into a pack is read from it."""
    footer = PackFooter(
        tensors=(
            TensorEntry(
                info=TensorInfo(id="1" * 64, dtype="float32", shape=(10, 300)), statistics=None
            ),
        ),
        copies=(
            CopyEntry(
                tensor=0,
                copy=0,
                encoding="planes-zstd",
                base=None,
                levels=4,
                groups=1,
                group_size=262144,
            ),
        ),
        members=(
            SegmentMember(copy=0, level=0, group=0, groups=1, offset=8, size=9, checksum="a" * 16),
            BlobMember(
                id="2" * 64, role="literal", raw_size=3, offset=17, size=5, checksum="b" * 16
            ),
        ),
    )
    assert parse_footer(footer.to_bytes(), pack="3" * 64, end=22) == footer
