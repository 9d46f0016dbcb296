"""Reads a SQLite database of any program, by the queries of a mapping file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from curator.ingest.databases import MAGIC, opened, unsaved
from curator.ingest.dialogue import Frame
from curator.ingest.heard import Heard, heard_call, heard_message, session_items
from curator.ingest.identity import session_key
from curator.ingest.items import Item, Loss, Options, Reader, Seen, Source
from curator.ingest.lines import decode
from curator.ingest.mapping import Mapping, Query
from curator.ingest.messages import label_fields
from curator.ingest.registry import register
from curator.model import SourceRef
from curator.parsing import tool_spec

_REQUIRED = {
    "messages": {"session", "role", "content"},
    "calls": {"message", "name", "arguments"},
    "results": {"call", "content"},
    "sessions": {"session"},
}
Record = dict[str, Any]


class _BadQueryError(Exception):
    """A query that fails, or does not give the columns that it must."""


@register
class SqliteReader(Reader):
    """Messages, calls and results out of three queries; a turn per message of the role ``assistant``."""

    name = "sqlite"
    title = "a SQLite database, read by a mapping file"
    suffixes = (".db", ".sqlite", ".sqlite3")

    def sniff(self, path: Path, head: bytes) -> float:
        """Know any database; a reader that knows its tables is surer."""
        return 0.2 if head.startswith(MAGIC) else 0.0

    def read(self, source: Source, options: Options) -> Iterator[Item]:
        """Yield the sessions in the order in which the messages query gives them."""
        if options.mapping is None:
            sentence = "a database needs a mapping file that says what is where: --map FILE."
            yield Loss("dropped", "no_mapping", sentence, source.shown)
            return
        yield from unsaved(source.path, source.shown)
        try:
            with opened(source.path) as connection:
                yield from _Mapped(connection, source, options, options.mapping).items()
        except (sqlite3.Error, _BadQueryError) as error:
            yield Loss("dropped", "bad_query", f"the database cannot be read so: {error}.", source.shown)


class _Mapped:
    """One pass over what the queries give."""

    def __init__(
        self, connection: sqlite3.Connection, source: Source, options: Options, mapping: Mapping
    ) -> None:
        self._connection, self._source, self._options = connection, source, options
        self._size = source.path.stat().st_size
        self._sessions = {str(row["session"]): row for row in self._rows("sessions", mapping.sessions)}
        self._calls: dict[str, list[Record]] = {}
        for row in self._rows("calls", mapping.calls):
            self._calls.setdefault(str(row["message"]), []).append(row)
        self._results = {str(row["call"]): row for row in self._rows("results", mapping.results)}
        self._messages = self._rows("messages", mapping.messages)

    def _rows(self, name: str, query: Query | None) -> Iterator[Record]:
        if query is None:
            return
        try:
            found = self._connection.execute(query.query)
        except sqlite3.Error as error:
            raise _BadQueryError(f"the query for {name}: {error}") from error
        columns = {str(column[0]) for column in found.description or ()}
        missing = _REQUIRED[name] - columns
        if missing:
            raise _BadQueryError(f"the query for {name} gives no column {', '.join(sorted(missing))}")
        for row in found:
            yield dict(row)

    def items(self) -> Iterator[Item]:
        """Yield each session when its last message was read; rows of one session stand together."""
        session, heard, number = "", list[Heard](), 0
        done: set[str] = set()
        for number, row in enumerate(self._messages, 1):
            if str(row["session"]) != session:
                yield from self._session(session, heard)
                done.add(session)
                session, heard = str(row["session"]), []
                if session in done:
                    raise _BadQueryError("the query for messages must be ordered by session")
            heard += self._message(row, number)
        yield from self._session(session, heard)
        if not number:
            yield Loss("dropped", "no_messages", "the query for messages gives no rows.", self._source.shown)

    def _message(self, row: Record, number: int) -> Iterator[Heard]:
        """Yield a message, then the results of its calls."""
        place = SourceRef(str(self._source.path), 0, self._size, number)
        calls = self._calls.get(str(row["message"]), []) if row.get("message") is not None else []
        value = {
            "role": row["role"],
            "content": _text(row["content"]),
            "reasoning_content": row.get("thinking"),
            "tool_calls": [heard_call(c["name"], c["arguments"], _id(c.get("call"))) for c in calls],
            "name": row.get("name"),
            "tool_call_id": _id(row.get("call")),
            "model": _id(row.get("model")),
            "timestamp": _id(row.get("timestamp")),
            "finish_reason": _id(row.get("finish_reason")),
            "labels": label_fields(row.get),
        }
        yield heard_message(value, place)
        for call in calls:
            result = self._results.get(str(call.get("call")))
            if result:
                yield heard_message(_result(call, result), place)

    def _session(self, session: str, heard: list[Heard]) -> Iterator[Item]:
        if not heard:
            return
        if not any(one.spoken.message.role == "assistant" for one in heard):
            sentence = f"session {session} has no message of the role assistant."
            yield Seen(1)
            line = heard[0].source.line
            yield Loss("dropped", "no_assistant", sentence, self._source.shown, line, records=1)
            return
        row = self._sessions.get(session, {})
        given = decode(_text(row.get("tools")).encode("utf-8", "replace"))
        tools = [tool_spec(entry) for entry in given] if isinstance(given, list) else []
        tier = _text(row.get("tier")) if self._options.tier is None else self._options.tier
        frame = Frame(
            session=session_key(SqliteReader.name, session),
            source=heard[0].source,
            tools=tuple(spec for spec in tools if spec),
            tier=tier,
            origin=self._options.origin,
            model=_id(row.get("model")),
            provider=_id(row.get("provider")),
            timestamp=_id(row.get("timestamp")),
            labels=label_fields(row.get),
        )
        yield from session_items(session, [(heard, frame)], self._source.shown, title=_text(row.get("name")))


def _result(call: Record, result: Record) -> dict[str, Any]:
    return {
        "role": "tool",
        "content": _text(result["content"]),
        "name": call["name"],
        "tool_call_id": _id(call["call"]),
        "is_error": bool(result.get("failed")),
    }


def _id(value: Any) -> str | None:
    return None if value is None else str(value)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)
