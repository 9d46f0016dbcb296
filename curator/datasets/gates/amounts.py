"""How many rows there must be: SFT rows, preference pairs, rows per tier."""

from __future__ import annotations

from collections.abc import Iterator

from curator.datasets.gates.registry import GateState, at_least, gate, more, rule
from curator.datasets.meters import Meters
from curator.profiles import Profile


@rule(10)
def sft_rows(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants a number of SFT rows, one at least."""
    wanted = max(1, profile.gates.min_sft_rows)
    yield at_least("sft_rows", f"{wanted} SFT rows", meters.sft_rows, wanted, "SFT row", "verdict:none")


@rule(20)
def pairs(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants a number of preference pairs; refuses them where the profile does."""
    wanted = profile.gates.min_pairs
    if wanted and profile.preferences != "forbidden":
        title = f"{wanted} preference pairs"
        yield at_least("pairs", title, meters.pairs, wanted, "preference pair", "verdict:none")


@rule(30)
def tier_targets(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants the target of every tier that the logs have."""
    if not profile.gates.tier_targets:
        return
    for name, tier in profile.tiers.items():
        if tier.target_rows and name in meters.tiers:
            short = tier.target_rows - sum(meters.classes_of(name).values())
            missing = more(short, "row", f" in tier {name}") if short > 0 else ""
            title = f"{tier.target_rows} rows in tier {name}"
            yield gate(f"target_{name}", title, missing, query=f"tier:{name} verdict:none")
