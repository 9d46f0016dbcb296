"""SFT rows and preference pairs, computed from turns and their decisions; never stored as a second truth.

What a whole journal gives is in ``standing``.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct

from curator.exporters.hiding import hidden
from curator.model import Correction, Decision, Message, Output, Redaction, ToolCall, Turn
from curator.parsing import render_turn
from curator.profiles import Profile
from curator.store import same_output

_encode = msgspec.json.Encoder(order="deterministic").encode

ChatMessage = dict[str, Any]


class Origin(Struct, frozen=True, omit_defaults=True):
    """Where a row comes from: the log line, and the person who decided."""

    turn: str
    session: str
    source: str
    line: int
    reviewer: str
    decided_at: str
    decision: int
    state: str
    tier: str = ""
    origin: str = "real"
    violations: tuple[str, ...] = ()
    chosen: str = ""
    """Of a preference: where the better answer came from, and its model."""
    rejected: str = ""
    """The same of the worse one."""
    taken: str = ""
    """The answer of a model that it was made of; empty where it was logged, or written by a person."""


class SftRow(Struct, frozen=True):
    """One example: what the model saw, and what it should answer."""

    id: str
    prompt: list[ChatMessage]
    completion: list[ChatMessage]
    tools: str | None
    """JSON text of OpenAI functions; None where the prompt itself lists the tools."""
    origin: Origin


class PairRow(Struct, frozen=True):
    """One preference: the better of two answers over the other, for the same prompt and tools."""

    id: str
    prompt: list[ChatMessage]
    chosen: list[ChatMessage]
    rejected: list[ChatMessage]
    tools: str | None
    origin: Origin


def sft_row(
    turn: Turn, decision: Decision, profile: Profile, redactions: Sequence[Redaction] = ()
) -> SftRow | None:
    """Return the SFT row that a standing decision gives, or None when it gives none."""
    if decision.correction is not None:
        completion = corrected_message(turn, decision.correction, profile)
    elif decision.verdict == "correct":
        completion = logged_message(turn, profile)
    else:
        return None
    prompt, tools = prompt_messages(turn), tools_column(turn)
    prompt, completion, tools = hidden((prompt, completion, tools), redactions)
    return SftRow(
        id=_row_id("sft", prompt, [completion], tools),
        prompt=prompt,
        completion=[completion],
        tools=tools,
        origin=row_origin(turn, decision),
    )


def pair_row(
    turn: Turn, decision: Decision, profile: Profile, redactions: Sequence[Redaction] = ()
) -> PairRow | None:
    """Return the preference pair of a correction, or None: no correction, nothing changed, or forbidden."""
    correction = decision.correction
    if correction is None or profile.preferences == "forbidden" or same_output(turn.output, correction):
        return None
    chosen, rejected = corrected_message(turn, correction, profile), as_logged(turn)
    return make_pair(turn, chosen, rejected, row_origin(turn, decision), redactions)


def make_pair(
    turn: Turn,
    chosen: ChatMessage,
    rejected: ChatMessage,
    origin: Origin,
    redactions: Sequence[Redaction] = (),
) -> PairRow | None:
    """Return the pair of two answers to the prompt of a turn, or None where both are the same text."""
    prompt, tools = prompt_messages(turn), tools_column(turn)
    prompt, chosen, rejected, tools = hidden((prompt, chosen, rejected, tools), redactions)
    if _encode(chosen) == _encode(rejected):
        return None
    return PairRow(
        id=_row_id("pair", prompt, [chosen, rejected], tools),
        prompt=prompt,
        chosen=[chosen],
        rejected=[rejected],
        tools=tools,
        origin=origin,
    )


def prompt_messages(turn: Turn) -> list[ChatMessage]:
    """Return the prompt as chat messages, exactly as the model saw it."""
    return [_message(message) for message in turn.prompt]


def tools_column(turn: Turn) -> str | None:
    """Return the tools for a chat template, or None when the prompt text lists them already."""
    if not turn.tools or turn.tools_in_prompt:
        return None
    functions = [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters or {"type": "object", "properties": {}},
            },
        }
        for tool in turn.tools
    ]
    return msgspec.json.encode(functions).decode()


def corrected_message(turn: Turn, correction: Correction, profile: Profile) -> ChatMessage:
    """Return the correction in the form that the log uses: fields, or text in the profile's syntax."""
    thinking = None if profile.thinking == "forbidden" else correction.thinking
    if turn.structured:
        return _structured(thinking, correction.content, correction.tool_calls)
    return _text(render_turn(thinking, correction.content, correction.tool_calls, profile.syntax))


