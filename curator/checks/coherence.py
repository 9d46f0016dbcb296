"""Compares what the thinking finally settles on with what was called."""

from __future__ import annotations

import re
from collections.abc import Iterable

from curator.checks.registry import Context, check
from curator.checks.support.verdicts import Verdict, verdict
from curator.model import Evidence, Finding, Output, Severity, ToolCall, ToolSpec, Turn

_UNFINISHED = frozenset(("unclosed_think", "executed_in_thinking"))
"""Problems after which the thinking is not known to be whole."""
_BROKEN = frozenset(
    ("invalid_json", "unclosed", "malformed", "missing_name", "unknown_tool", "in_code_fence")
)
"""Problems that stand in place of a call."""
_CUT = frozenset(("length", "max_tokens", "model_length", "MAX_TOKENS", "interrupted"))
_DOTTED = re.compile(r"(?<![\w./])[a-z]\w*\.[a-z]+(?:_[a-z]+)+(?![\w(/])")
"""Names like those called, for logs that do not say which tools were offered."""
_NAMED = re.compile(r"\"(?:name|tool|function)\"\s*:\s*\"([^\"]{1,120})\"|<function=([^>\s]{1,120})>")


@check("coherence", "error", "Thinking and calls do not agree")
def coherence(turn: Turn, context: Context) -> Iterable[Finding]:
    """Find turns whose thinking settles on something else than what is called.

    Errors: another tool is called in place of the one that is due. Warnings: a due call is missing,
    a call was ruled out, or the order or an argument contradicts the thinking. Infos: a tool is
    planned for a later step.
    """
    output = turn.output
    if not output.thinking or any(problem.code in _UNFINISHED for problem in output.problems):
        return
    calls = (*output.tool_calls, *_attempts(turn))
    found = verdict(output.thinking, output.content, calls, _tools(turn, context), context.aliases)
    if found.verdict == "planned_not_called" and turn.finish_reason in _CUT:
        return
    if found.verdict != "coherent":
        yield _finding(found, output)
    elif output.tool_calls:
        for one in found.later:
            name = " or ".join(sorted(one.name.tools))
            message = f"the thinking plans {name} for later; this turn does not call it"
            yield Finding("coherence", "info", message, (Evidence("thinking", one.name.start, one.name.end),))


def _finding(found: Verdict, output: Output) -> Finding:
    severity: Severity = "error" if found.verdict == "names_another_tool" else "warning"
    count = len(output.tool_calls)
    evidence = tuple(one for one in found.evidence if one.field != "calls" or one.start < count)
    return Finding("coherence", severity, found.message, evidence, found.suggestion)


def _attempts(turn: Turn) -> list[ToolCall]:
    """Return the broken calls of a turn as far as their names can be read."""
    names: list[str] = []
    for problem in turn.output.problems:
        if problem.span is None or problem.code not in _BROKEN:
            continue
        text = turn.raw[problem.span[0] : problem.span[1]] + " " + problem.message
        names += [a or b for a, b in _NAMED.findall(text)]
        names += [
            tool.name for tool in turn.tools if re.search(rf"(?<![\w.]){re.escape(tool.name)}(?![\w.])", text)
        ]
    return [ToolCall(name, status="malformed") for name in dict.fromkeys(names)]


def _tools(turn: Turn, context: Context) -> tuple[ToolSpec, ...]:
    """Return the tools that the thinking may name; where the log lists none, those called so far."""
    if turn.tools:
        return turn.tools
    names = {name for name, _ in context.seen} | {call.name for call in turn.output.tool_calls}
    if any("." in name for name in names):
        names.update(_DOTTED.findall(turn.output.thinking or ""))
    return tuple(ToolSpec(name) for name in sorted(names))
