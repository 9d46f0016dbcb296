"""Finds Home Assistant outputs that are not exactly one of fetch, actions or text."""

from __future__ import annotations

from collections.abc import Iterable

from curator.checks.commentary import LINE_SYNTAXES
from curator.checks.registry import Context, check
from curator.checks.support.home import house_of, is_fetch
from curator.model import Evidence, Finding, Turn


@check("mixed_output", "error", "Not exactly one of fetch, actions or text")
def mixed_output(turn: Turn, context: Context) -> Iterable[Finding]:
    """Tell fetches, actions and text apart; text beside lines of JSON is left to ``commentary``."""
    calls, content = turn.output.tool_calls, turn.output.content
    if house_of(turn.prompt) is None:
        return
    fetches = [index for index, call in enumerate(calls) if is_fetch(call)]
    all_calls = tuple(Evidence("calls", index, index + 1) for index in range(len(calls)))
    if 0 < len(fetches) < len(calls):
        message = "a fetch stands beside actions; act in the next turn, when the state is there"
        yield Finding("mixed_output", "error", message, all_calls)
    elif len(fetches) > 1:
        message = f"{len(fetches)} fetches where one can name all entities"
        yield Finding("mixed_output", "warning", message, all_calls)
    if calls and content and not (context.profile and context.profile.syntax in LINE_SYNTAXES):
        message = "text stands beside calls; an output is one of fetch, actions or text"
        yield Finding("mixed_output", "error", message, (Evidence("content", 0, len(content)),))
    if not calls and not content and not turn.output.problems:
        yield Finding("mixed_output", "error", "the output is neither fetch nor actions nor text")
