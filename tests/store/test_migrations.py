"""A workspace of an earlier version opens as it was."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import msgspec
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

import curator.store
from curator.model import Correction, Message, Turn
from curator.store import Store
from curator.store.packing import digest
from tests.factories import DOOR, LIGHT, LOCK, ON, decide, fill, make_turn


def old_turn() -> Turn:
    """What the first version holds."""
    called = Message(
        "assistant", thinking="It is dark.", tool_calls=(ON, msgspec.structs.replace(LOCK, id="c1"))
    )
    return make_turn(
        7,
        prompt=(
            Message("system", "You run a home."),
            Message("user", 'Zoë says "go"\n'),
            called,
            Message("tool", "done", name="lock_door", tool_call_id="c1"),
            Message("assistant"),
            Message("developer", "3"),
        ),
        tools=(LIGHT, DOOR),
    )


def first_version(path: Path) -> sqlite3.Connection:
    """A database with the first tables."""
    config = Config()
    config.set_main_option("script_location", str(Path(curator.store.__file__).with_name("migrations")))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    return sqlite3.connect(path)


def fill_first(db: sqlite3.Connection) -> None:
    """One turn, as the first version stored it."""
    turn = old_turn()

    def add(table: str, **values: Any) -> None:
        marks = ", ".join("?" * len(values))
        db.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))  # noqa: S608

    add("source", id=1, path="log.jsonl", format="chat", reader="chat/1", sha256="00", size=9, origin="real",
        ingested_at="2026-01-01", report='{"turns": 1}')  # fmt: skip
    add("session", id=1, key="s1", source_id=1, name="first", tier="home")
    for number, message in enumerate(turn.prompt, 1):
        body = msgspec.json.encode(message, order="deterministic").decode()
        add("message", id=number, hash=digest(body.encode()), body=body)
        add("prompt", id=number, hash=bytes([number]) * 16, parent_id=number - 1 or None, message_id=number)
    tools = json.dumps(
        [
            {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
            for tool in turn.tools
        ]
    )
    add("toolset", id=1, hash=b"t" * 16, body=tools)
    add("turn", id=1, key=turn.key, session_id=1, source_id=1, idx=7, tier="home", origin="real", calls=1,
        thinks=1, errors=0, warnings=0, suspicion=0.0, state="undecided")  # fmt: skip
    call = turn.output.tool_calls[0]
    output = {
        "thinking": turn.output.thinking,
        "tool_calls": [
            {"name": call.name, "arguments": call.arguments, "syntax": call.syntax, "span": call.span}
        ],
        "thinking_span": turn.output.thinking_span,
    }
    rest = {"source": {"path": "log.jsonl", "start": 70, "end": 79, "line": 8}, "labels": {"passed": True}}
    add(
        "turn_text",
        turn_id=1,
        prompt_id=len(turn.prompt),
        toolset_id=1,
        raw=turn.raw,
        output=json.dumps(output),
        rest=json.dumps(rest),
    )
    add(
        "decision",
        turn_id=1,
        kind="verdict",
        act="a",
        reviewer="ann",
        at="2026",
        body='{"verdict":"correct"}',
    )
    add("resolution", turn_id=1, tier="home", state="correct", decision_id=1, reviewer="ann",
        call_class="one", sft_rows=1, pairs=0, kto_rows=1, marked=0)  # fmt: skip
    db.commit()
    db.close()


def test_the_first_version_opens_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    fill_first(first_version(path))
    store = Store.open(path)
    turn = store.turns.get(1)
    expected = old_turn()
    assert {f: getattr(turn, f) for f in turn.__struct_fields__ if f != "id"} == {
        f: getattr(expected, f) for f in turn.__struct_fields__ if f != "id"
    }
    assert turn.tools[0] == LIGHT and store.turns.find(expected.key[:31]) == 1
    assert [d.verdict for d in store.journal.history(1)] == ["correct"]
    (source,) = store.sources.all()
    assert source.complete and source.report == {"turns": 1}
    store.journal.append([decide(1, correction=Correction(content="No."))])
    assert store.journal.resolution(1).state == "corrected"
    store.close()
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_the_first_version_stored_is_not_stored_again(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    fill_first(first_version(path))
    store = Store.open(path)
    fill(store, [msgspec.structs.replace(old_turn(), key="f" * 32)])
    store.close()
    with sqlite3.connect(path) as db:
        (own, copy) = db.execute("SELECT prompt_id, output, rest FROM turn_text ORDER BY turn_id").fetchall()
        assert own == copy
        new_output = 1
        counted = db.execute("SELECT count(*), (SELECT count(*) FROM message_hash) FROM message").fetchone()
        assert counted == (len(old_turn().prompt) + new_output,) * 2
