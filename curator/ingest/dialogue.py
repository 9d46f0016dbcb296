"""Turns a list of chat messages into turns: each assistant message, with everything before it as prompt.

Readers of dialogue formats normalise their rows to ``Spoken`` and ``Frame`` and leave the rest to this.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from curator.ingest.identity import PromptHash, turn_key
from curator.ingest.outcomes import result_status
from curator.model import Message, Origin, Outcome, Output, Problem, SourceRef, ToolCall, ToolSpec, Turn
from curator.parsing import parse


class Spoken(Struct, frozen=True):
    """One message of a dialogue, as later prompts hold it and as the log wrote it."""

    message: Message
    digest: bytes
    """``message_digest`` of the message."""
    exact: str
    """Exact JSON text of the message; the raw output of a structured one."""
    structured: bool = False
    """True when calls or thinking were given as fields."""
    problems: tuple[Problem, ...] = ()
    """Calls given as fields that cannot be used."""
    failed: bool | None = None
    """What a tool message itself says about its success; ``None`` when it does not."""
    model: str | None = None
    timestamp: str | None = None
    finish_reason: str | None = None
    labels: dict[str, Any] = {}


class Frame(Struct, frozen=True):
    """What all turns of one dialogue share."""

    session: str
    source: SourceRef
    first_index: int = 0
    tools: tuple[ToolSpec, ...] = ()
    tools_in_prompt: bool = False
    tier: str = ""
    origin: Origin = "real"
    model: str | None = None
    provider: str | None = None
    timestamp: str | None = None
    labels: dict[str, Any] = {}


def dialogue_turns(spoken: Sequence[Spoken], frame: Frame, skip: int = 0) -> Iterator[Turn]:
    """Yield one turn per assistant message, in order, without the first ``skip`` of them."""
    messages = [s.message for s in spoken]
    prompt = PromptHash()
    number = 0
    for at, one in enumerate(spoken):
        if one.message.role == "assistant":
            if number >= skip:
                index = frame.first_index + number
                yield _turn(spoken, at, tuple(messages[:at]), prompt.digest(), index, frame)
            number += 1
        prompt.add(one.digest)


def _turn(
    spoken: Sequence[Spoken], at: int, prompt: tuple[Message, ...], digest: bytes, index: int, frame: Frame
) -> Turn:
    one = spoken[at]
    raw = one.exact if one.structured else one.message.content
    output = _output(one, frame.tools)
    return Turn(
        key=turn_key(frame.session, index, raw, digest),
        session=frame.session,
        index=index,
        prompt=prompt,
        raw=raw,
        output=output,
        source=frame.source,
        tools=frame.tools,
        tools_in_prompt=frame.tools_in_prompt,
        structured=one.structured,
        outcomes=_outcomes(output.tool_calls, spoken, at + 1),
        tier=frame.tier,
        origin=frame.origin,
        finish_reason=one.finish_reason,
        model=one.model or frame.model,
        provider=frame.provider,
        timestamp=one.timestamp or frame.timestamp,
        labels={**frame.labels, **one.labels} if one.labels else frame.labels,
    )


def _output(one: Spoken, tools: tuple[ToolSpec, ...]) -> Output:
    message = one.message
    if not one.structured:
        return parse(message.content, tools=tools)
    text = _without_spans(parse(message.content, tools=tools)) if message.content else Output()
    calls_given = bool(message.tool_calls or one.problems)
    usable = tuple(c for c in message.tool_calls if c.status == "ok")
    return replace(
        text,
        thinking=text.thinking if message.thinking is None else message.thinking,
        content=message.content if calls_given and text.tool_calls else text.content,
        tool_calls=usable if calls_given else text.tool_calls,
        problems=one.problems + text.problems,
    )


def _without_spans(output: Output) -> Output:
    """Spans count in the raw output, which is JSON here and not the text that was parsed."""
    return replace(
        output,
        tool_calls=tuple(replace(c, span=None) for c in output.tool_calls),
        problems=tuple(replace(p, span=None) for p in output.problems),
        thinking_span=None,
        content_spans=(),
    )


def _outcomes(calls: tuple[ToolCall, ...], spoken: Sequence[Spoken], start: int) -> tuple[Outcome, ...]:
    """Match the tool messages that follow to the calls: by id, else in order."""
    if not calls or start == len(spoken) or spoken[start].message.role == "assistant":
        return ()
    open_calls = {i: call.id for i, call in enumerate(calls)}
    outcomes = []
    for result in _results(spoken, start):
        call = _answered(open_calls, result.message.tool_call_id)
        if call is None:
            continue
        del open_calls[call]
        status = result_status(result.message.content) if not result.failed else "error"
        outcomes.append(Outcome(call, status, result.message.content))
    return tuple(sorted(outcomes, key=lambda outcome: outcome.call))


def _results(spoken: Sequence[Spoken], start: int) -> Iterator[Spoken]:
    for one in spoken[start:]:
        if one.message.role == "assistant":
            return
        if one.message.role == "tool":
            yield one


def _answered(open_calls: dict[int, str | None], call_id: str | None) -> int | None:
    by_id = [i for i, known in open_calls.items() if call_id and known == call_id]
    unnamed = [i for i, known in open_calls.items() if not (call_id and known)]
    return next(iter(by_id or unnamed), None)
