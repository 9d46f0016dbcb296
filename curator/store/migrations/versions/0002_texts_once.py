"""Every text once: outputs shared with prompts, prompts as pairs of ids, and how far a source is read."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ROWS = 1000


def upgrade() -> None:
    """Rebuild prompts and turn texts; ids stay what they are."""
    _rebuild_prompts()
    _rebuild_texts()
    _rebuild_sources()
    op.create_table(
        "segment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("lineage", sa.LargeBinary(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_segment_source_id"), "segment", ["source_id"], unique=False)


def _rebuild_prompts() -> None:
    op.create_table(
        "prompt_new",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("parent_id", "message_id"),
    )
    op.execute(
        "INSERT INTO prompt_new (id, parent_id, message_id) "
        "SELECT id, coalesce(parent_id, 0), message_id FROM prompt"
    )


def _rebuild_texts() -> None:
    op.create_table(
        "turn_text_new",
        sa.Column("turn_id", sa.Integer(), nullable=False),
        sa.Column("prompt_id", sa.Integer(), nullable=True),
        sa.Column("toolset_id", sa.Integer(), nullable=True),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("rest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["message.id"]),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompt.id"]),
        sa.ForeignKeyConstraint(["toolset_id"], ["toolset.id"]),
        sa.ForeignKeyConstraint(["turn_id"], ["turn.id"]),
        sa.PrimaryKeyConstraint("turn_id"),
    )
    connection = op.get_bind()
    old = sa.table(
        "turn_text", *map(sa.column, ["turn_id", "prompt_id", "toolset_id", "raw", "output", "rest"])
    )
    names = ["turn_id", "prompt_id", "toolset_id", "path", "start", "end", "line", "raw", "output", "rest"]
    new = sa.table("turn_text_new", *map(sa.column, names))
    last = -1
    while rows := connection.execute(
        sa.select(old).where(old.c.turn_id > last).order_by(old.c.turn_id).limit(_ROWS)
    ).all():
        connection.execute(sa.insert(new), [_with_place(dict(row._mapping)) for row in rows])
        last = rows[-1].turn_id
    op.drop_table("turn_text")
    op.rename_table("turn_text_new", "turn_text")
    op.drop_table("prompt")
    op.rename_table("prompt_new", "prompt")


def _with_place(row: dict[str, Any]) -> dict[str, Any]:
    """Move the place in the log from the JSON of the rest to columns of its own.

    What the first version left out of ``output`` was empty; now what is left out is cut from ``raw``.
    """
    rest, output = json.loads(row["rest"]), json.loads(row["output"])
    row |= rest.pop("source")
    output = {"thinking": None, "content": None, **output}
    row["output"] = json.dumps(output, ensure_ascii=False)
    row["rest"] = json.dumps(rest, ensure_ascii=False)
    return row


def _rebuild_sources() -> None:
    op.create_table(
        "source_new",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("ingested_at", sa.String(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    columns = "id, path, format, reader, sha256, size, origin, ingested_at, report"
    op.execute(f"INSERT INTO source_new ({columns}, complete) SELECT {columns}, true FROM source")  # noqa: S608
    op.drop_table("source")
    op.rename_table("source_new", "source")
    op.create_index(op.f("ix_source_path"), "source", ["path"], unique=False)


def downgrade() -> None:
    """Refuse: the first version cannot hold what this one does.

    Raises:
        NotImplementedError: Always.
    """
    raise NotImplementedError("Schema 0002 cannot be turned back.")
