"""What the readers of row formats share: a row holds one dialogue, as JSON lines or one JSON array."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from curator.ingest.arrays import is_lines, outlines, read_rows
from curator.ingest.dialogue import Frame, Spoken, dialogue_turns
from curator.ingest.files import log_name
from curator.ingest.identity import PromptHash, fingerprint, message_digest, prompt_digest, session_key
from curator.ingest.items import Item, Loss, Options, Reader, Repeated, RowSession, Seen, Source
from curator.ingest.lineage import Lineage, settled
from curator.ingest.lines import BadRow, Line, Part, Row, decode, decode_row, read_lines
from curator.ingest.messages import BadMessage, label_fields, spoken_messages
from curator.model import Message, Role, SourceRef, ToolSpec, Turn
from curator.parsing import tool_spec, tools_from_text
from curator.store.rows import SessionInfo

_TOOL_FIELDS = ("tools", "functions")
_SESSION_FIELDS = ("session_id", "conversation_id")
_TIER_FIELDS = ("tier", "agent")
_TIME_FIELDS = ("timestamp", "created_at", "created", "time")
_NO_TOOLS = (b"null", b"[]", b'""', b'"[]"')
_messages_decoder = msgspec.json.Decoder(list[Raw])


class Tools(Struct, frozen=True):
    """The tools that a row offers."""

    specs: tuple[ToolSpec, ...] = ()
    in_prompt: bool = False
    unreadable: int = 0


class Branch(Struct, frozen=True):
    """The messages of a dialogue, or of one of several candidates for its end."""

    spoken: tuple[Spoken, ...]
    labels: dict[str, Any] = {}


class Dialogue(Struct, frozen=True):
    """What a row says. What stays empty is taken from the usual fields of the row."""

    branches: tuple[Branch, ...]
    """One; or candidates, which stand at the same place of one session."""
    context: int = 0
    """So many messages at the start were given: they are prompt, never a turn."""
    tools: Tools | None = None
    tier: str | None = None
    model: str | None = None
    provider: str | None = None
    labels: dict[str, Any] = {}
    repaired: tuple[tuple[str, str], ...] = ()
    """(code, sentence) of what had to be mended to read the row."""


class Fields:
    """The fields of a row, decoded when asked for."""

    def __init__(self, fields: Mapping[str, Raw]) -> None:
        self._fields = fields

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def get(self, name: str) -> Any:
        """Return the value of a field, ``None`` where it is missing or cannot be represented."""
        return decode(self._fields[name]) if name in self._fields else None

    def exact(self, name: str) -> bytes:
        """Return the JSON text of a field, ``null`` where it is missing."""
        return bytes(self._fields.get(name, b"null"))

    def text(self, *names: str) -> str | None:
        """Return the first of these fields that holds text or a number."""
        for name in names:
            if (
                name in self._fields
                and isinstance(value := self.get(name), str | int | float)
                and value != ""
            ):
                return str(value)
        return None


class RowReader(Reader):
    """A reader of files whose rows are dialogues. A subclass says what a row looks like and holds."""

    suffixes = (".jsonl", ".ndjson", ".json")

    @abstractmethod
    def recognises(self, row: Mapping[str, bytes]) -> float:
        """Return how sure it is, from the JSON texts of a row's fields (the last may be cut off)."""

    @abstractmethod
    def dialogue(self, fields: Fields) -> Dialogue | BadRow:
        """Return what the row says, or why it cannot be read."""

    def sniff(self, path: Path, head: bytes) -> float:
        """Ask about the first rows of the file."""
        return max((self.recognises(row) for row in outlines(head)), default=0.0)

    def read(self, source: Source, options: Options) -> Iterator[Item]:
        """Yield the turns of all rows; a bad row is one loss."""
        return settled(self.pieces(source, options))

    def is_divisible(self, source: Source) -> bool:
        """JSON lines can be read from any line on."""
        return is_lines(source.path)

    def pieces(self, source: Source, options: Options, part: Part | None = None) -> Iterator[Item]:
        """Yield the rows of the file, or of a part of it."""
        if source.path.stat().st_size == 0:
            yield Loss("dropped", "empty_file", "the file is empty.", source.shown)
            return
        reading = _Reading(self, source, options)
        for line in read_lines(source.path, part) if part else read_rows(source.path):
            yield from reading.line(line)