def logged_message(turn: Turn, profile: Profile) -> ChatMessage:
    """Return the logged output as a row teaches it.

    The raw text stands as it is when it needs no change; otherwise its parts are written anew in the
    profile's syntax, without thinking where the profile forbids it.
    """
    output = turn.output
    if turn.structured:
        thinking = None if profile.thinking == "forbidden" else output.thinking
        return _structured(thinking, output.content, output.tool_calls)
    forbidden = profile.thinking == "forbidden" and output.thinking
    if not forbidden and all(
        call.syntax == profile.syntax and call.status == "ok" for call in output.tool_calls
    ):
        return as_logged(turn)
    thinking = None if profile.thinking == "forbidden" else output.thinking
    return _text(render_turn(thinking, output.content, output.tool_calls, profile.syntax))


def as_logged(turn: Turn) -> ChatMessage:
    """Return the output exactly as the model gave it, without the tokens that end a turn."""
    if turn.structured:
        return _structured(turn.output.thinking, turn.output.content, turn.output.tool_calls)
    return _text(turn.raw[: _end(turn.output, turn.raw)].strip())


def _end(output: Output, raw: str) -> int:
    """Return where the output ends, before any end-of-turn tokens."""
    spans = [*output.content_spans, *(c.span for c in output.tool_calls), *(p.span for p in output.problems)]
    ends = [span[1] for span in spans if span is not None]
    thinking_only = not ends or (output.thinking_span is not None and output.thinking_span[1] > max(ends))
    return len(raw) if thinking_only else max(ends)


def _structured(thinking: str | None, content: str | None, calls: tuple[ToolCall, ...]) -> ChatMessage:
    message: ChatMessage = {"role": "assistant", "content": content or ""}
    if thinking:
        message["reasoning_content"] = thinking
    if calls:
        message["tool_calls"] = [_call(call) for call in calls]
    return message


def _text(text: str) -> ChatMessage:
    return {"role": "assistant", "content": text}


def _message(message: Message) -> ChatMessage:
    chat: ChatMessage = {"role": message.role, "content": message.content}
    if message.thinking:
        chat["reasoning_content"] = message.thinking
    if message.tool_calls:
        chat["tool_calls"] = [_call(call) for call in message.tool_calls]
    if message.name:
        chat["name"] = message.name
    if message.tool_call_id:
        chat["tool_call_id"] = message.tool_call_id
    return chat


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"type": "function", "function": function, **({"id": call.id} if call.id else {})}


def _row_id(*parts: Any) -> str:
    return sha256(_encode(parts)).hexdigest()[:24]


def row_origin(turn: Turn, decision: Decision) -> Origin:
    """Say where a row comes from."""
    state = "corrected" if decision.correction is not None else str(decision.verdict)
    return Origin(
        turn=turn.key,
        session=turn.session,
        source=turn.source.path,
        line=turn.source.line,
        reviewer=decision.reviewer,
        decided_at=decision.at,
        decision=decision.id,
        state=state,
        tier=turn.tier,
        origin=turn.origin,
        violations=decision.correction.violations if decision.correction else (),
        taken=decision.correction.taken.words() if decision.correction and decision.correction.taken else "",
    )
