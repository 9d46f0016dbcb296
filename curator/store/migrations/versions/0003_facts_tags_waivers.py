"""Tags, redactions and agreement of turns, what rows show, and gates that were waived."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and tables; the number of reviewers of old decisions is at least one."""
    with op.batch_alter_table("resolution") as table:
        table.add_column(sa.Column("tags", sa.Text(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("redactions", sa.Integer(), nullable=True))
        table.add_column(sa.Column("reviewers", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("agreed", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "row_facts",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"]),
        sa.PrimaryKeyConstraint("decision_id"),
    )
    op.create_table(
        "waiver",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gate", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_waiver_gate"), "waiver", ["gate"], unique=False)


def downgrade() -> None:
    """Drop what was added."""
    op.drop_table("waiver")
    op.drop_table("row_facts")
    with op.batch_alter_table("resolution") as table:
        for name in ("agreed", "reviewers", "redactions", "tags"):
            table.drop_column(name)
