"""What the checks say of a correction: those that look at logged turns, as far as they need no raw text."""

from __future__ import annotations

from msgspec.structs import replace

from curator.checks import Context, run_checks
from curator.model import Correction, Finding, Output, Turn
from curator.profiles import Profile

_LOOKS = frozenset(
    (
        "coherence",
        "first_tool",
        "absent_entity_called",
        "mixed_output",
        "redundant_action",
        "state_not_fetched",
        "unknown_entity",
        "json_like_text",
        "identity_leak",
        "call_in_thinking",
    )
)
"""Checks of what is thought, said and called. Schemas and unknown tools are told as violations already."""

_LONGEST = 50_000
"""Characters of thinking and text up to which a look takes no longer than a key should."""


def second_look(turn: Turn, correction: Correction, profile: Profile) -> tuple[Finding, ...]:
    """Return what the checks find in a corrected turn, errors first; infos are left out."""
    if len(correction.thinking or "") + len(correction.content or "") > _LONGEST:
        return ()
    output = Output(correction.thinking, correction.content, correction.tool_calls)
    corrected = replace(turn, raw="", output=output, outcomes=(), finish_reason=None)
    context = Context(aliases=profile.words, profile=profile)
    found = run_checks(corrected, context, only=_LOOKS)
    return tuple(one for one in found if one.severity != "info")
