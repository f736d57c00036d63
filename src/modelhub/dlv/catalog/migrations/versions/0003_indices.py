"""What refers to a blob is found without reading all rows."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add indices of the columns that name recipes and histories."""
    op.create_index(op.f("ix_file_recipe"), "file", ["recipe"], unique=False)
    op.create_index(op.f("ix_version_history"), "version", ["history"], unique=False)
