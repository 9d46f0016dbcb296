"""Finds answers that claim to be another model, or to come from another maker."""

from __future__ import annotations

from collections.abc import Iterable

from curator.checks.registry import Context, check
from curator.checks.support.claims import NAMES, claims
from curator.model import Evidence, Field, Finding, Turn


@check("identity_leak", "error", "Claims to be another model")
def identity_leak(turn: Turn, context: Context) -> Iterable[Finding]:
    """Look for names of the profile's ``identity`` that content or thinking takes on; denials are fine."""
    names = context.profile.identity if context.profile else NAMES
    texts: dict[Field, str | None] = {"content": turn.output.content, "thinking": turn.output.thinking}
    for field, text in texts.items():
        for claim in claims(text or "", names):
            message = f"the {_WORDS[field]} claims to be, or to come from, {claim.name}"
            yield Finding("identity_leak", "error", message, (Evidence(field, claim.start, claim.end),))


_WORDS: dict[Field, str] = {"content": "answer", "thinking": "thinking"}
