"""What the engine made of a raw output: the calls it executed and the content it kept."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from curator.ingest.entropic.model_log import LoggedTurn
from curator.model import Output, Problem, Span, ToolCall, ToolSpec
from curator.parsing import parse

_TAGGED = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)
_THINK = re.compile(r"<think>.*?</think>", re.DOTALL)
_SHELL_BLOCK = re.compile(r"```\w*\s*\n?[a-zA-Z_][\w.]*\.[a-zA-Z_]\w*\s+\S.*?\n?```", re.DOTALL)

Attempts = list[tuple[str, dict[str, Any]]]
Attempt = tuple[str, dict[str, Any] | None]


class Executed(NamedTuple):
    """A parsed output whose calls are those that the log says were executed."""

    output: Output
    flaw: tuple[str, str] | None = None
    """(code, sentence) where output and log differ."""


def executed_output(turn: LoggedTurn, attempts: Attempts, tools: tuple[ToolSpec, ...]) -> Executed:
    """Parse the raw output; where the logs say that something else was executed, they win.

    Every difference is a problem of the output: ``executed_in_thinking`` (a call was taken out of the
    thinking), ``raw_lost`` (the logged text has no call at all, or no log has what was executed) or
    ``calls_differ``.
    """
    output = parse(turn.raw, tools=tools)
    if overlooked := _from_raw(turn, output):
        return overlooked
    stated = [name for name, _ in attempts] == list(turn.call_names)
    return _settled(turn, output, attempts if stated else [(name, None) for name in turn.call_names])


def _from_raw(turn: LoggedTurn, output: Output) -> Executed | None:
    """The engine takes every tagged call of the whole text, inside the thinking too."""
    calls = [call for match in _TAGGED.finditer(turn.raw) if (call := _tagged_call(match))]
    overlooked = [call for call in calls if not any(_overlap(call, one) for one in output.tool_calls)]
    if not overlooked or tuple(call.name for call in calls) != turn.call_names:
        return None
    problems = [_overlooked(call, output.thinking_span or (0, 0)) for call in overlooked]
    unused = [one for one in output.tool_calls if not any(_overlap(call, one) for call in calls)]
    return _differing(output, calls, problems + [_not_executed(call) for call in unused])


def _overlap(one: ToolCall, other: ToolCall) -> bool:
    return bool(one.span and other.span and one.span[0] < other.span[1] and other.span[0] < one.span[1])


def _overlooked(call: ToolCall, thinking: Span) -> Problem:
    if call.span and thinking[0] <= call.span[0] < thinking[1]:
        sentence = f"The engine executed {call.name}, which stands in the thinking."
        return Problem("executed_in_thinking", sentence, call.span)
    sentence = f"The engine executed {call.name}, which stands where the output has no call."
    return Problem("calls_differ", sentence, call.span)


def _not_executed(call: ToolCall) -> Problem:
    sentence = f"The output calls {call.name}, which the engine did not execute."
    return Problem("calls_differ", sentence, call.span)


def _differing(output: Output, calls: list[ToolCall], problems: list[Problem]) -> Executed:
    """Return the output with the calls that were executed, and what differs as one flaw of the log."""
    changed = replace(output, tool_calls=tuple(calls), problems=(*output.problems, *problems))
    sentences = " ".join(problem.message for problem in problems)
    return Executed(changed, (problems[0].code, sentences[0].lower() + sentences[1:]))


def _tagged_call(match: re.Match[str]) -> ToolCall | None:
    try:
        value = json.loads(match[1])
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return None
    arguments = value.get("arguments", value.get("parameters", {}))
    if not isinstance(arguments, dict):
        return None
    return ToolCall(value["name"], arguments, syntax="hermes", span=match.span())


def _settled(turn: LoggedTurn, output: Output, executed: Sequence[Attempt]) -> Executed:
    """Let the calls be those that were executed; ``None`` stands for arguments that no log has."""
    code = "calls_differ" if _holds_call(turn.raw, output) else "raw_lost"
    left, calls, problems = list(output.tool_calls), [], list[Problem]()
    for name, arguments in executed:
        emitted = _emitted(left, name, arguments)
        if emitted:
            left.remove(emitted)
        call, sentence = _as_executed(name, arguments, emitted)
        if call:
            calls.append(call)
        if sentence:
            kind = code if call else "raw_lost"
            problems.append(Problem(kind, sentence, emitted.span if emitted else None))
    problems += [_not_executed(call) for call in left]
    return _differing(output, calls, problems) if problems else Executed(output)


def _holds_call(raw: str, output: Output) -> bool:
    """Tell whether there is a call in the text, one that can be read or not."""
    tried = any(problem.code != "unclosed_think" for problem in output.problems)
    return bool(output.tool_calls) or tried or "<tool_call" in raw


def _emitted(left: list[ToolCall], name: str, arguments: dict[str, Any] | None) -> ToolCall | None:
    """Return the call of the output that was executed so, else one of the same tool."""
    same = [call for call in left if call.name == name]
    exact = (call for call in same if arguments is None or _plain(call.arguments) == _plain(arguments))
    return next(exact, None) or next(iter(same), None)


def _as_executed(
    name: str, arguments: dict[str, Any] | None, emitted: ToolCall | None
) -> tuple[ToolCall | None, str]:
    """Return the call as it was executed, as far as it is known, and how the output differs from it."""
    if emitted is None and arguments is None:
        return None, f"The engine executed {name}, which the output does not hold; its arguments are unknown."
    if emitted is None:
        known = ToolCall(name, arguments or {}, status="repaired")
        return known, f"The engine executed {name}, which the output does not hold; session.log has it."
    if arguments is None or _plain(emitted.arguments) == _plain(arguments):
        return emitted, ""
    changed = replace(emitted, arguments=arguments, status="repaired")
    return changed, f"The engine executed {name} with other arguments than the output gives it."


def _plain(value: Any) -> Any:
    """Return a value whose leaves are texts: syntaxes without types give every value as one."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.strip() if isinstance(value, str) else json.dumps(value)


def cleaned_content(raw: str, calls: tuple[ToolCall, ...]) -> str:
    """Return the content that the engine keeps of an output: no closed think block, no call."""
    cleaned = _THINK.sub("", _TAGGED.sub("", raw).strip()).strip()
    if calls:
        lines = (line for line in cleaned.split("\n") if not _is_bare_call(line.strip()))
        cleaned = _SHELL_BLOCK.sub("", "\n".join(lines).strip()).strip()
    return cleaned


def _is_bare_call(line: str) -> bool:
    if not (line.startswith("{") and '"name"' in line):
        return False
    try:
        return "name" in json.loads(line)
    except (ValueError, RecursionError):
        return False


def rendered_calls(calls: tuple[ToolCall, ...]) -> str:
    """Return the text that stands for an assistant message of calls alone in the next prompt."""
    return "\n".join(
        f'<tool_call>{{"name": "{call.name}", "arguments": {json.dumps(call.arguments)}}}</tool_call>'
        for call in calls
    )
