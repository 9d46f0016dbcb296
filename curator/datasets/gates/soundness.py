"""What no row may have: broken calls, thinking that leads elsewhere, secrets, copies, too many tokens."""

from __future__ import annotations

from collections.abc import Iterator

from curator.datasets.gates.registry import GateState, gate, more, rule
from curator.datasets.meters import Meters
from curator.profiles import Profile


@rule(70)
def valid_calls(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Refuses corrections that were saved in spite of their schemas."""
    if profile.gates.valid_calls:
        missing = f"{meters.marked} saved in spite of a schema" if meters.marked else ""
        yield gate("valid_calls", "every correction fits its schemas", missing, query="verdict:corrected")


@rule(72)
def thinking(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants thinking in every row where the profile requires it, and in none where it forbids it."""
    if not profile.gates.thinking or profile.thinking == "optional":
        return
    if profile.thinking == "required":
        number = meters.count("thinks", "no")
        missing = f"{number} row{'s' * (number != 1)} without thinking" if number else ""
        yield gate("thinking", "every row thinks", missing, query="no:think verdict:correct")
    else:
        number = meters.count("thinks", "yes")
        missing = f"{number} row{'s' * (number != 1)} with thinking" if number else ""
        yield gate("thinking", "no row thinks", missing, query="has:think verdict:correct")


@rule(74)
def coherence(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants thinking that leads to the calls."""
    wanted = profile.gates.coherence
    if not wanted:
        return
    yes, no = meters.count("coherent", "yes"), meters.count("coherent", "no")
    is_low = yes < wanted * (yes + no)
    missing = f"{no} of {yes + no} rows think one thing and do another" if is_low else ""
    title = f"thinking leads to the calls in {wanted:.0%} of the rows"
    yield gate("coherence", title, missing, query="check:coherence verdict:correct")


@rule(76)
def findings(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Refuses rows in which certain checks find something."""
    for check in profile.gates.no_findings:
        number = meters.count("finding", check)
        missing = f"{number} row{'s' * (number != 1)} with {check.replace('_', ' ')}" if number else ""
        title = f"no row with {check.replace('_', ' ')}"
        yield gate(f"no_{check}", title, missing, query=f"check:{check} verdict:correct")


@rule(78)
def secrets(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Refuses rows with secrets or personal data that nobody has hidden."""
    if profile.gates.no_secrets:
        number = meters.count("finding", "secret")
        missing = (
            f"{number} row{'s' * (number != 1)} with a secret or personal data to hide" if number else ""
        )
        yield gate("no_secrets", "no secrets in rows", missing, query="check:secret")


@rule(80)
def lengths(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Refuses rows over their budget of tokens."""
    if profile.gates.lengths:
        number = meters.count("over", "length")
        about = " (estimated)" if meters.count("tokenizer", "estimate") else ""
        missing = f"{number} row{'s' * (number != 1)} over the budget of tokens{about}" if number else ""
        yield gate("lengths", f"no row over its budget of tokens{about}", missing, query="check:over_length")


@rule(82)
def duplicates(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Refuses rows that are there twice."""
    if profile.gates.no_duplicates:
        rows = meters.tally.get("row", {})
        extra = sum(rows.values()) - len(rows)
        missing = f"{extra} row{'s' * (extra != 1)} that repeat another" if extra else ""
        yield gate("no_duplicates", "no row twice", missing)


@rule(84)
def system_prompt(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants one system prompt in a tier: a model that learns several obeys none."""
    if not profile.gates.one_system_prompt:
        return
    tiers: dict[str, int] = {}
    for value in meters.tally.get("system", {}):
        tier = value.rpartition("|")[0]
        tiers[tier] = tiers.get(tier, 0) + 1
    several = [
        f"{number} system prompts in tier {tier or '—'}"
        for tier, number in sorted(tiers.items())
        if number > 1
    ]
    yield gate("one_system_prompt", "one system prompt in every tier", ", ".join(several))


@rule(86)
def mix(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants general data against forgetting, and rows from real logs."""
    low, high = profile.gates.replay
    total = max(1, meters.sft_rows)
    if (low, high) != (0.0, 1.0):
        share = meters.count("general", "yes") / total
        missing = ""
        if not low <= share <= high:
            missing = f"{share:.0%} of the rows are general data, not {low:.0%}–{high:.0%}"
        yield gate("replay", f"{low:.0%}–{high:.0%} general data", missing, query=profile.general)
    real = profile.gates.real_share
    if real:
        short = max(0, round(real * total) - meters.count("origin", "real"))
        missing = more(short, "row", " from real logs") if short else ""
        yield gate(
            "real_share", f"{real:.0%} of the rows from real logs", missing, query="origin:real verdict:none"
        )