class _Place(NamedTuple):
    """Where a row belongs, as far as its own part of the file tells."""

    session: str
    history: int
    ends: tuple[int, ...] = ()


class _Reading:
    """One pass over a file, with what has to be remembered between its rows."""

    def __init__(self, reader: RowReader, source: Source, options: Options) -> None:
        self._reader, self._source, self._options = reader, source, options
        self._lineage = Lineage()
        self._emitted: set[int] = set()

    def line(self, line: Line) -> Iterator[Item]:
        """Yield what one row holds."""
        row = decode_row(line)
        if isinstance(row, BadRow):
            yield from self._drop(line, row)
            return
        said = self._said(row)
        if isinstance(said, BadRow):
            yield from self._drop(line, said)
            return
        yield Seen(_answers(said))
        for code, sentence in (*row.repaired, *said.repaired, *_call_problems(said)):
            yield self._repaired(line, code, sentence)
        yield from self._turns(line, Fields(row.fields), said)

    def _drop(self, line: Line, bad: BadRow) -> Iterator[Item]:
        yield Seen(1)
        yield Loss("dropped", bad.code, bad.message, self._source.shown, line.number, records=1)

    def _said(self, row: Row) -> Dialogue | BadRow:
        said = self._reader.dialogue(Fields(row.fields))
        if isinstance(said, BadRow) or _answers(said):
            return said
        return BadRow(
            "no_assistant", "the row has no answer of the assistant, so there is nothing to review."
        )

    def _turns(self, line: Line, fields: Fields, said: Dialogue) -> Iterator[Item]:
        tools = said.tools or row_tools(fields, said.branches[0].spoken)
        if tools.unreadable:
            sentence = f"{tools.unreadable} entries of the tool list are no tools and were left out."
            yield self._repaired(line, "bad_tool", sentence)
        place = self._place(fields, said)
        frame = self._frame(line, fields, said, tools, place.session)
        turns = [
            turn
            for branch in said.branches
            for turn in _branch_turns(branch, frame, said.context, place.history)
        ]
        if place.history:
            yield Repeated(_answers(said) - len(turns))
        if not turns:
            return
        name = (
            fields.text(*_SESSION_FIELDS, "id") or f"{Path(log_name(self._source.path)).stem}:{line.number}"
        )
        info = SessionInfo(
            key=frame.session,
            name=name,
            tier=frame.tier,
            model=frame.model or turns[0].model,
            provider=frame.provider,
            started_at=frame.timestamp or turns[0].timestamp,
            turns=max(turn.index for turn in turns) + 1,
        )
        yield RowSession(info, place.ends)
        yield from turns

    def _place(self, fields: Fields, said: Dialogue) -> _Place:
        """Find the session of a row, and how many of its answers earlier rows of this reading have."""
        key, ends = self._session_key(fields, said), _ends(said)
        if not fields.text(*_SESSION_FIELDS):
            strand = self._lineage.settle(key, ends)
            return _Place(strand.key if strand.history else key, strand.history, ends)
        mark = int(key[:16], 16)
        history = next((n for n, end in enumerate(ends) if end ^ mark not in self._emitted), len(ends))
        self._emitted.update(end ^ mark for end in ends)
        return _Place(key, history)

    def _frame(self, line: Line, fields: Fields, said: Dialogue, tools: Tools, session: str) -> Frame:
        tier = said.tier if said.tier is not None else fields.text(*_TIER_FIELDS) or ""
        return Frame(
            session=session,
            source=SourceRef(str(self._source.path), line.start, line.end, line.number),
            tools=tools.specs,
            tools_in_prompt=tools.in_prompt,
            tier=self._options.tier if self._options.tier is not None else tier,
            origin=self._options.origin,
            model=said.model or fields.text("model"),
            provider=said.provider or fields.text("provider"),
            timestamp=fields.text(*_TIME_FIELDS),
            labels={**label_fields(fields.get), **said.labels},
        )

    def _session_key(self, fields: Fields, said: Dialogue) -> str:
        """Return the key of the row's session.

        Rows that state one session and open alike are one session. Any other row is a session of its
        own as far as it can tell; one with an id is known again when it has grown.
        """
        session, row_id = fields.text(*_SESSION_FIELDS), fields.text("id", "uuid")
        spoken = [one for branch in said.branches for one in branch.spoken]
        content = prompt_digest(one.digest for one in (_opening(spoken) if session or row_id else spoken))
        name = self._reader.name
        if session:
            return session_key(name, "session", session, content)
        identity = bytes.fromhex(session_key(name, "row", row_id or "", content))
        return session_key(name, identity, 0)

    def _repaired(self, line: Line, code: str, sentence: str) -> Loss:
        return Loss("repaired", code, sentence, self._source.shown, line.number)


