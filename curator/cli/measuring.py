"""Verbs that say what the decisions amount to: stats, waive."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from curator.cli.context import as_json, print_json, reviewer, say, verb, workspace
from curator.datasets import GateState, Meters, bands, check_gates, count, coverage
from curator.datasets.lengths import lengths
from curator.datasets.meters import quantity
from curator.datasets.shares import count_shares, shares
from curator.datasets.tiers import tier_states
from curator.errors import InputError
from curator.model import STATES
from curator.profiles import Profile
from curator.review.pace import paces
from curator.review.preferring import side_counts
from curator.store import Store

_QUANTITIES = {
    "wait": "too few rows: wait with training",
    "narrow": "rows enough to try one narrow task",
    "enough": "rows enough to train",
    "good": "a good number of rows",
    "excellent": "an excellent number of rows",
}
_MARKS = {"met": "✓", "open": "✗", "waived": "~"}


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("stats")(verb(stats))
    app.command("waive")(verb(waive))


def stats(tier: Annotated[str | None, typer.Option(metavar="T", help="One tier only.")] = None) -> None:
    """Say what the decisions amount to: verdicts, composition, coverage, rows, pace, gates."""
    home = workspace()
    meters = count(home.store, tier, home.profile)
    gates = check_gates(meters, home.profile, home.store.waivers.standing())
    if as_json():
        stated = _stats(meters, gates, home.profile, home.store)
        print_json(
            stated | {"pace": [msgspec.to_builtins(pace) for pace in paces(home.store.journal.timed())]}
        )
        return
    say(f"{meters.decided} of {meters.turns} turns decided")
    say("  " + ", ".join(f"{meters.states.get(s, 0)} {s}" for s in STATES if meters.states.get(s)))
    for band in bands(meters, home.profile, tier):
        wanted = f"{band.low:.0%}–{band.high:.0%}"
        say(f"  {band.title:9} {band.count:5}  {band.share:4.0%} of {wanted}  {band.state}")
    for item in coverage(meters, home.profile):
        say(f"  {_MARKS[item.state]} {item.title}: {item.rows} of {item.wanted} rows")
    say(f"  {meters.sft_rows} SFT rows, {meters.pairs} preference pairs, {meters.kto_rows} KTO rows")
    if word := quantity(meters, home.profile):
        say(f"  {_QUANTITIES[word]}")
    if meters.sft_rows:
        say("  " + " · ".join(_rates(meters)))
    for pace in paces(home.store.journal.timed()):
        say(f"  {pace.reviewer}: {pace.seconds:g} s a decision, {pace.per_hour:.0f} an hour (n {pace.timed})")
    for who, sides in side_counts(home.store.journal.preferences()).items():
        say(f"  {who} compared {_sides_words(sides)}")
    for gate in gates:
        why = gate.reason if gate.state == "waived" else gate.missing
        say(f"  {_MARKS[gate.state]} {gate.title}{': ' * bool(why)}{why}")


def waive(
    gate: Annotated[
        str, typer.Argument(metavar="GATE", help="Id of the gate, as `curator stats --json` says.")
    ],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it travels with the data set.")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Hold the gate again.")] = False,
) -> None:
    """Let a gate pass that is not met, for a stated reason."""
    home = workspace()
    known = [state.id for state in check_gates(count(home.store, profile=home.profile), home.profile)]
    if gate not in known:
        raise InputError(f"The profile has no gate {gate!r}; it has {', '.join(known)}.")
    if withdraw:
        home.store.waivers.withdraw(gate, reviewer())
    else:
        home.store.waivers.give(gate, reason, reviewer())
    say(f"{gate} is {'held again' if withdraw else 'waived'}.")


def _stats(meters: Meters, gates: tuple[GateState, ...], profile: Profile, store: Store) -> dict[str, Any]:
    tally = meters.tally
    return {
        "turns": meters.turns,
        "decided": meters.decided,
        "verdicts": {state: meters.states.get(state, 0) for state in STATES},
        "composition": {
            band.id: {
                "count": band.count,
                "share": band.share,
                "band": [band.low, band.high],
                "state": band.state,
            }
            for band in bands(meters, profile)
        },
        "tiers": {
            name: {
                band.id: {"count": band.count, "share": band.share} for band in bands(meters, profile, name)
            }
            for name in store.turns.tiers()
        },
        "coverage": [msgspec.to_builtins(item) for item in coverage(meters, profile)],
        "targets": [
            {"tier": name, "rows": sum(meters.classes_of(name).values()), "target": tier.target_rows}
            for name, tier in profile.tiers.items()
        ],
        "gates": [msgspec.to_builtins(gate) for gate in gates],
        "sft_rows": meters.sft_rows,
        "quantity": quantity(meters, profile),
        "pairs": meters.pairs,
        "kto_rows": meters.kto_rows,
        "tools": dict(sorted(tally.get("tool", {}).items(), key=lambda one: -one[1])),
        "thinking": {"rows": meters.count("thinks", "yes"), "share": meters.share("thinks", "yes")},
        "coherence": {"coherent": meters.count("coherent", "yes"), "not": meters.count("coherent", "no")},
        "diversity": {"tasks": len(tally.get("task", {})), "evenness": meters.diversity},
        "origins": tally.get("origin", {}),
        "tokens": {"largest": _largest(meters), "exact": not meters.count("tokenizer", "estimate")},
        "lengths": msgspec.to_builtins(lengths(meters, profile)),
        "shares": msgspec.to_builtins(shares(meters, count_shares(store))),
        "per_tier": [
            {**msgspec.to_builtins(one.counts), "target": one.target, "missing": one.missing}
            for one in tier_states(store, profile)
        ],
        "preferences": {
            "compared": meters.preferences,
            "sides": side_counts(store.journal.preferences()),
        },
        "agreement": {"compared": meters.compared, "agreed": meters.agreed},
    }


def _rates(meters: Meters) -> list[str]:
    coherent, not_so = meters.count("coherent", "yes"), meters.count("coherent", "no")
    rates = [f"{meters.share('thinks', 'yes'):.0%} think"]
    if coherent + not_so:
        rates.append(f"{coherent} of {coherent + not_so} do what they think")
    rates.append(f"{len(meters.tally.get('task', {}))} kinds of task, evenness {meters.diversity:.2f}")
    about = "about " if meters.count("tokenizer", "estimate") else ""
    rates.append(f"longest row {about}{_largest(meters)} tokens")
    if meters.compared:
        rates.append(f"{meters.agreed} of {meters.compared} decided alike")
    return rates


def _sides_words(sides: dict[str, int]) -> str:
    """Say how often each side was preferred: they are drawn by lot, so they should be near each other."""
    left, right = sides.get("left", 0), sides.get("right", 0)
    rest = [f"{n} {word}" for word, n in sides.items() if word not in ("left", "right")]
    return ", ".join(
        [f"{sum(sides.values())} pairs: {left} times the left one, {right} the right one", *rest]
    )


def _largest(meters: Meters) -> int:
    return max((int(step) for step in meters.tally.get("tokens", {})), default=0)
