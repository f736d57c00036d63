"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all relations."""
    op.create_table(
        "counter", sa.Column("seq", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("seq")
    )
    op.create_table(
        "model",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "pack",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "tensor",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("dtype", sa.String(), nullable=False),
        sa.Column("shape", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("min", sa.Float(), nullable=True),
        sa.Column("max", sa.Float(), nullable=True),
        sa.Column("mean", sa.Float(), nullable=True),
        sa.Column("std", sa.Float(), nullable=True),
        sa.Column("zeros", sa.Integer(), nullable=True),
        sa.Column("nans", sa.Integer(), nullable=True),
        sa.Column("infinities", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "version",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=True),
        sa.Column("history", sa.String(length=64), nullable=True),
        sa.Column("removed", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("name", "number"),
    )
    op.create_table(
        "alias",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"],
            ["version.key"],
        ),
        sa.PrimaryKeyConstraint("name", "alias"),
    )
    op.create_index(op.f("ix_alias_version"), "alias", ["version"], unique=False)
    op.create_table(
        "blob",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("raw_size", sa.Integer(), nullable=False),
        sa.Column("base", sa.String(length=64), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("pack", sa.Integer(), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("checksum", sa.String(length=16), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["pack"],
            ["pack.key"],
        ),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id"),
    )
    op.create_index(op.f("ix_blob_pack"), "blob", ["pack"], unique=False)
    op.create_table(
        "hyperparameter",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"],
            ["version.key"],
        ),
        sa.PrimaryKeyConstraint("version", "name"),
    )
    op.create_table(
        "metric",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("annotated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"],
            ["version.key"],
        ),
        sa.PrimaryKeyConstraint("version", "name", "annotated"),
    )
    op.create_table(
        "note",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"],
            ["version.key"],
        ),
        sa.PrimaryKeyConstraint("version", "name"),
    )
    op.create_table(
        "parent",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("base", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"],
            ["version.key"],
        ),
        sa.PrimaryKeyConstraint("version", "position"),
    )
    op.create_index(op.f("ix_parent_base"), "parent", ["base"], unique=False)
    op.create_table(
        "snapshot",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("parameters", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"],
            ["version.key"],
        ),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("version", "name"),
        sa.UniqueConstraint("version", "position"),
    )
    op.create_table(
        "tag",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"],
            ["version.key"],
        ),
        sa.PrimaryKeyConstraint("name", "tag"),
    )
    op.create_index(op.f("ix_tag_version"), "tag", ["version"], unique=False)
    op.create_table(
        "copy",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("tensor", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("encoding", sa.String(), nullable=False),
        sa.Column("base", sa.String(length=64), nullable=True),
        sa.Column("levels", sa.Integer(), nullable=False),
        sa.Column("groups", sa.Integer(), nullable=False),
        sa.Column("group_size", sa.Integer(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=True),
        sa.Column("block_offset", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["block"],
            ["blob.key"],
        ),
        sa.ForeignKeyConstraint(
            ["tensor"],
            ["tensor.key"],
        ),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("tensor"),
    )
    op.create_index(op.f("ix_copy_block"), "copy", ["block"], unique=False)
    op.create_table(
        "file",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("recipe", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipe"],
            ["blob.key"],
        ),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "record",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("blob", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["blob"],
            ["blob.key"],
        ),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("blob"),
    )
    op.create_table(
        "snapshot_metric",
        sa.Column("snapshot", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot"],
            ["snapshot.key"],
        ),
        sa.PrimaryKeyConstraint("snapshot", "name"),
    )
    op.create_table(
        "snapshot_tensor",
        sa.Column("snapshot", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tensor", sa.Integer(), nullable=False),
        sa.Column("view", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["snapshot"],
            ["snapshot.key"],
        ),
        sa.ForeignKeyConstraint(
            ["tensor"],
            ["tensor.key"],
        ),
        sa.PrimaryKeyConstraint("snapshot", "position"),
        sa.UniqueConstraint("snapshot", "name"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_snapshot_tensor_tensor"), "snapshot_tensor", ["tensor"], unique=False)
    op.create_table(
        "file_blob",
        sa.Column("file", sa.Integer(), nullable=False),
        sa.Column("blob", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["blob"],
            ["blob.key"],
        ),
        sa.ForeignKeyConstraint(
            ["file"],
            ["file.key"],
        ),
        sa.PrimaryKeyConstraint("file", "blob"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_file_blob_blob"), "file_blob", ["blob"], unique=False)
    op.create_table(
        "file_tensor",
        sa.Column("file", sa.Integer(), nullable=False),
        sa.Column("tensor", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file"],
            ["file.key"],
        ),
        sa.ForeignKeyConstraint(
            ["tensor"],
            ["tensor.key"],
        ),
        sa.PrimaryKeyConstraint("file", "tensor"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_file_tensor_tensor"), "file_tensor", ["tensor"], unique=False)
    op.create_table(
        "segment",
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("first_group", sa.Integer(), nullable=False),
        sa.Column("groups", sa.Integer(), nullable=False),
        sa.Column("pack", sa.Integer(), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("checksum", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["copy"],
            ["copy.key"],
        ),
        sa.ForeignKeyConstraint(
            ["pack"],
            ["pack.key"],
        ),
        sa.PrimaryKeyConstraint("copy", "level", "first_group"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_segment_pack"), "segment", ["pack"], unique=False)
    op.create_table(
        "version_file",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("file", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("snapshot", sa.String(), nullable=True),
        sa.Column("executable", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file"],
            ["file.key"],
        ),
        sa.ForeignKeyConstraint(
            ["version"],
            ["version.key"],
        ),
        sa.PrimaryKeyConstraint("version", "path"),
    )
    op.create_index(op.f("ix_version_file_file"), "version_file", ["file"], unique=False)
    op.execute("insert into counter values (0)")
