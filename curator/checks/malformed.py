"""Turns the problems that parsing met into findings."""

from __future__ import annotations

from collections.abc import Iterable

from curator.checks.execution import CODES as EXECUTION
from curator.checks.registry import Context, call_evidence, check
from curator.model import Evidence, Finding, Problem, Severity, Turn

_OF_OTHERS = EXECUTION | {"unclosed_think", "pseudo_call"}
_SEVERITIES: dict[str, Severity] = {"repaired": "warning"}


@check("malformed", "error", "Output that does not read as it should")
def malformed(turn: Turn, _context: Context) -> Iterable[Finding]:
    """Report calls that could not be read or had to be mended, and calls in a code fence."""
    for problem in turn.output.problems:
        if problem.code not in _OF_OTHERS:
            severity = _SEVERITIES.get(problem.code, "error")
            yield Finding("malformed", severity, f"{problem.code}: {problem.message}", _at(problem))
    for index, call in enumerate(turn.output.tool_calls):
        if call.status == "in_code_fence":
            message = f"the call of {call.name} stands in a code fence"
            yield Finding("malformed", "info", message, call_evidence(index))


@check("think_block", "error", "Thinking that is empty or never closed")
def think_block(turn: Turn, _context: Context) -> Iterable[Finding]:
    """Report a think block without words, and one that the output never closes."""
    for problem in turn.output.problems:
        if problem.code == "unclosed_think":
            yield Finding("think_block", "error", problem.message, _at(problem))
    span = turn.output.thinking_span
    if span is not None and turn.output.thinking is None:
        yield Finding("think_block", "info", "the think block is empty", (Evidence("raw", *span),))


def _at(problem: Problem) -> tuple[Evidence, ...]:
    return (Evidence("raw", *problem.span),) if problem.span else ()
