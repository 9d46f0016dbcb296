"""Reports where the engine executed something else than the output of the turn holds.

The reader has let the log win already: the calls of such a turn are those that were executed.
"""

from __future__ import annotations

from collections.abc import Iterable

from curator.checks.registry import Context, call_evidence, check
from curator.model import Evidence, Finding, Output, Problem, Severity, Span, Turn

CODES = frozenset(("executed_in_thinking", "raw_lost", "calls_differ"))
"""Codes of the problems that are the concern of this check alone."""


@check("execution", "error", "Other calls executed than the output holds")
def execution(turn: Turn, _context: Context) -> Iterable[Finding]:
    """Hold the output against what the log says was executed.

    Errors: a call was executed out of the thinking, with other arguments, or in spite of not being
    there; or one was never executed. Warnings: the logged text lost its calls, another log has them.
    """
    for problem in turn.output.problems:
        if problem.code in CODES:
            call = _call(problem, turn.output)
            severity: Severity = "warning" if problem.code == "raw_lost" and call is not None else "error"
            sentence = problem.message[:1].lower() + problem.message[1:].rstrip(".")
            yield Finding("execution", severity, sentence, _evidence(problem, call, turn))


def _call(problem: Problem, output: Output) -> int | None:
    """Return the executed call that the problem is about; those without a place stand in the same order."""
    calls = enumerate(output.tool_calls)
    if problem.span:
        return next((i for i, call in calls if call.span == problem.span), None)
    restored = [i for i, call in calls if call.span is None]
    unplaced = [one for one in output.problems if one.code in CODES and one.span is None]
    if len(restored) != len(unplaced):
        return None
    return next(i for i, one in zip(restored, unplaced, strict=True) if one is problem)


def _evidence(problem: Problem, call: int | None, turn: Turn) -> tuple[Evidence, ...]:
    """Point at the words in the output and at the call, else at all of the output."""
    found = () if call is None else call_evidence(call)
    if problem.span:
        return (_words(problem.span, turn.output.thinking_span), *found)
    return found or ((Evidence("raw", 0, len(turn.raw)),) if turn.raw else ())


def _words(span: Span, thinking: Span | None) -> Evidence:
    start, end = span
    if thinking and thinking[0] <= start and end <= thinking[1]:
        return Evidence("thinking", start - thinking[0], end - thinking[0])
    return Evidence("raw", start, end)
