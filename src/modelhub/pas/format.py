"""Transcript of docs/spec/pack.md: every magic, limit and struct; nothing else holds one."""

from struct import Struct

MIB = 1 << 20

FORMAT = 1  # §2, "format"

# §1, layout of the file.
HEAD_MAGIC = b"DLVPACK1"
TAIL_MAGIC = b"1KCAPVLD"
TAIL = Struct("<QQ8s")  # footer bytes, XXH3-64 of them, TAIL_MAGIC
MAX_PACK = 64 * MIB  # bytes of a pack
MAX_FOOTER_RAW = 64 * MIB  # bytes of a decoded footer
LEVEL_PACK = 32 * MIB  # bytes of one level that close a pack
SMALL_PACK = 8 * MIB  # packs under it are merged

# §2, footer.
CHECKSUM_DIGITS = 16  # XXH3-64
ID_DIGITS = 64  # BLAKE3-256 and SHA-256
MAX_COUNT = (1 << 63) - 1  # any number in a footer
MAX_COPIES = 1 << 31  # copy numbers are below it
MAX_EXTENTS = 64  # extents of a shape
SEGMENT = "segment"
BLOB = "blob"

# §3, blobs.
MAX_BLOB_RAW_WRITTEN = 4 * MIB  # bytes of a literal or block that we write
MAX_BLOB_RAW = 16 * MIB  # bytes of a blob that we read
MAX_DEPTH = 8  # bases that one blob may need
BLOCK = "block"  # role of a blob, and encoding of the tensors in it
LITERAL = "literal"
SMALL_TENSOR = 4096  # bytes; tensors under it go to a block
MAX_BLOCK_TENSORS = 4096  # of a block that we write

# §4, segments.
MAX_GROUP = 1 << 20  # elements of a group
MAX_LEVELS = 16

# §5, encoding `planes-zstd`.
PLANES_ZSTD = "planes-zstd"
GROUP = 1 << 18  # elements of a group
SEGMENT_RAW = 16 * MIB  # decoded bytes of a segment
SEGMENT_HEAD = Struct("<IQ")  # groups, XXH3-64 of the entries
SEGMENT_ENTRY = Struct("<BIQ")  # mode, stored bytes, XXH3-64 of them
MODE_RAW = 0
MODE_ZSTD = 1
MODE_CONSTANT = 2
WORTHWHILE = 0.985  # a zstd frame that is not smaller than this share is stored raw

# tensor-encoding.md §1 and §4, encoding `levels-rans`.
LEVELS_RANS = "levels-rans"
STREAM_HEAD = Struct("<BI")  # mode, bytes of content
STREAM_CONSTANT = 0
STREAM_RAW = 1
STREAM_ZSTD = 3
