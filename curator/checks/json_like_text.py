"""Finds text that looks like JSON, or like a call, and was read as neither."""

from __future__ import annotations

import re
from collections.abc import Iterable

from curator.checks.commentary import LINE_SYNTAXES
from curator.checks.registry import Context, check
from curator.checks.support.places import found_outside_code
from curator.model import Evidence, Finding, Turn

_LINE = re.compile(r"^[ \t]*(?:`{3,}[^\n]*\n\s*)?([{\[][ \t]*(?:[\"'{}\[\]\d-]|\Z|\n)[^\n]*)", re.MULTILINE)
_CALL = re.compile(
    r"\{\s{0,8}[\"'](?:tool_call|name|function|tool|type|action)[\"']\s{0,4}:[^\n{}]{0,200}"
    r"(?:\{\s{0,8}[\"']name[\"'][^\n{}]{0,200})?[\"'](?:arguments|parameters|args|input)[\"']\s{0,4}:[^\n]*"
)


@check("json_like_text", "error", "Text that looks like JSON but is no call")
def json_like_text(turn: Turn, context: Context) -> Iterable[Finding]:
    """Look for objects in the content.

    Errors: any line of JSON, where the profile's calls are lines of JSON. Warnings: elsewhere, what
    has the name and arguments of a call and stands in no code.
    """
    content = turn.output.content
    if not content or ("{" not in content and "[" not in content):
        return
    if context.profile is not None and context.profile.syntax in LINE_SYNTAXES:
        for match in _LINE.finditer(content):
            message = "the text looks like JSON, which only calls may"
            yield Finding("json_like_text", "error", message, (Evidence("content", *match.span(1)),))
        return
    for match in found_outside_code(_CALL, content):
        message = "the text looks like a call, but cannot be read as one"
        yield Finding("json_like_text", "warning", message, (Evidence("content", *match.span()),))
