"""The relations of a hub's database: who may come, what there is, and what it looks like."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

FORMAT = 1

metadata = MetaData()

# One row: the format of this database.
format_table = Table("hub_format", metadata, Column("format", Integer, nullable=False))

# People; each owns the namespace that is called like them.
account = Table(
    "account",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("is_admin", Boolean, nullable=False),
    Column("created", BigInteger, nullable=False),  # seconds since 1970, as all times here
)

# What proves who somebody is; only the SHA-256 of it is kept.
token = Table(
    "token",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("account", ForeignKey("account.key", ondelete="CASCADE"), nullable=False),
    Column("label", Text, nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("may_write", Boolean, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger),
    Column("used", BigInteger),
    UniqueConstraint("account", "label"),
)

# Models; `track` is the one whose objects and versions are known below.
model = Table(
    "model",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("namespace", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("is_public", Boolean, nullable=False),
    Column("track", Text),
    Column("updated", BigInteger, nullable=False),
    UniqueConstraint("namespace", "name"),
)

# Objects that the tracks of a model lead, or led, to: whoever may read it may read these.
reach = Table(
    "reach",
    metadata,
    Column("model", ForeignKey("model.key", ondelete="CASCADE"), primary_key=True),
    Column("object", LargeBinary(32), primary_key=True),
)
Index("reach_object", reach.c.object)

# Versions as they are searched and shown.
version = Table(
    "version",
    metadata,
    Column("model", ForeignKey("model.key", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False),
    Column("parcel", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("tags", Text, nullable=False),  # JSON, as the rest
    Column("metrics", Text, nullable=False),
    Column("settings", Text, nullable=False),
    Column("templates", Text, nullable=False),  # of its network's layers, how many of each
    Column("parameters", BigInteger, nullable=False),  # elements of the last snapshot
    Column("size", BigInteger, nullable=False),  # bytes of its files
    Column("files", Integer, nullable=False),
    Column("words", Text, nullable=False),  # in lower case: what a search looks at
)
Index("version_id", version.c.id)

# SHA-256 of files, by which clients of other hubs know them; found when one first asks.
digest = Table(
    "digest",
    metadata,
    Column("file", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
)
