"""What rows must show: the coverage items of the profile, and every tool that is offered."""

from __future__ import annotations

from collections.abc import Iterator

from curator.datasets.gates.registry import GateState, gate, more, rule
from curator.datasets.meters import Meters, coverage
from curator.profiles import Profile


@rule(60)
def items(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants the rows of every coverage item that is required."""
    if not profile.gates.coverage:
        return
    for state in coverage(meters, profile):
        if not profile.coverage[state.id].is_required:
            continue
        short = state.wanted - state.rows
        missing = ""
        if short > 0:
            missing = more(short, "row", f": {state.title}") if state.rows else f"no row yet: {state.title}"
        wanted = f"{state.wanted} row{'s' * (state.wanted != 1)}: {state.title}"
        yield gate(f"coverage_{state.id}", wanted, missing, detector=state.id)


@rule(65)
def tools(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants rows for every tool that the rows offer."""
    wanted = profile.gates.rows_per_tool
    if not wanted:
        return
    for name in sorted(meters.tally.get("offered", {})):
        short = wanted - meters.count("tool", name)
        missing = more(short, "row", f" calling {name}") if short > 0 else ""
        title = f"{wanted} rows calling {name}"
        yield gate(f"tool_{name}", title, missing, query=f"tool:{name} verdict:none")
