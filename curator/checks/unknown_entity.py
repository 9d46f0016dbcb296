"""Finds calls on entities that the house of the prompt does not have."""

from __future__ import annotations

from collections.abc import Iterable

from curator.checks.registry import Context, call_evidence, check
from curator.checks.schema import nearest
from curator.checks.support.home import House, house_of, targets
from curator.model import Finding, Turn


@check("unknown_entity", "error", "Entity that the ontology does not have")
def unknown_entity(turn: Turn, _context: Context) -> Iterable[Finding]:
    """Look up every entity id of the calls in the ontology of the prompt."""
    house = house_of(turn.prompt) if turn.output.tool_calls else None
    if house is None:
        return
    for index, call in enumerate(turn.output.tool_calls):
        for named in targets(call, house):
            if named not in house.entities:
                near = _meant(named, house)
                hint = f"; nearest: '{near}'" if near else ""
                message = f"{call.name}: the ontology has no entity '{named}'{hint}"
                yield Finding("unknown_entity", "error", message, call_evidence(index), near)


def _meant(named: str, house: House) -> str | None:
    """Return the entity with this name, else the one whose id is most like it."""
    by_name = (one.id for one in house.entities.values() if named.lower() in one.names)
    return next(by_name, None) or nearest(named, house.entities)
