"""Parameter archival storage: tensors and blobs in, tensors and blobs out."""

from modelhub.pas.blobs import BlobSpan
from modelhub.pas.choice import choose, tile
from modelhub.pas.encodings import ENCODINGS, Chunk, Encoding
from modelhub.pas.footer import (
    BlobMember,
    CopyEntry,
    Member,
    PackFooter,
    SegmentMember,
    TensorEntry,
)
from modelhub.pas.format import (
    BLOCK,
    LITERAL,
    MAX_BLOB_RAW,
    MAX_BLOB_RAW_WRITTEN,
    MAX_DEPTH,
    MAX_PACK,
    SMALL_PACK,
    SMALL_TENSOR,
)
from modelhub.pas.index import (
    MemoryIndex,
    StorageIndex,
    StoredBlob,
    StoredSegment,
    StoredTensor,
)
from modelhub.pas.known import ORDERED, bounds
from modelhub.pas.limits import Limits
from modelhub.pas.merge import MemberIdentity, merge_packs
from modelhub.pas.pack import Location, WrittenPack, check_pack, read_footer
from modelhub.pas.reader import ArchiveReader, LevelsRead
from modelhub.pas.salvage import sound_members
from modelhub.pas.store import DirectoryStore, MemoryStore, ObjectStore
from modelhub.pas.writer import ArchiveWriter, Observer, Source

__all__ = [
    "BLOCK",
    "ENCODINGS",
    "LITERAL",
    "MAX_BLOB_RAW",
    "MAX_BLOB_RAW_WRITTEN",
    "MAX_DEPTH",
    "MAX_PACK",
    "ORDERED",
    "SMALL_PACK",
    "SMALL_TENSOR",
    "ArchiveReader",
    "ArchiveWriter",
    "BlobMember",
    "BlobSpan",
    "Chunk",
    "CopyEntry",
    "DirectoryStore",
    "Encoding",
    "LevelsRead",
    "Limits",
    "Location",
    "Member",
    "MemberIdentity",
    "MemoryIndex",
    "MemoryStore",
    "ObjectStore",
    "Observer",
    "PackFooter",
    "SegmentMember",
    "Source",
    "StorageIndex",
    "StoredBlob",
    "StoredSegment",
    "StoredTensor",
    "TensorEntry",
    "WrittenPack",
    "bounds",
    "check_pack",
    "choose",
    "merge_packs",
    "read_footer",
    "sound_members",
    "tile",
]
