"""Finds thinking where the profile forbids it, and its lack where the profile requires it."""

from __future__ import annotations

from collections.abc import Iterable

from curator.checks.registry import Context, check
from curator.checks.support.places import raw_evidence
from curator.model import Evidence, Finding, Span, Turn


@check("thinking_policy", "error", "Thinking against the rule of the profile")
def thinking_policy(turn: Turn, context: Context) -> Iterable[Finding]:
    """Hold the turn against the profile's rule for thinking; a block of white space is no thinking."""
    policy = context.profile.thinking if context.profile else "optional"
    if policy == "optional":
        return
    thinking = turn.output.thinking
    thinks = thinking is not None and not thinking.isspace() and thinking != ""
    if policy == "forbidden" and thinks:
        evidence = (Evidence("thinking", 0, len(thinking or "")),)
        yield Finding(
            "thinking_policy", "error", "the profile forbids thinking, and the turn thinks", evidence
        )
    elif policy == "required" and not thinks:
        block = _empty_block(turn)
        found = "an empty think block" if block or thinking is not None else "none"
        message = f"the profile requires thinking, and the turn has {found}"
        yield Finding("thinking_policy", "error", message, raw_evidence(block))


def _empty_block(turn: Turn) -> Span | None:
    """Return where the block without words stands, with its tags."""
    span = turn.output.thinking_span
    if span is None:
        return None
    start, end = turn.raw.rfind("<", 0, span[0]), turn.raw.find(">", span[1])
    return (start, end + 1) if 0 <= start < end else None
