"""Finds what stands beside the messages of a row: the system prompt, and tools in any usual place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Raw

from curator.ingest.dialogue import Spoken
from curator.ingest.lines import decode, json_text
from curator.ingest.messages import spoken_message
from curator.ingest.rows import Fields, Tools, row_tools, say

_TOOL_FIELDS = ("tools", "functions")
_CONTAINERS = ("metadata", "request", "body", "kwargs", "extra_body")
_IN_MESSAGE = tuple(f'"{name}"'.encode() for name in _TOOL_FIELDS)


def raw(value: Any) -> Raw:
    """Return the JSON text of a decoded value as a field of a row."""
    return Raw(json_text(value).encode("utf-8", "replace"))


def system_message(given: Any, spoken: list[Spoken]) -> list[Spoken]:
    """Return the messages behind the system prompt: a text or a list of parts, unless they begin with one."""
    if not given or not isinstance(given, str | list) or (spoken and spoken[0].message.role == "system"):
        return spoken
    if isinstance(given, str):
        return [say("system", given), *spoken]
    one = spoken_message(raw({"role": "system", "content": given}))
    return [one, *spoken] if isinstance(one, Spoken) else spoken


def given_tools(fields: Fields, spoken: list[Spoken], messages: bytes = b"") -> Tools:
    """Return the tools of a row: of its prompt or own fields, else of an object in it or of a message.

    ``messages`` is the JSON text of the messages; the first one that has a field for tools counts.
    """
    tools = row_tools(fields, tuple(spoken))
    if tools.specs or tools.unreadable:
        return tools
    for place in (*_objects(fields), *_messages_with_tools(messages)):
        found = row_tools(Fields(place), tuple(spoken))
        if found.specs or found.unreadable:
            return found
    return tools


def _objects(fields: Fields) -> Iterator[dict[str, Raw]]:
    for name in _CONTAINERS:
        if name in fields:
            yield from _raw_objects(fields.get(name))


def _raw_objects(value: Any) -> Iterator[dict[str, Raw]]:
    """Yield the tool fields of an object, given as such or as JSON text, and of the objects in it."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = decode(value.encode("utf-8", "replace"))
    if not isinstance(value, dict):
        return
    yield {name: raw(value[name]) for name in _TOOL_FIELDS if value.get(name)}
    for name in _CONTAINERS:
        yield from _raw_objects(value.get(name))


def _messages_with_tools(messages: bytes) -> Iterator[dict[str, Raw]]:
    if not any(name in messages for name in _IN_MESSAGE):
        return
    found = decode(messages)
    for message in found if isinstance(found, list) else ():
        yield from _raw_objects(message)
