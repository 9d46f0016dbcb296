"""Preferences between candidates: the texts that were compared, and how many comparisons stand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the count; nothing was compared before."""
    op.create_table(
        "candidate",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("resolution") as table:
        table.add_column(sa.Column("preferences", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop what was added."""
    with op.batch_alter_table("resolution") as table:
        table.drop_column("preferences")
    op.drop_table("candidate")
