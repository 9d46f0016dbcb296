"""Finds actions on entities that are known but not there (``present: false``)."""

from __future__ import annotations

from collections.abc import Iterable

from curator.checks.registry import Context, call_evidence, check
from curator.checks.support.home import house_of, is_fetch, targets
from curator.model import Finding, Turn


@check("absent_entity_called", "error", "Action on an entity that is not present")
def absent_entity_called(turn: Turn, _context: Context) -> Iterable[Finding]:
    """Report each action on an absent entity; the right answer is a refusal or a question."""
    house = house_of(turn.prompt) if turn.output.tool_calls else None
    if house is None:
        return
    for index, call in enumerate(turn.output.tool_calls):
        for named in () if is_fetch(call) else targets(call, house):
            if house.is_absent(named):
                message = f"{call.name} acts on '{named}', which the ontology says is not present"
                yield Finding("absent_entity_called", "error", message, call_evidence(index))