def say(role: Role, content: str) -> Spoken:
    """Return a message that is text alone."""
    message = Message(role, content)
    return Spoken(message, message_digest(message), content)


def one_dialogue(spoken: list[Spoken], **stated: Any) -> Dialogue:
    """Return a dialogue without candidates; ``stated`` are other fields of ``Dialogue``."""
    return Dialogue((Branch(tuple(spoken)),), **stated)


def read_messages(given: bytes, name: str) -> list[Spoken] | BadRow:
    """Return the messages of a JSON list in the OpenAI form; ``name`` is the field it stands in."""
    try:
        texts = _messages_decoder.decode(given)
    except msgspec.DecodeError:
        return BadRow("bad_messages", f"`{name}` is not a list of messages.")
    spoken: list[Spoken] = []
    for number, text in enumerate(texts, 1):
        said = spoken_messages(text)
        if isinstance(said, BadMessage):
            return BadRow(said.code, f"message {number} of `{name}` {said.reason}.")
        spoken += said
    return spoken


def row_tools(fields: Fields, spoken: tuple[Spoken, ...]) -> Tools:
    """Return the tools of a row: those its system prompt lists, else those of its own field."""
    first = spoken[0].message
    listed = _tools_in_system(first.content) if first.role == "system" else ()
    if listed:
        return Tools(listed, in_prompt=True)
    given = next((fields.exact(name) for name in _TOOL_FIELDS if name in fields), b"null")
    return Tools() if given in _NO_TOOLS else _tools_in_field(given)


@lru_cache(maxsize=256)
def _tools_in_system(text: str) -> tuple[ToolSpec, ...]:
    return tools_from_text(text)


@lru_cache(maxsize=256)
def _tools_in_field(given: bytes) -> Tools:
    value = decode(given)
    if isinstance(value, str):
        value = decode(value.encode("utf-8", "replace"))
    specs = [tool_spec(entry) for entry in (value if isinstance(value, list) else [value])]
    return Tools(tuple(s for s in specs if s), unreadable=specs.count(None))


def _branch_turns(branch: Branch, frame: Frame, context: int, history: int) -> Iterator[Turn]:
    given = sum(one.message.role == "assistant" for one in branch.spoken[:context])
    labelled = replace(frame, labels={**frame.labels, **branch.labels}) if branch.labels else frame
    return dialogue_turns(branch.spoken, labelled, skip=max(given, history))


def _ends(said: Dialogue) -> tuple[int, ...]:
    """Return a fingerprint of the dialogue up to each answer; one for all where there are candidates."""
    if len(said.branches) > 1:
        everything = (one.digest for branch in said.branches for one in branch.spoken)
        return (fingerprint(prompt_digest(everything)),)
    prompt, ends = PromptHash(), []
    for one in said.branches[0].spoken:
        prompt.add(one.digest)
        if one.message.role == "assistant":
            ends.append(fingerprint(prompt.digest()))
    return tuple(ends)


def _answers(said: Dialogue) -> int:
    """Count the generations that a row records."""
    own = (one for branch in said.branches for one in branch.spoken[said.context :])
    return sum(one.message.role == "assistant" for one in own)


def _call_problems(said: Dialogue) -> Iterator[tuple[str, str]]:
    for branch in said.branches:
        for one in branch.spoken:
            for problem in one.problems:
                yield f"call_{problem.code}", problem.message


def _opening(spoken: list[Spoken]) -> list[Spoken]:
    """Return the messages up to and including the first user message."""
    first = next((i for i, one in enumerate(spoken) if one.message.role == "user"), len(spoken) - 1)
    return spoken[: first + 1]
