"""Brings messages made of Anthropic content blocks into the shape that the OpenAI family has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_THOUGHTS = ("thinking", "redacted_thinking", "reasoning")
_OWN_KINDS = (*_THOUGHTS, "tool_use", "tool_result")


def block_kind(block: Any) -> str:
    """Return the type of a content block, ``""`` where it has none."""
    return str(block.get("type")) if isinstance(block, dict) else ""


def has_blocks(content: Sequence[Any]) -> bool:
    """Return whether a content holds blocks that the OpenAI family keeps in fields of the message."""
    return any(block_kind(block) in _OWN_KINDS for block in content)


def has_results(content: Any) -> bool:
    """Return whether tool results stand among the blocks of a content."""
    return isinstance(content, list) and any(block_kind(block) == "tool_result" for block in content)


def from_blocks(blocks: Sequence[Any]) -> dict[str, Any]:
    """Return the fields ``content``, ``reasoning_content`` and ``tool_calls`` of a message.

    Thinking that is redacted is text to nobody: it stays in the raw message alone.
    """
    thoughts = [text for block in blocks if block_kind(block) in _THOUGHTS and (text := thought_text(block))]
    return {
        "content": [b for b in blocks if block_kind(b) not in (*_THOUGHTS, "tool_use")],
        "reasoning_content": "\n\n".join(thoughts) or None,
        "tool_calls": [_call(block) for block in blocks if block_kind(block) == "tool_use"],
    }


def tool_message(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return the message of the role ``tool`` that a ``tool_result`` block stands for."""
    return {
        "role": "tool",
        "content": block.get("content"),
        "tool_call_id": block.get("tool_use_id"),
        "is_error": block.get("is_error"),
    }


def split_results(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the tool results among the blocks of a message as messages, and what is between them."""
    rest: list[Any] = []
    for block in message["content"]:
        if block_kind(block) != "tool_result":
            rest.append(block)
            continue
        if rest:
            yield {**message, "content": rest}
        rest = []
        yield tool_message(block)
    if rest:
        yield {**message, "content": rest}


def thought_text(detail: Any) -> str:
    """Return the text of one piece of thinking: a text, or an object with text or a list of such."""
    if isinstance(detail, str):
        return detail
    if isinstance(detail, list):
        return "".join(thought_text(one) for one in detail)
    if not isinstance(detail, dict):
        return ""
    texts = (thought_text(detail.get(name)) for name in ("thinking", "reasoning", "text", "summary"))
    return next((text for text in texts if text), "")


def _call(block: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": block.get("name"), "arguments": block.get("input")}
    return {"id": block.get("id"), "type": "function", "function": function}
