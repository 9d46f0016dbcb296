"""Full-text search, saved views, and indexes for lists, for counts and for answers to the same prompt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_turn_suspicion": ("turn", ["suspicion", "id"]),
    "ix_turn_source": ("turn", ["source_id"]),
    "ix_turn_tier_state": ("turn", ["tier", "state"]),
    "ix_turn_text_prompt": ("turn_text", ["prompt_id"]),
}


def upgrade() -> None:
    """Make the tables; the text index is filled by the next ingest or search."""
    op.create_table(
        "saved_view",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("sort", sa.String(), nullable=False),
        sa.Column("reviewer", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    for name, (table, columns) in _INDEXES.items():
        op.create_index(name, table, columns)
    if op.get_bind().dialect.name == "sqlite":
        # Without content of its own: the texts stand in the other tables.
        op.execute(
            "CREATE VIRTUAL TABLE turn_search USING fts5("
            "asked, said, content='', tokenize='unicode61 remove_diacritics 2')"
        )
    else:
        op.execute(
            "CREATE TABLE turn_search "
            "(turn_id INTEGER PRIMARY KEY REFERENCES turn(id), words tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_turn_search_words ON turn_search USING gin (words)")


def downgrade() -> None:
    """Drop what was added."""
    op.execute("DROP TABLE turn_search")
    for name, (table, _) in _INDEXES.items():
        op.drop_index(name, table_name=table)
    op.drop_table("saved_view")
