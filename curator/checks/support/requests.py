"""Where the current request of a prompt begins, and which steps the agent has taken since."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from curator.model import Message, ToolCall, ToolSpec
from curator.parsing import parse

_RESULT = re.compile(
    r"\s*(?:Tool `[^`\n]*` (?:returned:|failed|was denied|was already called|is not available)"
    r"|<tool_response>|<function_results?>|Tool result:|FUNCTION RESPONSE:|\[TOOL RESULT"
    r"|\[Previous: \S+ result|STOP: You have called)"
)
"""How engines write a tool result into a user message."""
_NAMED = re.compile(r"\s*(?:Tool `([^`\n]+)`|\[TOOL RESULT: ([^\]\n]+)\]|\[Previous: (\S+) result)")
_DENIED = re.compile(
    r"\s*(?:Tool `[^`\n]*` (?:was denied|is not available)|\W*(?:permission denied by user|denied by user"
    r"|(?:the )?user (?:has )?(?:denied|rejected|refused|declined)))",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"\s*(?:Tool `[^`\n]*` failed|(?:Tool `[^`\n]*` returned:|<tool_response>|Tool result:)?\s*"
    r"(?:\w*Error\b|error:|Traceback \(most recent|fatal:|exception:|failed:))",
    re.IGNORECASE,
)
_EXIT_CODE = re.compile(r"\[?exit code:? (?!0\b)-?\d+\]?\s*\Z", re.IGNORECASE)
_HEAD = 400


def is_result(message: Message) -> bool:
    """Tell whether a message brings what a tool gave, in a role of its own or as the user's words."""
    return message.role == "tool" or (message.role == "user" and _RESULT.match(message.content) is not None)


def steps(prompt: Sequence[Message]) -> Sequence[Message]:
    """Return the messages after the last request of the user: what was called and came back since."""
    for at in range(len(prompt) - 1, -1, -1):
        if prompt[at].role == "user" and not is_result(prompt[at]):
            return prompt[at + 1 :]
    return prompt


def request(prompt: Sequence[Message]) -> str:
    """Return what the user asked for last; empty where nobody did."""
    asked = (
        message.content for message in reversed(prompt) if message.role == "user" and not is_result(message)
    )
    return next(asked, "")


def is_failure(message: Message) -> bool:
    """Tell whether a result reports that the tool failed."""
    text = message.content
    return bool(
        is_result(message)
        and (_FAILED.match(text[:_HEAD]) or _EXIT_CODE.search(text[-_HEAD:]) or _reports_error(text))
    )


def is_denial(message: Message) -> bool:
    """Tell whether a result says that the user, or the rules, did not allow the call."""
    return is_result(message) and _DENIED.match(message.content[:_HEAD]) is not None


def called_in(messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> tuple[ToolCall, ...]:
    """Return the calls that the assistant messages hold, as fields or in their text, in order."""
    return tuple(call for one in messages if one.role == "assistant" for call in _calls(one, tools))


def calls_in(messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> tuple[str, ...]:
    """Return the names of the tools that were called, in order.

    Where an engine keeps no calls in its messages, the results that name their tools stand for them.
    """
    called = tuple(call.name for call in called_in(messages, tools))
    return called or tuple(name for one in messages if (name := _named(one)))


def _calls(message: Message, tools: Sequence[ToolSpec]) -> tuple[ToolCall, ...]:
    if message.tool_calls or not message.content:
        return message.tool_calls
    return parse(message.content, tools=tools).tool_calls


def _named(message: Message) -> str | None:
    if message.role == "tool":
        return message.name
    named = _NAMED.match(message.content) if message.role == "user" else None
    return next(filter(None, named.groups()), None) if named else None


def _reports_error(text: str) -> bool:
    """Tell whether the result is a JSON object that reports an error."""
    text = text.removeprefix("<tool_response>").removesuffix("</tool_response>").strip()
    if not text.startswith("{"):
        return False
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return bool(value.get("error")) or value.get("success") is False or value.get("is_error") is True
