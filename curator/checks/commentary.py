"""Finds text beside the calls in projects whose calls are bare lines of JSON."""

from __future__ import annotations

from collections.abc import Iterable

from curator.checks.registry import Context, check
from curator.model import Evidence, Finding, Turn

LINE_SYNTAXES = frozenset(("bare-json-line", "wrapped-json-line"))
"""Syntaxes in which an output with calls is nothing but calls, one JSON object a line."""


@check("commentary", "error", "Text beside JSON calls")
def commentary(turn: Turn, context: Context) -> Iterable[Finding]:
    """Report content before, between or after calls where the profile's calls are lines of JSON."""
    content = turn.output.content
    if context.profile is None or context.profile.syntax not in LINE_SYNTAXES:
        return
    if content and turn.output.tool_calls:
        spans = [span for span in turn.output.content_spans if turn.raw[slice(*span)].strip()]
        evidence = [Evidence("raw", *span) for span in spans] or [Evidence("content", 0, len(content))]
        message = "text stands beside the calls, where only lines of JSON may stand"
        yield Finding("commentary", "error", message, tuple(evidence))
