"""Reads ShareGPT rows, ``conversations`` of ``from`` and ``value``; Hermes function-calling has them too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from curator.ingest.dialogue import Spoken
from curator.ingest.lines import BadRow, decode
from curator.ingest.messages import BadMessage, label_fields, spoken_message
from curator.ingest.registry import register
from curator.ingest.rows import Dialogue, Fields, RowReader, one_dialogue, say
from curator.model import Role

_ROLES: dict[str, Role] = {
    "system": "system",
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "assistant": "assistant",
    "bot": "assistant",
    "function_call": "assistant",
    "tool": "tool",
    "observation": "tool",
    "function": "tool",
    "function_response": "tool",
}
_LABELS = ("category", "subcategory", "task", "source")
_messages_decoder = msgspec.json.Decoder(list[Raw])


@register
class ShareGptReader(RowReader):
    """Rows of conversations. A `function_call` is a call given as a field; calls in text are parsed.

    The system prompt and the tools stand in the conversation (Hermes function-calling: in `<tools>`)
    or in fields of their own.
    """

    name = "sharegpt"
    title = "ShareGPT and Hermes function-calling rows (`conversations` of `from` and `value`)"

    def recognises(self, row: Mapping[str, bytes]) -> float:
        """Look for a list of conversations."""
        given = row.get("conversations", b"")
        if not given.startswith(b"["):
            return 0.0
        return 0.95 if b'"from"' in given and b'"value"' in given else 0.7

    def dialogue(self, fields: Fields) -> Dialogue | BadRow:
        """Read the messages in order."""
        try:
            texts = _messages_decoder.decode(fields.exact("conversations"))
        except msgspec.DecodeError:
            return BadRow("bad_messages", "`conversations` is not a list.")
        spoken: list[Spoken] = []
        for number, text in enumerate(texts, 1):
            one = _spoken(text)
            if isinstance(one, str):
                return BadRow("bad_message", f"message {number} {one}.")
            spoken.append(one)
        return one_dialogue(_with_system(spoken, fields), labels=_labels(fields))


def _labels(fields: Fields) -> dict[str, Any]:
    values = {name: fields.get(name) for name in _LABELS}
    return {name: value for name, value in values.items() if isinstance(value, str) and value}


def _with_system(spoken: list[Spoken], fields: Fields) -> list[Spoken]:
    """Return the messages behind the system prompt, where that is a field of the row."""
    system = fields.get("system")
    if not isinstance(system, str) or not system or (spoken and spoken[0].message.role == "system"):
        return spoken
    return [say("system", system), *spoken]


def _spoken(text: Raw) -> Spoken | str:
    """Read one message, or say what is wrong with it."""
    value = decode(text)
    if not isinstance(value, dict):
        return "is not an object"
    source, content = value.get("from", value.get("role")), value.get("value", value.get("content"))
    role = _ROLES.get(source) if isinstance(source, str) else None
    if role is None:
        return f"is from {source!r}, who is not known"
    if source == "function_call":
        return _call(text, content)
    if not isinstance(content, str):
        return "has no text"
    labels = label_fields(value.get) if role == "assistant" else {}
    return replace(say(role, content), labels=labels)


def _call(text: Raw, content: Any) -> Spoken | str:
    """Read the calls of a message through their OpenAI form; the message itself is the raw output."""
    given = decode(content.encode("utf-8", "replace")) if isinstance(content, str) else content
    calls = given if isinstance(given, list) else [content if given is None else given]
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    spoken = spoken_message(Raw(msgspec.json.encode(message)))
    if isinstance(spoken, BadMessage):
        return spoken.reason
    return replace(spoken, exact=bytes(text).decode())
