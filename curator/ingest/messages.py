"""Reads messages in the form of OpenAI or Anthropic: text, parts, thinking, calls, tool results."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from msgspec import Raw, Struct

from curator.ingest.blocks import from_blocks, has_blocks, has_results, split_results, thought_text
from curator.ingest.dialogue import Spoken
from curator.ingest.identity import message_digest
from curator.ingest.lines import decode, json_text
from curator.model import Message, Problem, ToolCall

_THINKING_FIELDS = ("reasoning_content", "reasoning", "thinking", "reasoning_text", "thought", "thoughts")
_RESULT_BLOCK = b'"tool_result"'
_LABEL_FIELDS = ("passed", "rating", "score", "status", "label", "correct", "feedback", "weight")
_PLAIN_ROLES = ("system", "user", "assistant", "tool")
_KEPT_MESSAGES, _KEPT_BYTES = 2048, 32 * 1024
_FAILED = {"error", "failed", "failure"}


class BadMessage(Struct, frozen=True):
    """Why something in a list of messages is no message."""

    code: str
    reason: str
    """Completes "message 3 …"."""


def label_fields(field: Callable[[str], Any]) -> dict[str, Any]:
    """Return the labels among the fields that ``field`` looks up, and all under ``labels``."""
    found = {name: value for name in _LABEL_FIELDS if (value := field(name)) is not None}
    more = field("labels")
    return {**more, **found} if isinstance(more, dict) else found


def spoken_messages(text: Raw) -> tuple[Spoken, ...] | BadMessage:
    """Read the JSON text of one message: several where tool results stand in it as content blocks.

    Rows repeat the messages of earlier rows, so those read last are kept.
    """
    exact = bytes(text)
    return _spoken_again(exact) if len(exact) <= _KEPT_BYTES else _spoken(exact)


def _spoken(exact: bytes) -> tuple[Spoken, ...] | BadMessage:
    text = Raw(exact)
    value = decode(text) if _RESULT_BLOCK in exact else None
    if not isinstance(value, dict) or not has_results(value.get("content")):
        one = spoken_message(text)
        return one if isinstance(one, BadMessage) else (one,)
    spoken = []
    for piece in split_results(value):
        one = spoken_message(Raw(json_text(piece).encode()))
        if isinstance(one, BadMessage):
            return one
        spoken.append(one)
    return tuple(spoken)


_spoken_again = lru_cache(maxsize=_KEPT_MESSAGES)(_spoken)


def spoken_message(text: Raw) -> Spoken | BadMessage:
    """Read the JSON text of one message; Anthropic's thinking and calls may be blocks of its content."""
    value = decode(text)
    if not isinstance(value, dict):
        return BadMessage("bad_message", "is not an object")
    role, content = value.get("role"), value.get("content")
    if len(value) == 2 and role in _PLAIN_ROLES and isinstance(content, str):
        plain = Message(role, content)
        return Spoken(plain, message_digest(plain), bytes(text).decode())
    if not isinstance(role, str) or not role:
        return BadMessage("bad_message", "has no role")
    if isinstance(content, list) and has_blocks(content):
        given = from_blocks(content)
        value |= {name: found for name, found in given.items() if found}
        content = given["content"]
    thinking = _thinking(value)
    calls, problems = _calls(value)
    message = Message(
        role="tool" if role == "function" else role,
        content=_text(content),
        thinking=thinking,
        tool_calls=calls,
        name=_string(value.get("name")),
        tool_call_id=_string(value.get("tool_call_id")),
    )
    return Spoken(
        message=message,
        digest=message_digest(message),
        exact=bytes(text).decode(),
        structured=role == "assistant" and bool(calls or problems or thinking),
        problems=problems,
        failed=value.get("is_error") is True or _string(value.get("status")) in _FAILED or None,
        model=_string(value.get("model")),
        timestamp=_string(value.get("timestamp")),
        finish_reason=_string(value.get("finish_reason")) or _string(value.get("stop_reason")),
        labels=label_fields(value.get) if role == "assistant" else {},
    )


def _thinking(value: dict[str, Any]) -> str | None:
    given = [text for name in _THINKING_FIELDS if isinstance(text := value.get(name), str)]
    thinking = next((text for text in given if text), given[0] if given else None)
    details = value.get("reasoning_details")
    if thinking or not isinstance(details, list):
        return thinking
    return "".join(thought_text(detail) for detail in details) or thinking


def _text(content: Any) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(_part(part) for part in content)
    return json_text(content)


def _part(part: Any) -> str:
    """Text parts give their text; any other part stays as the JSON it is, so that nothing is lost."""
    if isinstance(part, str):
        return part
    if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str):
        return str(part["text"])
    return json_text(part)


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _calls(value: dict[str, Any]) -> tuple[tuple[ToolCall, ...], tuple[Problem, ...]]:
    given = value.get("tool_calls")
    if not given and isinstance(value.get("function_call"), dict):
        given = [value["function_call"]]
    if not isinstance(given, list):
        return (), ()
    calls, problems = [], []
    for entry in given:
        call, problem = _call(entry)
        calls.append(call)
        if problem:
            problems.append(problem)
    return tuple(c for c in calls if c), tuple(problems)


def _call(entry: Any) -> tuple[ToolCall | None, Problem | None]:
    """Read one call; with arguments that cannot be used it stays in the prompt, marked."""
    body = entry.get("function", entry) if isinstance(entry, dict) else None
    name = body.get("name") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(name, str) or not name:
        return None, Problem("missing_name", f"A call has no name: {json_text(entry)[:200]}")
    call_id = _string(entry.get("id"))
    arguments = body.get("arguments", body.get("parameters"))
    if isinstance(arguments, str) and arguments.strip():
        arguments = decode(arguments.encode("utf-8", "replace"))
        if not isinstance(arguments, dict):
            sentence = f"The arguments of {name} are no JSON object: {json_text(entry)[:200]}"
            problem = Problem("invalid_json", sentence)
            return ToolCall(name, syntax="openai", status="invalid_json", id=call_id), problem
    if arguments in (None, "", []) or isinstance(arguments, str):
        arguments = {}
    if not isinstance(arguments, dict):
        problem = Problem("malformed", f"The arguments of {name} are no object: {json_text(entry)[:200]}")
        return ToolCall(name, syntax="openai", status="malformed", id=call_id), problem
    return ToolCall(name, arguments, syntax="openai", id=call_id), None
