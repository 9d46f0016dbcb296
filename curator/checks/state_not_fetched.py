"""Finds actions on entities whose state the prompt does not give."""

from __future__ import annotations

from collections.abc import Iterable

from curator.checks.registry import Context, call_evidence, check
from curator.checks.support.home import effect, house_of, is_fetch, targets
from curator.model import Finding, Severity, Turn


@check("state_not_fetched", "error", "Action without a look at the state")
def state_not_fetched(turn: Turn, _context: Context) -> Iterable[Finding]:
    """Report actions that may be redundant for all that the prompt says; the state has to be fetched first.

    Errors: the prompt has no STATE. Warnings: it has one, without this entity. Scenes, scripts and
    tools that name no entity need none, and what the ontology does not have is left to other checks.
    """
    house = house_of(turn.prompt) if turn.output.tool_calls else None
    if house is None:
        return
    severity: Severity = "error" if house.state is None else "warning"
    known = house.state or {}
    for index, call in enumerate(turn.output.tool_calls):
        if is_fetch(call) or not effect(call):
            continue
        unknown = [one for one in targets(call, house) if house.needs_state(one) and one not in known]
        if unknown := [one for one in unknown if not house.is_absent(one)]:
            message = f"{call.name} acts on {', '.join(unknown)} without knowing the state; fetch it first"
            yield Finding("state_not_fetched", severity, message, call_evidence(index), "get_entity_state")
