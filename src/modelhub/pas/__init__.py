"""Parameter archival storage: tensors and blobs in, tensors and blobs out."""

from modelhub.pas.audit import audit_tensor
from modelhub.pas.blobs import BlobSpan
from modelhub.pas.chain import chain_of, depths
from modelhub.pas.choice import choose, tile
from modelhub.pas.encodings import ENCODINGS, Chunk, Encoding, default_encoding
from modelhub.pas.estimates import SizeEstimator
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
from modelhub.pas.overlay import OverlayIndex
from modelhub.pas.pack import Location, WrittenPack, check_pack, read_footer
from modelhub.pas.plans import (
    DEFAULT_OPTIMIZER,
    EMPTY,
    OPTIMIZERS,
    UNPLACED,
    CostModel,
    Effort,
    GraphBuilder,
    Line,
    Objective,
    Optimizer,
    Retrieval,
    StorageGraph,
    StoragePlan,
    calibrate,
    choose_within,
    default_alpha,
    limit_depth,
    optimize,
    place,
    recreation_of,
)
from modelhub.pas.reader import ArchiveReader, LevelsRead
from modelhub.pas.salvage import sound_members
from modelhub.pas.store import DirectoryStore, MemoryStore, ObjectStore, PackSink, PackSource
from modelhub.pas.transfer import (
    Transfer,
    Unread,
    blob_member,
    plan_transfer,
    tensor_members,
    write_members,
)
from modelhub.pas.writer import ArchiveWriter, Observer, Source

__all__ = [
    "BLOCK",
    "DEFAULT_OPTIMIZER",
    "EMPTY",
    "ENCODINGS",
    "LITERAL",
    "MAX_BLOB_RAW",
    "MAX_BLOB_RAW_WRITTEN",
    "MAX_DEPTH",
    "MAX_PACK",
    "OPTIMIZERS",
    "ORDERED",
    "SMALL_PACK",
    "SMALL_TENSOR",
    "UNPLACED",
    "ArchiveReader",
    "ArchiveWriter",
    "BlobMember",
    "BlobSpan",
    "Chunk",
    "CopyEntry",
    "CostModel",
    "DirectoryStore",
    "Effort",
    "Encoding",
    "GraphBuilder",
    "LevelsRead",
    "Limits",
    "Line",
    "Location",
    "Member",
    "MemberIdentity",
    "MemoryIndex",
    "MemoryStore",
    "ObjectStore",
    "Objective",
    "Observer",
    "Optimizer",
    "OverlayIndex",
    "PackFooter",
    "PackSink",
    "PackSource",
    "Retrieval",
    "SegmentMember",
    "SizeEstimator",
    "Source",
    "StorageGraph",
    "StorageIndex",
    "StoragePlan",
    "StoredBlob",
    "StoredSegment",
    "StoredTensor",
    "TensorEntry",
    "Transfer",
    "Unread",
    "WrittenPack",
    "audit_tensor",
    "blob_member",
    "bounds",
    "calibrate",
    "chain_of",
    "check_pack",
    "choose",
    "choose_within",
    "default_alpha",
    "default_encoding",
    "depths",
    "limit_depth",
    "merge_packs",
    "optimize",
    "place",
    "plan_transfer",
    "read_footer",
    "recreation_of",
    "sound_members",
    "tensor_members",
    "tile",
    "write_members",
]
