"""A correction as one text in the profile's syntax, and read back; calls as plain text, and found in text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from curator.model import Correction, Output, ToolCall, ToolSpec, Turn
from curator.parsing import parse, render_turn, syntaxes
from curator.parsing.python_calls import written
from curator.profiles import Profile

_USABLE = ("ok", "unknown_tool")


class Found(NamedTuple):
    """Calls that stood in a text, and what is left of the text without them."""

    calls: tuple[ToolCall, ...]
    rest: str


def target_text(correction: Correction, profile: Profile) -> str:
    """Return the correction as a model would write it.

    Raises:
        RenderError: The syntax cannot say it without changing it; the message says why.
    """
    thinking = None if profile.thinking == "forbidden" else correction.thinking
    return render_turn(thinking, correction.content, correction.tool_calls, profile.syntax)


def read_target(text: str, now: Correction, turn: Turn, profile: Profile) -> Correction:
    """Return the correction that an edited text says; what was not edited is as it is in ``now``.

    Raises:
        ValueError: The text does not read without a fault; the message says what is wrong with it.
    """
    before_text = target_text(now, profile)
    if text == before_text:
        return now
    before, after = (parse(one, tools=turn.tools, family=profile.syntax) for one in (before_text, text))
    for problem in after.problems:
        raise ValueError(f"{problem.code.replace('_', ' ')}: {problem.message}")
    for call in after.tool_calls:
        if call.status not in _USABLE:
            raise ValueError(f"{call.name}: {call.status.replace('_', ' ')}")
    thinking = _text(before.thinking, after.thinking, now.thinking)
    return Correction(
        thinking=now.thinking if profile.thinking == "forbidden" and not after.thinking else thinking,
        content=_text(before.content, after.content, now.content),
        tool_calls=_calls(before, after, now),
        taken=now.taken,
    )


def call_as_text(call: ToolCall) -> str:
    """Return a call in words that nothing executes, from which ``calls_in_text`` makes it again."""
    text = written(call)
    return text if _same(calls_in_text(text, ()).calls, (call,)) else _as_json(call)


def calls_in_text(text: str, tools: Sequence[ToolSpec], syntax: str | None = None) -> Found:
    """Find calls in a text: in any syntax with a marker, as one that fills the text, or as Python lines."""
    for family in (syntax, None, *(one.id for one in syntaxes() if one.bare)):
        output = parse(text, tools=tools, family=family)
        if output.tool_calls and not output.problems:
            return Found(_clean(output.tool_calls), _left(text, output))
    return _python_lines(text, tools)


def _python_lines(text: str, tools: Sequence[ToolSpec]) -> Found:
    calls: list[ToolCall] = []
    rest: list[str] = []
    for line in text.splitlines():
        code = line.strip().strip("`")
        is_code = code.endswith(")") and "(" in code and "<" not in code.partition("(")[0]
        output = parse(f"<tool_call>{code}</tool_call>", tools=tools) if is_code else Output()
        if output.tool_calls and not output.problems:
            calls += output.tool_calls
        else:
            rest.append(line)
    return Found(_clean(calls), "\n".join(rest).strip()) if calls else Found((), text)


def _left(text: str, output: Output) -> str:
    pieces = [output.thinking or "", *(text[start:end].strip() for start, end in output.content_spans)]
    return "\n".join(piece for piece in pieces if piece)


def _clean(calls: Sequence[ToolCall]) -> tuple[ToolCall, ...]:
    return tuple(ToolCall(call.name, call.arguments) for call in calls)


def _as_json(call: ToolCall) -> str:
    return msgspec.json.encode({"name": call.name, "arguments": call.arguments}).decode()


def _text(before: str | None, after: str | None, now: str | None) -> str | None:
    return now if before == after else after


def _calls(before: Output, after: Output, now: Correction) -> tuple[ToolCall, ...]:
    """Return the calls that were read; one that reads as it did before has the arguments that it had."""
    was = before.tool_calls if len(before.tool_calls) == len(now.tool_calls) else ()
    if len(was) != len(after.tool_calls):
        known = {_key(one): kept for one, kept in zip(was, now.tool_calls, strict=False)}
        return tuple(known.get(_key(call), _clean((call,))[0]) for call in after.tool_calls)
    return tuple(
        _kept(call, *pair)
        for call, pair in zip(after.tool_calls, zip_longest(was, now.tool_calls), strict=True)
    )


def _kept(call: ToolCall, was: ToolCall, now: ToolCall) -> ToolCall:
    """Return a call with every argument that was not edited as it is, whatever type the syntax gives it."""
    if call.name != was.name:
        return ToolCall(call.name, call.arguments)
    arguments: dict[str, Any] = {
        name: now.arguments[name] if name in was.arguments and was.arguments[name] == value else value
        for name, value in call.arguments.items()
    }
    return replace(now, arguments=arguments)


def _key(call: ToolCall) -> tuple[str, str]:
    return call.name, repr(call.arguments)


def _same(one: Sequence[ToolCall], other: Sequence[ToolCall]) -> bool:
    return [(c.name, repr(c.arguments)) for c in one] == [(c.name, repr(c.arguments)) for c in other]
