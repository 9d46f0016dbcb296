"""What the readers of session logs share: entries in order in, the session and its turns out.

An entry is a message with the place where the log has it. Formats that hold a message as fields are
brought into the shape of a chat message first, so that all of them are read by the same code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Raw, Struct
from msgspec.structs import replace

from curator.ingest.dialogue import Frame, Spoken, dialogue_turns
from curator.ingest.identity import message_digest
from curator.ingest.items import Item, Loss, Seen
from curator.ingest.lines import json_text
from curator.ingest.messages import spoken_message
from curator.model import Message, SourceRef, Turn
from curator.store.rows import SessionInfo


class Heard(Struct, frozen=True):
    """One message of a session, and where the log has it."""

    spoken: Spoken
    source: SourceRef
    given: bool = False
    """True for an answer that is context only: another part of the log has it as a turn."""


def heard_message(value: Mapping[str, Any], source: SourceRef, exact: str | None = None) -> Heard:
    """Return the entry for a chat message: role, content, reasoning_content, tool_calls and so on.

    ``exact`` is the JSON text that stands in the log for it, where it is not ``value`` itself.
    """
    text = json_text(value)
    spoken = spoken_message(Raw(text.encode()))
    if not isinstance(spoken, Spoken):
        message = Message("user", text)
        spoken = Spoken(message, message_digest(message), text)
    return Heard(replace(spoken, exact=exact or text), source)


def heard_call(name: Any, arguments: Any, call_id: Any = None) -> dict[str, Any]:
    """Return a call in the shape that chat messages have it in."""
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def text_or_none(value: Any) -> str | None:
    """Return a value that is text and not empty, None for any other."""
    return value if isinstance(value, str) and value else None


def heard_turns(heard: Sequence[Heard], frame: Frame) -> Iterator[Turn]:
    """Yield the turns of the answers that are not given, each with its own place in the log."""
    answers = [one for one in heard if one.spoken.message.role == "assistant"]
    if all(one.given for one in answers):
        return
    turns = dialogue_turns([one.spoken for one in heard], frame)
    for turn, one in zip(turns, answers, strict=True):
        if not one.given:
            yield replace(turn, source=one.source)


def session_items(
    name: str, parts: Sequence[tuple[Sequence[Heard], Frame]], shown: str, *, title: str = ""
) -> Iterator[Item]:
    """Yield everything of one session: what was seen, mended calls, the session and its turns.

    ``parts`` are dialogues of the session with their frames, all under one key; ``name`` is what stands
    for the session where no ``title`` is known.
    """
    turns = [turn for heard, frame in parts for turn in heard_turns(heard, frame)]
    if not turns:
        return
    yield Seen(len(turns))
    yield from _mended_calls(parts, shown)
    frame = parts[0][1]
    yield SessionInfo(
        key=frame.session,
        name=title or name,
        tier=frame.tier,
        model=frame.model or next((turn.model for turn in turns if turn.model), None),
        provider=frame.provider,
        started_at=frame.timestamp or turns[0].timestamp,
        turns=max(turn.index for turn in turns) + 1,
    )
    yield from turns


def _mended_calls(parts: Sequence[tuple[Sequence[Heard], Frame]], shown: str) -> Iterator[Loss]:
    for heard, _ in parts:
        for one in heard:
            for problem in () if one.given else one.spoken.problems:
                yield Loss("repaired", f"call_{problem.code}", problem.message, shown, one.source.line)
