"""Finds actions that change nothing: the state holds already, or the same action came before."""

from __future__ import annotations

from collections.abc import Iterable

from curator.checks.registry import CallKey, Context, call_evidence, call_key, check
from curator.checks.support.home import State, effect, holds, house_of, is_fetch, targets
from curator.model import Finding, Turn


@check("redundant_action", "error", "Action that changes nothing")
def redundant_action(turn: Turn, _context: Context) -> Iterable[Finding]:
    """Play the actions in order on the state of the prompt and report those without an effect."""
    house = house_of(turn.prompt) if turn.output.tool_calls else None
    if house is None:
        return
    state = dict(house.state or {})
    earlier: set[CallKey] = set()
    for index, call in enumerate(turn.output.tool_calls):
        if is_fetch(call):
            continue
        named, wanted = targets(call, house), effect(call)
        if named and all(holds(wanted, state.get(one, {})) for one in named):
            words = f"{', '.join(named)} {'is' if len(named) == 1 else 'are'} so already: {_told(wanted)}"
            yield Finding("redundant_action", "error", f"{call.name}: {words}", call_evidence(index))
        elif not named and call_key(call) in earlier:
            message = f"{call.name} is called twice with the same arguments"
            yield Finding("redundant_action", "error", message, call_evidence(index))
        earlier.add(call_key(call))
        for one in named:
            state[one] = {**state.get(one, {}), **wanted}


def _told(wanted: State) -> str:
    return ", ".join(f"{key} {value}" for key, value in wanted.items())
