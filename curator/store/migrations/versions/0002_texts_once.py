"""Every text once and short: outputs shared with prompts, prompts as pairs of ids, keys as bytes.

It also says how far a source is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ROWS = 1000
_ROLES = ["system", "user", "assistant", "tool"]

Row = dict[str, Any]

_CALL: Row = {
    "name": "",
    "arguments": {},
    "span": None,
    "syntax": "",
    "status": "ok",
    "typed": True,
    "id": None,
}
_REST: Row = {
    "timestamp": None,
    "model": None,
    "labels": {},
    "provider": None,
    "finish_reason": None,
    "outcomes": [],
    "tools_in_prompt": False,
    "structured": False,
}


def upgrade() -> None:
    """Rebuild what is stored by the million; ids stay what they are."""
    _part_hashes("message", _message)
    _part_hashes("toolset", lambda row: row)
    _rebuild_prompts()
    _rebuild_texts()
    _rebuild_turns()
    _rebuild_calls()
    _rebuild_sources()
    op.drop_index(op.f("ix_session_source_id"), "session")
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


def _copy(old: str, new: str, old_columns: str, new_columns: str, change: Callable[[Row], Row]) -> None:
    """Fill a table from one with a number as its first column, changing each row."""
    connection = op.get_bind()
    source = sa.table(old, *map(sa.column, old_columns.split()))
    target = sa.table(new, *map(sa.column, new_columns.split()))
    number, last = next(iter(source.c)), -1
    query = sa.select(source).order_by(number).limit(_ROWS)
    while rows := connection.execute(query.where(number > last)).all():
        connection.execute(sa.insert(target), [change(dict(row._mapping)) for row in rows])
        last = rows[-1][0]


def _replace(table: str) -> None:
    """Put the new table in the place of the old one; who refers to it refers to the new one."""
    connection = op.get_bind()
    users = [] if connection.dialect.name == "sqlite" else _users(connection, table)
    for user, key in users:
        op.drop_constraint(key["name"], user, type_="foreignkey")
    op.drop_table(table)
    op.rename_table(f"{table}_new", table)
    for user, key in users:
        op.create_foreign_key(key["name"], user, table, key["constrained_columns"], ["id"])


def _users(connection: sa.Connection, table: str) -> list[tuple[str, Any]]:
    """Return the tables that refer to one, each with its foreign key."""
    inspector = sa.inspect(connection)
    return [
        (name, key)
        for name in inspector.get_table_names()
        for key in inspector.get_foreign_keys(name)
        if key["referred_table"] == table and name != table
    ]


def _part_hashes(table: str, change: Callable[[Row], Row]) -> None:
    """Move the hashes of a table to one that is sorted by them."""
    op.create_table(
        f"{table}_new",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        f"{table}_hash",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["id"], [f"{table}.id"]),
        sa.PrimaryKeyConstraint("hash"),
        sqlite_with_rowid=False,
    )
    op.execute(f"INSERT INTO {table}_hash (hash, id) SELECT hash, id FROM {table} ORDER BY hash")  # noqa: S608
    _copy(table, f"{table}_new", "id body", "id body", change)
    _replace(table)


def _message(row: Row) -> Row:
    message = json.loads(row["body"])
    role = message.get("role", "")
    values = [
        _ROLES.index(role) if role in _ROLES else role,
        message.get("content", ""),
        message.get("name"),
        message.get("tool_call_id"),
        message.get("thinking"),
        [_call(call) for call in message.get("tool_calls", [])],
    ]
    return row | {"body": _dump(_trimmed(values, ["", "", None, None, None, []]))}


def _call(call: Row) -> list[Any]:
    return _fields(call, _CALL)


def _fields(value: Row, usual: Row) -> list[Any]:
    return _trimmed([value.get(name, default) for name, default in usual.items()], list(usual.values()))


def _trimmed(values: list[Any], usual: list[Any]) -> list[Any]:
    """Leave out what is as usual at the end."""
    while values and values[-1] == usual[len(values) - 1]:
        values = values[:-1]
    return values


def _dump(value: list[Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


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
    _copy(
        "turn_text",
        "turn_text_new",
        "turn_id prompt_id toolset_id raw output rest",
        "turn_id prompt_id toolset_id path start end line raw output rest",
        _text,
    )
    _replace("turn_text")
    _replace("prompt")


def _text(row: Row) -> Row:
    """Move the place in the log to columns of its own, and write the rest as arrays.

    What the first version left out of ``output`` was empty; now what is left out is cut from ``raw``.
    """
    rest, output = json.loads(row["rest"]), json.loads(row["output"])
    place: Row = rest["source"]
    return row | place | {"output": _output(output, row["raw"]), "rest": _dump(_fields(rest, _REST))}


def _output(output: Row, raw: str) -> str:
    thinking_span, content_spans = output.get("thinking_span"), output.get("content_spans", [])
    thinking, content = output.get("thinking"), output.get("content")
    cut_thinking = (raw[slice(*thinking_span)] or None) if thinking_span else None
    cut_content = "".join(raw[start:end] for start, end in content_spans) or None
    values = [
        thinking_span,
        content_spans,
        [_call(call) for call in output.get("tool_calls", [])],
        output.get("problems", []),
        None if thinking == cut_thinking else [thinking],
        None if content == cut_content else [content],
    ]
    return _dump(_trimmed(values, [None, [], [], [], None, None]))


def _rebuild_turns() -> None:
    """Keep keys as bytes."""
    op.create_table(
        "turn_new",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("thinks", sa.Boolean(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("suspicion", sa.Float(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"]),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    columns = "id key session_id source_id idx tier origin calls thinks errors warnings suspicion state"
    _copy("turn", "turn_new", columns, columns, lambda row: row | {"key": bytes.fromhex(row["key"])})
    _replace("turn")
    op.create_index("ix_turn_queue", "turn", ["state", "suspicion", "id"], unique=False)
    op.create_index("ix_turn_session", "turn", ["session_id", "idx"], unique=False)
    op.create_index("ix_turn_tier", "turn", ["tier"], unique=False)


def _rebuild_calls() -> None:
    op.create_table(
        "turn_call_new",
        sa.Column("turn_id", sa.Integer(), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["turn_id"], ["turn.id"]),
        sa.PrimaryKeyConstraint("turn_id", "idx"),
        sqlite_with_rowid=False,
    )
    columns = "turn_id, idx, name, status"
    op.execute(f"INSERT INTO turn_call_new ({columns}) SELECT {columns} FROM turn_call")  # noqa: S608
    _replace("turn_call")
    op.create_index("ix_turn_call_name", "turn_call", ["name", "turn_id"], unique=False)


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
    _replace("source")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('source', 'id'), max(id)) FROM source")
    op.create_index(op.f("ix_source_path"), "source", ["path"], unique=False)
