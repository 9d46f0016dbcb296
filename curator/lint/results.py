"""Finds tool results in dialogues, whatever form they are written in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from curator.model import Message

_WRAPPED = re.compile(r"\s*<tool_response>\n?(.*?)\n?(?:</tool_response>|\Z)", re.DOTALL)
_HEADED = re.compile(
    r"\s*(?:Tool result:|FUNCTION RESPONSE:|Observation:|Tool `[^`\n]+` (?:returned|failed with error):)\s*"
)
INSIDE = re.compile(r"(?m)^[ \t]*(?:FUNCTION RESPONSE:|<tool_response>|\[TOOL RESULT)")
"""What a result begins with where it stands in an answer of the assistant."""
INSIDE_WITH_CALL = re.compile(r"(?m)^[ \t]*(?:Tool result|Observation):")
"""The same, in words that mean a result only where there is a call too."""


class Result(NamedTuple):
    """A tool result: its text without marks, and whether its message has the role ``tool``."""

    text: str
    is_tool_role: bool
    is_tagged: bool


def results(messages: Sequence[Message]) -> Iterator[Result]:
    """Yield the tool results of a dialogue in order: of the role ``tool``, or told by the user."""
    for message in messages:
        wrapped = _WRAPPED.match(message.content)
        if message.role == "tool":
            yield Result(wrapped[1] if wrapped else message.content, True, bool(wrapped))
        elif message.role == "user" and wrapped:
            yield Result(wrapped[1], False, True)
        elif message.role == "user" and (head := _HEADED.match(message.content)):
            yield Result(message.content[head.end() :], False, False)


def is_result(message: Message) -> bool:
    """Tell whether a message is a tool result."""
    return any(True for _ in results((message,)))


def form(result: Result) -> str:
    """Return the name of the form that a result is written in."""
    if result.is_tool_role:
        return "role tool with <tool_response>" if result.is_tagged else "role tool"
    return "<tool_response> of the user" if result.is_tagged else "words of the user"
