"""What a pack's footer says, as values, and as canonical JSON in a zstd frame (pack.md §2)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from modelhub.identity import canonical_json
from modelhub.pas import format as pack_format
from modelhub.pas import frames
from modelhub.values import BlobId, FileId, Json, Statistics, TensorId, TensorInfo

_LEVEL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorEntry:
    """A tensor of which something lies in the pack."""

    info: TensorInfo
    statistics: Statistics | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyEntry:
    """One way in which a tensor is stored, here and perhaps in other packs.

    Attributes:
        tensor: index into the footer's tensors.
        copy: tells apart two copies with the same encoding and base.
        encoding: name of the encoding.
        base: the tensor that it is a delta against, or None.
        levels: how many levels a group has.
        groups: how many groups the tensor has.
        group_size: elements of a group.
    """

    tensor: int
    copy: int
    encoding: str
    base: TensorId | None
    levels: int
    groups: int
    group_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentMember:
    """One level of `groups` consecutive groups of a copy; `copy` is an index."""

    copy: int
    level: int
    group: int
    groups: int
    offset: int
    size: int
    checksum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobMember:
    """A blob.

    Attributes:
        id: BLAKE3 of the raw bytes.
        role: what it is for (pack.md §3).
        raw_size: decoded bytes.
        base: the blob whose raw bytes are the frame's dictionary, or None.
        offset: where the frame begins in the pack.
        size: bytes of the frame.
        checksum: XXH3-64 of the frame.
        file: the file that a recipe makes.
        tensors: of a block: indexes into the footer's tensors, each with an offset in the
            raw bytes.
    """

    id: BlobId
    role: str
    raw_size: int
    base: BlobId | None = None
    offset: int
    size: int
    checksum: str
    file: FileId | None = None
    tensors: tuple[tuple[int, int], ...] = ()


Member = SegmentMember | BlobMember


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFooter:
    """What lies in a pack, and where.

    Attributes:
        tensors: tensors of which something lies in the pack.
        copies: how they are stored.
        members: what lies in the pack, by offset.
        unknown: members of a kind that this version does not know, and leaves alone.
    """

    tensors: tuple[TensorEntry, ...]
    copies: tuple[CopyEntry, ...]
    members: tuple[Member, ...]
    unknown: int = 0

    def to_bytes(self) -> bytes:
        """The footer as it stands in a pack, without the trailer."""
        value: Json = {
            "format": pack_format.FORMAT,
            "tensors": [_tensor_json(each) for each in self.tensors],
            "copies": [asdict(each) for each in self.copies],
            "members": [_member_json(each) for each in self.members],
        }
        return frames.compress(canonical_json(value), level=_LEVEL)


def _tensor_json(entry: TensorEntry) -> Mapping[str, Json]:
    return {
        "id": entry.info.id,
        "dtype": entry.info.dtype,
        "shape": entry.info.shape,
        "statistics": None if entry.statistics is None else asdict(entry.statistics),
    }


def _member_json(member: Member) -> Mapping[str, Json]:
    value: dict[str, Json] = asdict(member)
    if isinstance(member, SegmentMember):
        return {"kind": pack_format.SEGMENT, **value}
    if member.file is None:
        del value["file"]
    if member.role != pack_format.BLOCK:
        del value["tensors"]
    return {"kind": pack_format.BLOB, **value}
