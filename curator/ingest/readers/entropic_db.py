"""Reads entropic.db, the conversation store of entropic since 1.8.8.

Tables and columns are those of the migrations in ``src/storage/database.cpp`` of tvanfossen/entropic 2.10.4.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from curator.ingest.databases import MAGIC, opened, table_names, unsaved
from curator.ingest.dialogue import Frame
from curator.ingest.heard import Heard, heard_message, session_items
from curator.ingest.identity import session_key
from curator.ingest.items import Item, Loss, Options, Reader, Seen, Source
from curator.ingest.lines import decode, json_text
from curator.ingest.messages import label_fields
from curator.ingest.registry import register
from curator.model import SourceRef, Turn

_TABLES = {"conversations", "messages", "tool_executions"}
_FAILED = {"error", "timeout"}


@register
class EntropicDatabaseReader(Reader):
    """A session per conversation, a turn per assistant message, results from ``tool_executions``."""

    name = "entropic-db"
    title = "a database of entropic (entropic.db)"
    suffixes = (".db", ".sqlite", ".sqlite3")

    def sniff(self, path: Path, head: bytes) -> float:
        """Know the database by its tables."""
        return 0.95 if head.startswith(MAGIC) and table_names(path) >= _TABLES else 0.0

    def read(self, source: Source, options: Options) -> Iterator[Item]:
        """Yield the conversations in the order in which they began."""
        yield from unsaved(source.path, source.shown)
        try:
            with opened(source.path) as connection:
                yield from _Database(connection, source, options).items()
        except sqlite3.Error as error:
            yield Seen(1)
            yield Loss(
                "dropped", "bad_database", f"the database cannot be read: {error}.", source.shown, records=1
            )


class _Database:
    """One pass over the tables."""

    def __init__(self, connection: sqlite3.Connection, source: Source, options: Options) -> None:
        self._connection, self._source, self._options = connection, source, options
        self._size = source.path.stat().st_size
        self._durations: dict[int, list[float | None]] = {}
        """How long the calls of a message took, by its row."""

    def items(self) -> Iterator[Item]:
        """Yield all conversations, and what the tables do not tell."""
        delegations = self._delegations()
        for row in self._connection.execute("SELECT * FROM conversations ORDER BY created_at, rowid"):
            yield from self._conversation(row, delegations.get(row["id"]))
        yield from self._compactions()

    def _delegations(self) -> dict[str, sqlite3.Row]:
        if "delegations" not in table_names(self._source.path):
            return {}
        rows = self._connection.execute("SELECT * FROM delegations")
        return {row["child_conversation_id"]: row for row in rows}

    def _conversation(self, row: sqlite3.Row, delegation: sqlite3.Row | None) -> Iterator[Item]:
        heard: list[Heard] = []
        tier = delegation["target_tier"] if delegation else ""
        order = "SELECT rowid AS place, * FROM messages WHERE conversation_id = ? ORDER BY created_at, rowid"
        for message in self._connection.execute(order, (row["id"],)):
            tier = tier or message["identity_tier"] or ""
            heard += self._message(message)
        frame = Frame(
            session=session_key(self._name, row["id"]),
            source=self._place(0),
            tier=tier if self._options.tier is None else self._options.tier,
            origin=self._options.origin,
            model=row["model_id"] or None,
            timestamp=row["created_at"],
            labels=_labels(row, delegation),
        )
        items = session_items(row["id"], [(heard, frame)], self._source.shown, title=row["title"] or "")
        for item in items:
            yield self._timed(item) if isinstance(item, Turn) else item

    @property
    def _name(self) -> str:
        return EntropicDatabaseReader.name

    def _message(self, row: sqlite3.Row) -> list[Heard]:
        """Return a message and the results of its calls."""
        place = self._place(row["place"])
        value = {"role": row["role"], "content": row["content"], "timestamp": row["created_at"]}
        calls = decode((row["tool_calls"] or "[]").encode())
        if calls:
            value["tool_calls"] = calls
        query = "SELECT * FROM tool_executions WHERE message_id = ? ORDER BY created_at, rowid"
        executed = self._connection.execute(query, (row["id"],)).fetchall()
        self._durations[row["place"]] = [result["duration_ms"] for result in executed]
        results = [heard_message(_result(result), place) for result in executed]
        return [heard_message(value, place), *(results or self._own_results(row, place))]

    def _timed(self, turn: Turn) -> Turn:
        """Add how long each call took; executions and outcomes of a message stand in the same order."""
        durations = self._durations.get(turn.source.line, [])
        if not turn.outcomes or len(durations) != len(turn.outcomes):
            return turn
        timed = zip(turn.outcomes, durations, strict=True)
        return replace(turn, outcomes=tuple(replace(one, elapsed_ms=took) for one, took in timed))

    @staticmethod
    def _own_results(row: sqlite3.Row, place: SourceRef) -> list[Heard]:
        given = decode((row["tool_results"] or "[]").encode())
        texts = [_text(entry) for entry in given] if isinstance(given, list) else []
        return [heard_message({"role": "tool", "content": text}, place) for text in texts]

    def _compactions(self) -> Iterator[Loss]:
        if "compaction_snapshots" not in table_names(self._source.path):
            return
        (count,) = self._connection.execute("SELECT COUNT(*) FROM compaction_snapshots").fetchone()
        if count:
            sentence = f"histories were compacted {count} times; later prompts were shorter than they show."
            yield Loss("repaired", "compacted", sentence, self._source.shown)

    def _place(self, row: int) -> SourceRef:
        """A row has no bytes of its own: the place is the whole file, the line its row id."""
        return SourceRef(str(self._source.path), 0, self._size, row)


def _labels(row: sqlite3.Row, delegation: sqlite3.Row | None) -> dict[str, Any]:
    """Return the labels that the metadata of a conversation holds, and how its delegation ended."""
    metadata = decode((row["metadata"] or "{}").encode()) if "metadata" in row.keys() else None  # noqa: SIM118
    labels = label_fields(metadata.get) if isinstance(metadata, dict) else {}
    return labels | ({"delegation": delegation["status"]} if delegation else {})


def _result(row: sqlite3.Row) -> dict[str, Any]:
    name, server = row["tool_name"], row["server_name"]
    full = name if not server or name.startswith(f"{server}.") else f"{server}.{name}"
    failed = row["status"] in _FAILED
    return {"role": "tool", "content": row["result"] or "", "name": full, "is_error": failed}


def _text(entry: Any) -> str:
    if isinstance(entry, dict):
        entry = entry.get("content", entry.get("result", entry))
    return entry if isinstance(entry, str) else json_text(entry)
