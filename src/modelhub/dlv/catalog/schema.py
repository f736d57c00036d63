"""The relations of the catalog (paper, Sec. III-A), in SQLAlchemy Core.

Everything here is derived from the objects: `modelhub.dlv.recovery` can make it again.
Integer keys are the catalog's own and never leave it.
A change of this page needs a migration beside it.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

metadata = MetaData()


def _key() -> Column[int]:
    return Column("key", Integer, primary_key=True)


def _references(name: str, target: str, *, index: bool = False) -> Column[int]:
    return Column(name, ForeignKey(f"{target}.key"), nullable=False, index=index)


# The storage index: where tensors and blobs lie.

pack = Table(
    "pack",
    metadata,
    _key(),
    Column("id", String(64), nullable=False, unique=True),
    Column("size", Integer, nullable=False),
)

tensor = Table(
    "tensor",
    metadata,
    _key(),
    Column("id", String(64), nullable=False, unique=True),
    Column("dtype", String, nullable=False),
    Column("shape", String, nullable=False),  # JSON
    Column("size", Integer, nullable=False),  # bytes, decoded
    Column("min", Float),
    Column("max", Float),
    Column("mean", Float),
    Column("std", Float),
    Column("zeros", Integer),  # null: this dtype has no statistics
    Column("nans", Integer),
    Column("infinities", Integer),
)

blob = Table(
    "blob",
    metadata,
    _key(),
    Column("id", String(64), nullable=False, unique=True),
    Column("role", String, nullable=False),
    Column("raw_size", Integer, nullable=False),
    Column("base", String(64)),
    Column("depth", Integer, nullable=False),
    _references("pack", "pack", index=True),
    Column("offset", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("checksum", String(16), nullable=False),
    Column("file", String(64)),  # a recipe's file id
)

copy = Table(
    "copy",
    metadata,
    _key(),
    Column("tensor", ForeignKey("tensor.key"), nullable=False, unique=True),
    Column("number", Integer, nullable=False),
    Column("encoding", String, nullable=False),
    Column("base", String(64)),
    Column("levels", Integer, nullable=False),
    Column("groups", Integer, nullable=False),
    Column("group_size", Integer, nullable=False),
    Column("block", ForeignKey("blob.key"), index=True),  # a small tensor's block
    Column("block_offset", Integer),
)

segment = Table(
    "segment",
    metadata,
    _references("copy", "copy"),
    Column("level", Integer, nullable=False),
    Column("first_group", Integer, nullable=False),
    Column("groups", Integer, nullable=False),
    _references("pack", "pack", index=True),
    Column("offset", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("checksum", String(16), nullable=False),
    PrimaryKeyConstraint("copy", "level", "first_group"),
    sqlite_with_rowid=False,
)

file = Table(
    "file",
    metadata,
    _key(),
    Column("id", String(64), nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    _references("recipe", "blob", index=True),
)

file_tensor = Table(
    "file_tensor",
    metadata,
    _references("file", "file"),
    _references("tensor", "tensor", index=True),
    PrimaryKeyConstraint("file", "tensor"),
    sqlite_with_rowid=False,
)

file_blob = Table(
    "file_blob",
    metadata,
    _references("file", "file"),
    _references("blob", "blob", index=True),
    PrimaryKeyConstraint("file", "blob"),
    sqlite_with_rowid=False,
)

# Model versions: (name, id, N, W, M, F) and the lineage.

counter = Table(  # one row: the sequence number that was drawn last, used or not
    "counter",
    metadata,
    Column("seq", Integer, primary_key=True),
)

record = Table(
    "record",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("blob", ForeignKey("blob.key"), nullable=False, unique=True),
)

model = Table(  # how far the numbers of a name have been used, versions removed or not
    "model",
    metadata,
    Column("name", String, primary_key=True),
    Column("last_number", Integer, nullable=False),
)

version = Table(  # keys grow in the order in which versions were published
    "version",
    metadata,
    _key(),
    Column("id", String(64), nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("created", String, nullable=False),
    Column("author", String, nullable=False),
    Column("message", String, nullable=False),
    Column("content", String(64), nullable=False),  # BLAKE3 of the manifest's content
    Column("network", String(64), index=True),
    Column("history", String(64), index=True),
    Column("removed", String),  # when it was forgotten, or null
    UniqueConstraint("name", "number"),
)

parent = Table(
    "parent",
    metadata,
    _references("version", "version"),
    Column("position", Integer, nullable=False),
    Column("base", String(64), nullable=False, index=True),  # stays when the base is gone
    PrimaryKeyConstraint("version", "position"),
)

snapshot = Table(
    "snapshot",
    metadata,
    _key(),
    _references("version", "version"),
    Column("position", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("step", Integer),
    Column("parameters", Integer, nullable=False),  # elements of all its tensors
    UniqueConstraint("version", "position"),
    UniqueConstraint("version", "name"),
)

snapshot_metric = Table(
    "snapshot_metric",
    metadata,
    _references("snapshot", "snapshot"),
    Column("name", String, nullable=False),
    Column("value", String, nullable=False),  # JSON, so that NaN and infinities have a form
    PrimaryKeyConstraint("snapshot", "name"),
)

snapshot_tensor = Table(
    "snapshot_tensor",
    metadata,
    _references("snapshot", "snapshot"),
    Column("position", Integer, nullable=False),
    Column("name", String, nullable=False),
    _references("tensor", "tensor", index=True),
    Column("view", String),  # JSON, or null
    PrimaryKeyConstraint("snapshot", "position"),
    UniqueConstraint("snapshot", "name"),
    sqlite_with_rowid=False,
)

version_file = Table(
    "version_file",
    metadata,
    _references("version", "version"),
    Column("path", String, nullable=False),
    _references("file", "file", index=True),
    Column("role", String, nullable=False),
    Column("format", String, nullable=False),
    Column("snapshot", String),
    Column("executable", Boolean, nullable=False),
    PrimaryKeyConstraint("version", "path"),
)

metric = Table(
    "metric",
    metadata,
    _references("version", "version"),
    Column("name", String, nullable=False),
    Column("value", String, nullable=False),  # JSON
    Column("annotated", Boolean, nullable=False),  # added later; not part of the version id
    PrimaryKeyConstraint("version", "name", "annotated"),
)

hyperparameter = Table(
    "hyperparameter",
    metadata,
    _references("version", "version"),
    Column("name", String, nullable=False),
    Column("value", String, nullable=False),  # JSON
    PrimaryKeyConstraint("version", "name"),
)

note = Table(
    "note",
    metadata,
    _references("version", "version"),
    Column("name", String, nullable=False),
    Column("value", String, nullable=False),
    PrimaryKeyConstraint("version", "name"),
)

tag = Table(
    "tag",
    metadata,
    Column("name", String, nullable=False),
    Column("tag", String, nullable=False),
    _references("version", "version", index=True),
    PrimaryKeyConstraint("name", "tag"),
)

alias = Table(
    "alias",
    metadata,
    Column("name", String, nullable=False),
    Column("alias", String, nullable=False),
    _references("version", "version", index=True),
    PrimaryKeyConstraint("name", "alias"),
)

# Networks: one row set for each, whatever number of versions names it. What is here is the
# layer graph (docs/spec/network.md §6); the network itself is the blob whose id is the network's.
# Columns of a primary key stand first: SQLite's own check mistakes other orders for damage.

network = Table(
    "network",
    metadata,
    _key(),
    Column("id", String(64), nullable=False, unique=True),
    Column("dialect", String, nullable=False),
    Column("partial", String),  # why there are no edges, or null
    Column("nodes", Integer, nullable=False),
    Column("edges", Integer, nullable=False),
    Column("parameters", Integer, nullable=False),  # elements; tied ones count once
)

node = Table(  # positions grow in execution order
    "node",
    metadata,
    _references("network", "network"),
    Column("position", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("alias", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("template", String, nullable=False),  # empty: none
    Column("kind", String, nullable=False),  # empty: none
    Column("op", String, nullable=False),
    Column("attributes", String, nullable=False),  # JSON
    Column("shape", String),  # JSON, of its first output; null: not known
    Column("dtype", String),
    Column("parameters", Integer, nullable=False),
    PrimaryKeyConstraint("network", "position"),
    Index("ix_node_name", "network", "name", unique=True),
    Index("ix_node_template", "template", "kind", "network"),
    sqlite_with_rowid=False,
)

edge = Table(  # between positions; `slot` tells the inputs of a target apart
    "edge",
    metadata,
    _references("network", "network"),
    Column("target", Integer, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("source", Integer, nullable=False),
    PrimaryKeyConstraint("network", "target", "slot"),
    Index("ix_edge_source", "network", "source"),
    sqlite_with_rowid=False,
)

hop = Table(  # an edge with what queries ask of its ends, so that one step is one look-up
    "hop",
    metadata,
    _references("network", "network"),
    Column("source", String, nullable=False),
    Column("target", String, nullable=False),
    Column("source_template", String, nullable=False),
    Column("source_kind", String, nullable=False),
    Column("target_template", String, nullable=False),
    Column("target_kind", String, nullable=False),
    PrimaryKeyConstraint("network", "source", "target"),
    Index("ix_hop_source", "source", "target_template", "target_kind", "network"),
    Index("ix_hop_target", "network", "target_template", "target_kind", "source"),
    sqlite_with_rowid=False,
)

template_count = Table(
    "template_count",
    metadata,
    _references("network", "network"),
    Column("template", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("network", "template", "kind"),
    Index("ix_template_count_template", "template", "kind", "count"),
    sqlite_with_rowid=False,
)

network_tensor = Table(  # values of constants and transient buffers
    "network_tensor",
    metadata,
    _references("network", "network"),
    _references("tensor", "tensor", index=True),
    PrimaryKeyConstraint("network", "tensor"),
    sqlite_with_rowid=False,
)
