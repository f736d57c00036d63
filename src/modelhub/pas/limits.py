"""How large things may grow while a writer collects them."""

from dataclasses import dataclass

from modelhub.pas import format as pack_format


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes that a writer keeps to; tests make them small, nobody else changes them.

    Attributes:
        group: elements of a group.
        segment_raw: decoded bytes of a segment.
        level_pack: bytes of one level that close a pack.
        pack: bytes of a pack, footer included.
        pending: bytes of unwritten packs.
        held: bytes of a tensor that is read once; larger ones are read twice.
        read: bytes that a source is asked for at once.
        block: raw bytes of a block.
        block_tensors: tensors of a block.
        spill: pending bytes under which `ArchiveWriter.spill` writes nothing.
        recent: raw bytes of blobs that are kept as bases for the next ones.
    """

    group: int = pack_format.GROUP
    segment_raw: int = pack_format.SEGMENT_RAW
    level_pack: int = pack_format.LEVEL_PACK
    pack: int = pack_format.MAX_PACK
    pending: int = 96 * pack_format.MIB
    held: int = 64 * pack_format.MIB
    read: int = 8 * pack_format.MIB
    block: int = pack_format.MAX_BLOB_RAW_WRITTEN
    block_tensors: int = pack_format.MAX_BLOCK_TENSORS
    spill: int = pack_format.MIB
    recent: int = 8 * pack_format.MIB


LIMITS = Limits()
