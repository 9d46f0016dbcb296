"""Finds calls that stand inside the thinking, where no engine should look for them."""

from __future__ import annotations

from collections.abc import Iterable

from curator.checks.registry import Context, call_key, check
from curator.model import Evidence, Finding, Severity, ToolCall, Turn
from curator.parsing import parse


@check("call_in_thinking", "error", "Call inside the thinking")
def call_in_thinking(turn: Turn, _context: Context) -> Iterable[Finding]:
    """Read the thinking as an output would be read; calls that are quoted as code do not count.

    Errors: the answer does not call that tool. Warnings: it calls it, with the same arguments or others.
    """
    thinking = turn.output.thinking
    if not thinking or not ("<" in thinking or "{" in thinking or "[" in thinking):
        return
    for call in parse(thinking, tools=turn.tools).tool_calls:
        if call.span is None or call.status == "in_code_fence" or _is_executed(call, turn):
            continue
        severity, rest = _in_answer(call, turn)
        message = f"the call of {call.name} stands in the thinking; {rest}"
        yield Finding("call_in_thinking", severity, message, (Evidence("thinking", *call.span),))


def _in_answer(call: ToolCall, turn: Turn) -> tuple[Severity, str]:
    """Say what the answer makes of a call that was written in the thinking."""
    same = [one for one in turn.output.tool_calls if one.name == call.name]
    if any(call_key(one) == call_key(call) for one in same):
        return "warning", "the answer makes it again"
    if same:
        return "warning", "the answer makes it with other arguments"
    return "error", "the answer does not make it"


def _is_executed(call: ToolCall, turn: Turn) -> bool:
    """Tell whether the log says that it was executed from there, which another check reports."""
    at = turn.output.thinking_span
    if call.span is None or at is None:
        return False
    place = (call.span[0] + at[0], call.span[1] + at[0])
    return any(one.code == "executed_in_thinking" and one.span == place for one in turn.output.problems)
