"""Networks: their layer graphs as relations."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the relations of networks; no version of an older catalog names a network."""
    op.create_index(op.f("ix_version_network"), "version", ["network"], unique=False)
    op.create_table(
        "network",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("dialect", sa.String(), nullable=False),
        sa.Column("partial", sa.String(), nullable=True),
        sa.Column("nodes", sa.Integer(), nullable=False),
        sa.Column("edges", sa.Integer(), nullable=False),
        sa.Column("parameters", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id"),
    )
    _of_network(
        "node",
        sa.Column("position", sa.Integer(), nullable=False),
        *_texts("name", "alias", "scope", "template", "kind", "op", "attributes"),
        sa.Column("shape", sa.String(), nullable=True),
        sa.Column("dtype", sa.String(), nullable=True),
        sa.Column("parameters", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("network", "position"),
    )
    op.create_index("ix_node_name", "node", ["network", "name"], unique=True)
    op.create_index("ix_node_template", "node", ["template", "kind", "network"], unique=False)
    _of_network(
        "edge",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("target", "slot", "source")),
        sa.PrimaryKeyConstraint("network", "target", "slot"),
    )
    op.create_index("ix_edge_source", "edge", ["network", "source"], unique=False)
    _of_network(
        "hop",
        *_texts("source", "target", "source_template", "source_kind"),
        *_texts("target_template", "target_kind"),
        sa.PrimaryKeyConstraint("network", "source", "target"),
    )
    found = ["target_template", "target_kind"]
    op.create_index("ix_hop_source", "hop", ["source", *found, "network"], unique=False)
    op.create_index("ix_hop_target", "hop", ["network", *found, "source"], unique=False)
    _of_network(
        "template_count",
        *_texts("template", "kind"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("network", "template", "kind"),
    )
    op.create_index(
        "ix_template_count_template", "template_count", ["template", "kind", "count"], unique=False
    )
    _of_network(
        "network_tensor",
        sa.Column("tensor", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tensor"], ["tensor.key"]),
        sa.PrimaryKeyConstraint("network", "tensor"),
    )
    op.create_index(op.f("ix_network_tensor_tensor"), "network_tensor", ["tensor"], unique=False)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _of_network(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("network", sa.Integer(), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(["network"], ["network.key"]),
        sqlite_with_rowid=False,
    )
