"""Gates: rules of the profile that must hold before training may start, with what is missing in words."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from curator.datasets.gates.registry import GateState, rules
from curator.datasets.meters import Meters
from curator.errors import GateError
from curator.profiles import Profile
from curator.store import Waiver

__all__ = ["GateState", "check_gates", "require_open"]


def check_gates(
    meters: Meters, profile: Profile, waivers: Mapping[str, Waiver] | None = None
) -> tuple[GateState, ...]:
    """Check every gate that the profile switches on; an SFT row is always needed."""
    states = [state for rule in rules() for state in rule(meters, profile)]
    return tuple(_waived(state, (waivers or {}).get(state.id)) for state in states)


def require_open(
    meters: Meters, profile: Profile, waivers: Mapping[str, Waiver] | None = None
) -> tuple[GateState, ...]:
    """Refuse to go on while a gate is not met and not waived; return how every gate stands.

    Raises:
        GateError: Names every gate that is open, and what is missing.
    """
    states = check_gates(meters, profile, waivers)
    missing = [gate.missing for gate in states if gate.state == "open"]
    if missing:
        raise GateError("; ".join(missing) + ".", title="Training would not be sound yet")
    return states


def _waived(state: GateState, waiver: Waiver | None) -> GateState:
    if waiver is None or state.state == "met":
        return state
    return replace(state, state="waived", reason=f"{waiver.reason} ({waiver.reviewer}, {waiver.at[:10]})")
