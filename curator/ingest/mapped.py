"""Reads rows whose columns a mapping file names: a dialogue in each row, or a message in each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from curator.ingest.arrays import read_rows
from curator.ingest.columns import column_tools, columns_dialogue
from curator.ingest.dialogue import Frame, Spoken
from curator.ingest.heard import Heard, heard_message, session_items
from curator.ingest.identity import prompt_digest, session_key
from curator.ingest.items import Item, Loss, Options, Seen, Source
from curator.ingest.lines import BadRow, Line, decode, decode_row
from curator.ingest.mapping import Columns
from curator.ingest.rows import Fields, Tools
from curator.model import SourceRef

_ROLES = {"human": "user", "ai": "assistant", "bot": "assistant", "gpt": "assistant", "model": "assistant"}
_NO_ANSWER = "there is no message of the assistant, so there is nothing to review."


class _Cells(NamedTuple):
    """A row that can be read, and its place."""

    fields: Fields
    place: SourceRef


def mapped_items(source: Source, options: Options, columns: Columns, reader: str) -> Iterator[Item]:
    """Yield the sessions and turns of a file of rows; ``reader`` is the name that keys are made with.

    Raises:
        OSError: The file cannot be read.
    """
    if source.path.stat().st_size == 0:
        yield Loss("dropped", "empty_file", "the file is empty.", source.shown)
        return
    reading = _Mapped(source, options, columns, reader)
    for line in read_rows(source.path):
        row = decode_row(line)
        if isinstance(row, BadRow):
            yield from reading.drop(line.number, row)
            continue
        for code, sentence in row.repaired:
            yield Loss("repaired", code, sentence, source.shown, line.number)
        yield from reading.row(_Cells(Fields(row.fields), _place(source, line)))
    yield from reading.talk()


def _place(source: Source, line: Line) -> SourceRef:
    return SourceRef(str(source.path), line.start, line.end, line.number)


class _Mapped:
    """One pass over the rows, with the messages of the session that is open."""

    def __init__(self, source: Source, options: Options, columns: Columns, reader: str) -> None:
        self._source, self._options, self._reader = source, options, reader
        self._columns, self._labels = columns.named(), columns.labels
        self._occurrences: Counter[str] = Counter()
        self._answers: Counter[str] = Counter()
        self._open: list[Heard] = []
        self._first: _Cells | None = None

    def row(self, cells: _Cells) -> Iterator[Item]:
        """Yield the dialogue of a row, or the session that ended before it."""
        if "role" not in self._columns:
            yield from self._dialogue(cells)
            return
        if self._first and self._text(cells, "session") != self._text(self._first, "session"):
            yield from self.talk()
        self._first = self._first or cells
        self._open.append(self._message(cells))

    def drop(self, line: int, bad: BadRow) -> Iterator[Item]:
        """Yield the loss of one row."""
        yield Seen(1)
        yield Loss("dropped", bad.code, bad.message, self._source.shown, line, records=1)

    def _dialogue(self, cells: _Cells) -> Iterator[Item]:
        said = columns_dialogue(cells.fields, self._columns)
        if isinstance(said, BadRow):
            yield from self.drop(cells.place.line, said)
            return
        spoken = said.branches[0].spoken
        heard = [Heard(one, cells.place, given=at < said.context) for at, one in enumerate(spoken)]
        session = self._text(cells, "session")
        if session:
            key = session_key(self._reader, "session", session)
        else:
            content = session_key(self._reader, "row", prompt_digest(one.digest for one in spoken))
            key = session_key(self._reader, content, self._occurrences[content])
            self._occurrences[content] += 1
        name = session or f"{self._source.path.stem}:{cells.place.line}"
        yield from self._session(name, heard, self._frame(cells, key, said.tools or Tools()))

    def talk(self) -> Iterator[Item]:
        """Yield the session whose messages were read last; rows of one session stand together."""
        if self._first is None:
            return
        first, heard = self._first, self._open
        self._first, self._open = None, []
        session = self._text(first, "session") or ""
        again = self._occurrences[session]
        self._occurrences[session] += 1
        if again:
            sentence = f"rows of session {session} stand apart; sort the table by session and time."
            yield Loss("repaired", "split_session", sentence, self._source.shown, first.place.line)
        key = session_key(self._reader, "messages", session, again)
        tools = column_tools(first.fields, self._columns, [one.spoken for one in heard])
        yield from self._session(session, heard, self._frame(first, key, tools))

    def _message(self, cells: _Cells) -> Heard:
        given = {name: cells.fields.get(column) for name, column in self._columns.items()}
        role, calls = str(given["role"] or "user").lower(), given.get("tool_calls")
        value = {
            "role": _ROLES.get(role, role),
            "content": given["content"],
            "reasoning_content": given.get("thinking"),
            "tool_calls": decode(calls.encode("utf-8", "replace")) if isinstance(calls, str) else calls,
            **{name: given.get(name) for name in ("name", "tool_call_id", "model", "timestamp")},
        }
        return heard_message({name: one for name, one in value.items() if one is not None}, cells.place)

    def _session(self, name: str, heard: list[Heard], frame: Frame) -> Iterator[Item]:
        if not any(one.spoken.message.role == "assistant" and not one.given for one in heard):
            yield from self.drop(heard[0].source.line, BadRow("no_assistant", _NO_ANSWER))
            return
        self._answers[frame.session] += _count([one.spoken for one in heard])
        yield from session_items(name, [(heard, frame)], self._source.shown)

    def _frame(self, cells: _Cells, key: str, tools: Tools) -> Frame:
        tier = self._options.tier if self._options.tier is not None else self._text(cells, "tier")
        labels = {name: cells.fields.get(name) for name in self._labels}
        return Frame(
            session=key,
            source=cells.place,
            first_index=self._answers[key],
            tools=tools.specs,
            tools_in_prompt=tools.in_prompt,
            tier=tier or "",
            origin=self._options.origin,
            model=self._text(cells, "model"),
            provider=self._text(cells, "provider"),
            timestamp=self._text(cells, "timestamp"),
            labels={name: value for name, value in labels.items() if value is not None},
        )

    def _text(self, cells: _Cells, name: str) -> str | None:
        return cells.fields.text(self._columns[name]) if name in self._columns else None


def _count(spoken: list[Spoken]) -> int:
    return sum(one.message.role == "assistant" for one in spoken)
