"""Makes a dialogue of a row whose columns are named: by a mapping file, or as datasets usually name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Raw

from curator.ingest.dialogue import Spoken
from curator.ingest.lines import BadRow, decode
from curator.ingest.messages import BadMessage, spoken_messages
from curator.ingest.places import given_tools, raw, system_message
from curator.ingest.rows import Dialogue, Fields, Tools, one_dialogue, read_messages, say

USUAL: tuple[tuple[str, str], ...] = (
    ("prompt", "response"),
    ("prompt", "output"),
    ("prompt", "answer"),
    ("question", "answer"),
    ("question", "response"),
    ("question", "output"),
    ("query", "response"),
    ("query", "answer"),
    ("instruction", "response"),
    ("instruction", "completion"),
    ("input", "output"),
)
"""Names of the column that asks with that which answers, the surest first."""
_MORE = {
    "system": ("system", "system_prompt"),
    "thinking": ("thinking", "reasoning", "reasoning_content"),
    "tool_calls": ("tool_calls",),
    "tools": ("tools", "functions"),
}


def usual_columns(names: Mapping[str, Any] | Fields) -> dict[str, str]:
    """Return the columns of a row by what they hold, as far as their names are usual ones."""
    for asks, answers in USUAL:
        if asks in names and answers in names:
            more = {field: next((n for n in known if n in names), field) for field, known in _MORE.items()}
            return {"prompt": asks, "response": answers, **more}
    return {}


def columns_dialogue(fields: Fields, columns: Mapping[str, str], **stated: Any) -> Dialogue | BadRow:
    """Return what a row says, its columns named by ``columns``; ``stated`` are other fields of a dialogue.

    The answer alone is a turn where the row has one. Without, every assistant message of ``messages`` is.
    """
    said = _given(fields, columns)
    if isinstance(said, BadRow):
        return said
    spoken = system_message(_value(fields, columns, "system"), said)
    answer = _answer(fields, columns)
    if isinstance(answer, BadRow):
        return answer
    if not spoken:
        return BadRow("no_prompt", "the row has no prompt.")
    context = len(spoken) if answer else 0
    tools = column_tools(fields, columns, spoken)
    return one_dialogue([*spoken, *answer], context=context, tools=tools, **stated)


def _given(fields: Fields, columns: Mapping[str, str]) -> list[Spoken] | BadRow:
    """Return the messages and the prompt, in that order."""
    spoken: list[Spoken] = []
    for name in ("messages", "prompt", "user"):
        value = _value(fields, columns, name)
        found = _listed(value, columns[name]) if value not in (None, "") else []
        if isinstance(found, BadRow):
            return found
        spoken += found
    return spoken


def _listed(value: Any, column: str) -> list[Spoken] | BadRow:
    """Return the messages of a list, also where it is given as JSON text; any other text is the user's."""
    if isinstance(value, str):
        found = decode(value.encode("utf-8", "replace")) if value.lstrip().startswith("[") else None
        listed = isinstance(found, list) and found and all(isinstance(o, dict) and "role" in o for o in found)
        if not listed:
            return [say("user", value)]
        value = found
    return read_messages(bytes(raw(value)), column)


def _answer(fields: Fields, columns: Mapping[str, str]) -> list[Spoken] | BadRow:
    """Return the messages of the answer; none where the mapping names no column for it."""
    name = next((name for name in ("response", "output") if name in columns), None)
    if name is None:
        return []
    value, column = _value(fields, columns, name), columns[name]
    extra = {
        "reasoning_content": _value(fields, columns, "thinking"),
        "tool_calls": _decoded(_value(fields, columns, "tool_calls")),
    }
    extra = {field: one for field, one in extra.items() if one}
    if isinstance(value, list):
        return read_messages(bytes(raw(value)), column)
    if isinstance(value, dict):
        return _messages({"role": "assistant", **value, **extra}, column)
    if value is None and not extra:
        return BadRow("no_answer", f"the row has no text in `{column}`.")
    if value is not None and not isinstance(value, str):
        return BadRow("no_answer", f"`{column}` is no text.")
    if not extra:
        return [say("assistant", value or "")]
    return _messages({"role": "assistant", "content": value, **extra}, column)


def _messages(value: dict[str, Any], column: str) -> list[Spoken] | BadRow:
    found = spoken_messages(raw(value))
    if isinstance(found, BadMessage):
        return BadRow(found.code, f"`{column}` {found.reason}.")
    return list(found)


def column_tools(fields: Fields, columns: Mapping[str, str], spoken: list[Spoken]) -> Tools:
    """Return the tools that the system prompt lists, or else those of the column for them."""
    column = columns.get("tools", "tools")
    own: dict[str, Raw] = {"tools": raw(fields.get(column))} if column in fields else {}
    return given_tools(Fields(own), spoken)


def _value(fields: Fields, columns: Mapping[str, str], name: str) -> Any:
    return fields.get(columns[name]) if name in columns else None


def _decoded(value: Any) -> Any:
    return decode(value.encode("utf-8", "replace")) if isinstance(value, str) else value
