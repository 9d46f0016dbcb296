"""Meters of a data set: counted once, then moved by the difference that each decision makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from curator.coverage.facts import row_facts, rules_of, task_kind
from curator.datasets.tally import Tally, covered_cases, evenness, moved, tally_of
from curator.model import CALL_CLASSES, CallClass, Resolution, TurnState
from curator.profiles import CoverageItem, Profile
from curator.store import Change, Facts, Filter, RowFacts, Store

CLASS_TITLES: dict[CallClass, str] = {"none": "no call", "one": "one call", "several": "several"}
Quantity = Literal["wait", "narrow", "enough", "good", "excellent"]
_FACTS_BATCH = 500
_TASKS_LOOKED_AT = 2000
_SECRET = ("finding", "secret")


class Meters(Struct, frozen=True):
    """Counts over a workspace or one tier. ``classes`` counts SFT rows by their number of calls."""

    turns: int = 0
    states: dict[TurnState, int] = {}
    classes: dict[CallClass, int] = {}
    sft_rows: int = 0
    pairs: int = 0
    kto_rows: int = 0
    marked: int = 0
    """Rows from corrections that were saved in spite of schema violations."""
    compared: int = 0
    """Turns that several people decided on."""
    agreed: int = 0
    """How many of those they decided alike."""
    preferences: int = 0
    """Pairs of candidates that were compared; not each of them gives a pair of rows."""
    tally: Tally = {}
    """What the SFT rows show; see ``curator.coverage.facts``."""
    item_tags: dict[str, str] = {}
    """Tag → the coverage item that it gives."""
    tiers: tuple[str, ...] = ()
    """The tiers that were counted."""
    tasks_seen: frozenset[str] = frozenset()
    """Kinds of task in the logs, among the turns that were looked at; found where the profile asks."""

    @property
    def decided(self) -> int:
        """Turns that somebody has decided on."""
        return self.turns - self.states.get("undecided", 0)

    def moved(self, change: Change) -> Meters:
        """Return the meters after one change; pure arithmetic, no query."""
        before, after = change.before, change.after
        return replace(
            self,
            states=_shifted(self.states, before.state, after.state),
            classes=_shifted(self.classes, before.call_class, after.call_class),
            sft_rows=self.sft_rows + after.sft_rows - before.sft_rows,
            pairs=self.pairs + after.pairs - before.pairs,
            kto_rows=self.kto_rows + after.kto_rows - before.kto_rows,
            marked=self.marked + after.marked - before.marked,
            compared=self.compared + (after.reviewers > 1) - (before.reviewers > 1),
            agreed=self.agreed + _agreed(after) - _agreed(before),
            preferences=self.preferences + after.preferences - before.preferences,
            tally=moved(
                self.tally,
                _with_tags(change.facts_before, before, self.item_tags),
                _with_tags(change.facts_after, after, self.item_tags),
            ),
        )

    def count(self, kind: str, value: str) -> int:
        """Return how many rows show one thing."""
        return self.tally.get(kind, {}).get(value, 0)

    def share(self, kind: str, value: str) -> float:
        """Return the share of the rows that show one thing, 0 without rows."""
        return self.count(kind, value) / self.sft_rows if self.sft_rows else 0.0

    def classes_of(self, tier: str) -> dict[CallClass, int]:
        """Return the rows of a tier by their number of calls."""
        return {name: n for name in CALL_CLASSES if (n := self.count("class", f"{tier}|{name}"))}

    def covered(self) -> dict[str, int]:
        """Return the rows of each coverage item."""
        rows = covered_cases(self.tally)
        for item, number in self.tally.get("coverage", {}).items():
            rows[item] = max(number, rows.get(item, 0))
        return rows

    @property
    def diversity(self) -> float:
        """Evenness of the kinds of task, 0..1."""
        return evenness(self.tally.get("task", {}))


class BandState(Struct, frozen=True):
    """One composition band: what the share is, and what the profile wants."""

    id: CallClass
    title: str
    count: int
    share: float
    low: float
    high: float
    state: Literal["ok", "low", "high", "empty"]
    """``empty`` while there is no SFT row at all."""


class CoverageState(Struct, frozen=True):
    """One coverage item, and how many rows have it."""

    id: str
    title: str
    rows: int
    wanted: int
    state: Literal["met", "open"]


def count(store: Store, tier: str | None = None, profile: Profile | None = None) -> Meters:
    """Count everything afresh, over the workspace or one tier.

    With a profile also what the rows show; facts that were never found, or by other rules, are found
    first and kept.
    """
    totals = store.totals(tier)
    tags = item_tags(profile) if profile else {}
    plain = store.facts.tally(rules_of(profile), tier) if profile else {}
    rows = standing_facts(store, profile, tier, is_counted=True) if profile else ()
    return Meters(
        turns=totals.turns,
        states=totals.states,
        classes=totals.classes,
        sft_rows=totals.sft_rows,
        pairs=totals.pairs,
        kto_rows=totals.kto_rows,
        marked=totals.marked,
        compared=totals.compared,
        agreed=totals.agreed,
        preferences=totals.preferences,
        tally=tally_of((with_tags(row.facts, row.tags, row.is_redacted, tags) for row in rows), plain),
        item_tags=tags,
        tiers=(tier,) if tier is not None else tuple(store.turns.tiers()),
        tasks_seen=_tasks_seen(store, tier) if profile and profile.quality.task_coverage else frozenset(),
    )


def standing_facts(
    store: Store, profile: Profile, tier: str | None = None, *, is_counted: bool = False
) -> Iterator[RowFacts]:
    """Yield what every row shows by the rules of this profile; not those that the tally of the store has."""
    rules, stale = rules_of(profile), []
    for row in store.facts.standing(tier, rules if is_counted else None):
        if row.rules == rules:
            yield row
        else:
            stale.append(row)
    for start in range(0, len(stale), _FACTS_BATCH):
        batch = stale[start : start + _FACTS_BATCH]
        decisions = store.journal.decisions([row.decision for row in batch])
        turns = store.turns.each([row.turn for row in batch])
        found = {
            row.decision: row_facts(turn, decisions[row.decision], profile)
            for row, turn in zip(batch, turns, strict=True)
        }
        store.facts.write(rules, found)
        yield from (replace(row, rules=rules, facts=found[row.decision]) for row in batch)


def bands(meters: Meters, profile: Profile, tier: str | None = None) -> tuple[BandState, ...]:
    """Compare the composition with the bands of the profile, or of a tier; all three classes, always."""
    classes = meters.classes if tier is None else meters.classes_of(tier)
    wanted = profile.bands_of(tier)
    total = sum(classes.values())
    return tuple(_band(id, classes.get(id, 0), total, *wanted.get(id, (0.0, 1.0))) for id in CALL_CLASSES)


def coverage(meters: Meters, profile: Profile) -> tuple[CoverageState, ...]:
    """Compare the rows of every coverage item with what the profile wants."""
    rows = meters.covered()
    return tuple(_item(name, item, rows.get(name, 0)) for name, item in profile.coverage.items())


def quantity(meters: Meters, profile: Profile) -> Quantity | None:
    """Say in a word what a number of rows is good for, where the profile says so.

    ``wait`` below the least number, or below that of a narrow task; ``narrow`` up to the least number.
    """
    quality, rows = profile.quality, meters.sft_rows
    if not quality.good_rows:
        return None
    if quality.excellent_rows and rows >= quality.excellent_rows:
        return "excellent"
    if rows >= quality.good_rows:
        return "good"
    if rows >= profile.gates.min_sft_rows:
        return "enough"
    return "narrow" if quality.narrow_rows and rows >= quality.narrow_rows else "wait"


def item_tags(profile: Profile) -> dict[str, str]:
    """Return the tags that give coverage items."""
    return {item.tag or name: name for name, item in profile.coverage.items()}


def _tasks_seen(store: Store, tier: str | None) -> frozenset[str]:
    """Look at turns spread evenly over the logs, at most so many that a start stays quick."""
    ids = store.turns.ids(Filter(tiers=frozenset({tier})) if tier is not None else None)
    step = max(1, len(ids) // _TASKS_LOOKED_AT)
    return frozenset(map(task_kind, store.turns.each(ids[::step])))


def with_tags(facts: Facts, tags: tuple[str, ...], is_redacted: bool, items: dict[str, str]) -> Facts:
    """Return the facts of a row with those that its tags add, without what a reviewer has hidden."""
    if is_redacted:
        facts = tuple(fact for fact in facts if fact != _SECRET)
    if not tags:
        return facts
    more = {("tag", tag) for tag in tags} | {("coverage", items[tag]) for tag in tags if tag in items}
    if "general" in tags:
        more.add(("general", "yes"))
    return tuple(sorted(more | set(facts)))


def _with_tags(facts: Facts, resolution: Resolution, items: dict[str, str]) -> Facts:
    is_redacted = resolution.redactions is not None
    return with_tags(facts, resolution.tags, is_redacted, items) if resolution.sft_rows else ()


def _item(name: str, item: CoverageItem, rows: int) -> CoverageState:
    state: Literal["met", "open"] = "met" if rows >= item.min_rows else "open"
    return CoverageState(name, item.title or name.replace("_", " "), rows, item.min_rows, state)


def _band(id: CallClass, number: int, total: int, low: float, high: float) -> BandState:
    share = number / total if total else 0.0
    state: Literal["ok", "low", "high", "empty"] = "ok"
    if not total:
        state = "empty"
    elif share < low:
        state = "low"
    elif share > high:
        state = "high"
    return BandState(id, CLASS_TITLES[id], number, share, low, high, state)


def _agreed(resolution: Resolution) -> int:
    return int(resolution.reviewers > 1 and resolution.agreed)


K = TypeVar("K")


def _shifted(counts: dict[K, int], before: K | None, after: K | None) -> dict[K, int]:
    moved_counts = dict(counts)
    if before is not None:
        moved_counts[before] = moved_counts.get(before, 0) - 1
    if after is not None:
        moved_counts[after] = moved_counts.get(after, 0) + 1
    return {key: number for key, number in moved_counts.items() if number}
