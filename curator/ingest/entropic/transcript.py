"""Reads the transcript of the C++ engine of entropic, joined with the calls that audit.jsonl records.

Grammar and fields are those of ``session_logger.cpp``, ``audit_entry.cpp`` and ``audit_logger.cpp`` in
tvanfossen/entropic 2.10.4. The transcript has no prompts, no results, and nothing between the generations
of one answer: only the audit log tells where a call was executed and so where the next generation begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from curator.ingest.entropic.audit import AuditEntry, AuditLog
from curator.ingest.entropic.text import LogText
from curator.ingest.identity import PromptHash, message_digest, prompt_digest, session_key, turn_key
from curator.ingest.items import Item, Loss, Options, Seen
from curator.ingest.outcomes import result_status
from curator.model import Message, Outcome, Output, SourceRef, Span, Turn
from curator.parsing import parse
from curator.store.rows import SessionInfo

_USER, _ASSISTANT = "--- USER ---\n", "\n--- ASSISTANT ---\n"
_RECORD = re.compile(r"^--- USER ---\n", re.MULTILINE)
_END = "\n\n"
_KEY_LENGTH = 1000


class Record(NamedTuple):
    """One request and everything that was generated for it, as spans of the transcript."""

    user: Span
    answer: Span
    finished: bool


class Piece(NamedTuple):
    """One generation: its span, what it holds, and the audit entries of its first calls."""

    start: int
    end: int
    output: Output
    executed: tuple[AuditEntry, ...]


def is_transcript(text: str) -> bool:
    """Tell whether a log is one of the C++ engine."""
    return text.lstrip().startswith(_USER)


def records(text: str) -> Iterator[Record]:
    """Yield the records of a transcript. A user header without an answer after it is no header."""
    starts = [match.start() for match in _RECORD.finditer(text)]
    at = 0
    while at < len(starts):
        start = starts[at]
        middle = text.find(_ASSISTANT, start)
        at += 1
        if middle == -1:
            yield Record((start + len(_USER), len(text)), (len(text), len(text)), False)
            return
        while at < len(starts) and starts[at] < middle:
            at += 1
        while at < len(starts) and text.find(_ASSISTANT, starts[at]) == -1:
            at += 1
        end = starts[at] if at < len(starts) else len(text)
        body = middle + len(_ASSISTANT)
        finished = text.endswith(_END, body, end)
        yield Record((start + len(_USER), middle), (body, end - len(_END) * finished), finished)


class Transcript:
    """One transcript with the audit log beside it, read to turns."""

    def __init__(
        self,
        folder: Path,
        shown: str,
        name: str,
        options: Options,
        log: LogText,
        labels: dict[str, Any] | None = None,
    ) -> None:
        self._folder, self._shown, self._name, self._options, self._log = folder, shown, name, options, log
        self._labels = labels or {}
        self._audit = AuditLog.read(folder, shown)
        self._prompt: list[Message] = []
        self._hash = PromptHash()
        self._index = 0

    def items(self) -> Iterator[Item]:
        """Yield the session, its turns in order, and everything that is missing or uncertain."""
        found = list(records(self._log.text))
        key = self._key(found[0])
        read = [item for record in found for item in self._record(record, key)]
        yield from self._audit.losses
        yield self._info(key, sum(isinstance(item, Turn) for item in read))
        sentence = "the log holds neither system prompt nor tools; prompts are what it shows before a turn."
        yield self._loss("no_system_prompt", sentence, 0)
        yield from read
        yield from self._audit.unmatched()

    def _key(self, first: Record) -> str:
        """The first request and the start of its answer stand for the session; a log only grows."""
        text = self._log.text
        opening = prompt_digest([message_digest(Message("user", text[slice(*first.user)]))])
        return session_key("entropic", "transcript", opening, text[slice(*first.answer)][:_KEY_LENGTH])

    def _info(self, key: str, turns: int) -> SessionInfo:
        entries = self._audit.entries
        started = entries[0].timestamp if entries else None
        return SessionInfo(key, name=self._folder.name, tier=self._tier(), started_at=started, turns=turns)

    def _tier(self) -> str:
        if self._options.tier is not None:
            return self._options.tier
        return next((entry.caller_id for entry in self._audit.entries if not entry.delegation_depth), "")

    def _record(self, record: Record, key: str) -> Iterator[Item]:
        text = self._log.text
        self._say(Message("user", text[slice(*record.user)]))
        start, end = record.answer
        if not text[start:end].strip():
            yield Seen(1)
            sentence = "the transcript has a request without an answer."
            yield Loss("dropped", "no_answer", sentence, self._place(), self._line(record.user[0]), 1)
            return
        if not record.finished:
            yield self._loss("unfinished", "the answer was still being written when the log stopped.", start)
        for piece in self._pieces(start, end):
            yield Seen(1)
            yield from self._doubts(piece)
            yield self._turn(piece, key)

    def _pieces(self, start: int, end: int) -> Iterator[Piece]:
        """Cut an answer after each call that the audit log has next, and after its companions."""
        text = self._log.text
        at = start
        while at < end:
            output = parse(text[at:end])
            executed = self._executed(output)
            cut = self._cut(output, executed)
            stop = end if cut is None or not text[at + cut : end].strip() else at + cut
            if stop < end:
                output = parse(text[at:stop])
            yield Piece(at, stop, output, executed)
            at = stop

    def _executed(self, output: Output) -> tuple[AuditEntry, ...]:
        """Return the audit entries of the first generation of ``output``: those of one iteration."""
        found: list[AuditEntry] = []
        for call in output.tool_calls:
            entry = self._audit.take(call, within=found[-1] if found else None)
            if entry is None:
                break
            found.append(entry)
        return tuple(found)

    @staticmethod
    def _cut(output: Output, executed: tuple[AuditEntry, ...]) -> int | None:
        if not executed:
            return None
        span = output.tool_calls[len(executed) - 1].span
        return span[1] if span else None

    def _doubts(self, piece: Piece) -> Iterator[Loss]:
        calls = piece.output.tool_calls[len(piece.executed) :]
        if calls:
            names = ", ".join(call.name for call in calls)
            sentence = f"audit.jsonl does not have {names} next: more than one generation may stand here."
            yield self._loss("uncertain_end", sentence, piece.start)

    def _turn(self, piece: Piece, session: str) -> Turn:
        raw = self._log.text[piece.start : piece.end]
        start, end = self._log.place(piece.start), self._log.place(piece.end)
        index, self._index = self._index, self._index + 1
        turn = Turn(
            key=turn_key(session, index, raw, self._hash.digest()),
            session=session,
            index=index,
            prompt=tuple(self._prompt),
            raw=raw,
            output=piece.output,
            source=SourceRef(str(self._folder / self._name), start.byte, end.byte, start.line),
            outcomes=tuple(
                Outcome(number, result_status(entry.content), entry.content, entry.elapsed_ms)
                for number, entry in enumerate(piece.executed)
            ),
            tier=self._tier(),
            origin=self._options.origin,
            timestamp=piece.executed[0].timestamp if piece.executed else None,
            labels=self._labels,
        )
        self._say(Message("assistant", piece.output.content or "", tool_calls=piece.output.tool_calls))
        for entry in piece.executed:
            self._say(Message("tool", entry.content, name=entry.tool_name))
        return turn

    def _say(self, message: Message) -> None:
        self._prompt.append(message)
        self._hash.add(message_digest(message))

    def _loss(self, code: str, sentence: str, at: int) -> Loss:
        return Loss("repaired", code, sentence, self._place(), self._line(at))

    def _line(self, at: int) -> int:
        return self._log.place(at).line

    def _place(self) -> str:
        return f"{self._shown}/{self._name}"
