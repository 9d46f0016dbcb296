"""Which turns would help: those that bring a gate nearer to being met."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple

from curator.coverage.registry import Case, Detect, Row, detectors
from curator.datasets.gates.composition import CALLS, PHRASES
from curator.datasets.gates.registry import GateState, rows_to_reach
from curator.datasets.meters import Meters, bands
from curator.profiles import CoverageItem, Profile
from curator.store import Filter, Store

MOST = 500
"""So many turns are offered at once; after them the meters have moved."""
_SCANNED = 20_000
UNDECIDED = Filter(states=frozenset({"undecided"}))


class Advice(NamedTuple):
    """A class of turns that is short, and undecided turns that would bring its band back."""

    id: str
    sentence: str
    turns: array[int]


def helping(store: Store, profile: Profile, gate: GateState) -> array[int]:
    """Return turns that would bring a gate nearer, the least suspicious first; empty where none are known."""
    if gate.query:
        return store.turns.ids(Filter.parse(gate.query), order="surest", limit=MOST)
    item = profile.coverage.get(gate.detector, CoverageItem(detector=gate.detector))
    known = detectors().get(item.detector)
    if not known:
        return array("q")
    return array("q", _showing(store, item, known.detect))


def ratio_advice(
    store: Store, meters: Meters, profile: Profile, tier: str | None = None
) -> tuple[Advice, ...]:
    """Return, for every band that is too low, the undecided turns that would bring it back."""
    found = []
    for band in bands(meters, profile, tier):
        if band.state not in ("low", "empty") or not band.low:
            continue
        total = meters.sft_rows if tier is None else sum(meters.classes_of(tier).values())
        short = rows_to_reach(band.count, total, band.low) or 1
        query = f"{CALLS[band.id]} verdict:none" + (f" tier:{tier}" if tier else "")
        turns = store.turns.ids(Filter.parse(query), order="surest", limit=min(short, MOST))
        what = f"{len(turns)} of {short} undecided turns with {PHRASES[band.id]}"
        sentence = f"{what} would bring {band.title} to {band.low:.0%}"
        found.append(Advice(band.id, sentence, turns))
    return tuple(found)


def _showing(store: Store, item: CoverageItem, detect: Detect) -> Iterator[int]:
    """Yield undecided turns whose logged output shows the item, among the first that are looked at."""
    shown = 0
    for turn in store.turns.each(store.turns.ids(UNDECIDED, order="surest", limit=_SCANNED)):
        found = detect(Row(turn, turn.output), item)
        if found is True or isinstance(found, Case):
            yield turn.id
            shown += 1
            if shown >= MOST:
                return
