"""What the rows must be made of: calls and no calls, over all and by tier."""

from __future__ import annotations

from collections.abc import Iterator

from curator.datasets.gates.registry import GateState, gate, more, rows_to_dilute, rows_to_reach, rule
from curator.datasets.meters import BandState, Meters, bands
from curator.profiles import Profile

PHRASES = {"none": "no call", "one": "one call", "several": "several calls"}
CALLS = {"none": "calls:0", "one": "calls:1", "several": "calls:>1"}
_OTHERS = {"none": "calls:>0", "one": "calls:0", "several": "calls:<2"}


@rule(40)
def composition(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants every composition band of the profile."""
    if profile.gates.bands:
        wanted = profile.bands
        for band in bands(meters, profile):
            if band.id in wanted:
                yield _band_gate(band, meters.sft_rows)


@rule(45)
def tier_composition(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants every composition band of every tier by itself."""
    for tier in meters.tiers if profile.gates.tier_bands else ():
        wanted = profile.bands_of(tier)
        for band in bands(meters, profile, tier):
            if band.id in wanted:
                yield _band_gate(band, sum(meters.classes_of(tier).values()), tier)


@rule(50)
def share_with_calls(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants the share of rows with a call within bounds: too many teach to call always."""
    low, high = profile.gates.share_with_calls
    if (low, high) == (0.0, 1.0):
        return
    total = meters.sft_rows
    have = total - meters.classes.get("none", 0)
    title = f"{low:.0%}–{high:.0%} of the rows call a tool"
    missing, query = "", ""
    if have < low * total:
        missing, query = more(rows_to_reach(have, total, low), "row", " with a call"), "calls:>0 verdict:none"
    elif have > high * total:
        missing = more(rows_to_dilute(have, total, high), "row", " without a call")
        query = "calls:0 verdict:none"
    yield gate("share_with_calls", title, missing, query=query)


@rule(55)
def several_steps(meters: Meters, profile: Profile) -> Iterator[GateState]:
    """Wants rows that go on after a tool result."""
    low = profile.gates.several_steps
    if low:
        have = meters.count("steps", "several")
        short = rows_to_reach(have, max(1, meters.sft_rows), low)
        missing = more(short, "row", " after a tool result") if short else ""
        title = f"{low:.0%} of the rows come after a tool result"
        yield gate("several_steps", title, missing, detector="several_steps")


def _band_gate(band: BandState, total: int, tier: str = "") -> GateState:
    where = f" in tier {tier}" if tier else ""
    title = f"{band.title} {band.low:.0%}–{band.high:.0%}{where}"
    within = f"tier:{tier} " if tier else ""
    phrase, missing, query = PHRASES[band.id], "", ""
    if band.state == "empty" and band.low:
        missing, query = f"rows with {phrase}{where}", CALLS[band.id]
    elif band.state == "low":
        count = rows_to_reach(band.count, total, band.low)
        missing, query = more(count, "row", f" with {phrase}{where}"), CALLS[band.id]
    elif band.state == "high":
        count = rows_to_dilute(band.count, total, band.high)
        missing, query = (
            more(count, "row", f"{where} with another number of calls than {phrase}"),
            _OTHERS[band.id],
        )
        if not count:
            missing = f"no row{where} may have {phrase}"
    id = f"band_{band.id}" + (f"_{tier}" if tier else "")
    return gate(id, title, missing, query=f"{within}{query} verdict:none")
