"""Meters move by differences and are always what a full recount gives."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from curator.datasets import Meters, bands, check_gates, count, coverage
from curator.datasets.advice import helping, ratio_advice
from curator.datasets.meters import quantity
from curator.model import Correction, Output, Redaction, ToolCall
from curator.profiles import CoverageItem, Gates, Profile, Tier, load_profile
from curator.review import Desk
from curator.store import Store
from tests.factories import LOCK, ON, fill, make_turn, prefer

PROFILE = Profile(
    name="strict",
    tiers={"home": Tier(target_rows=4), "other": Tier(target_rows=1)},
    bands={"none": (0.2, 0.6), "one": (0.2, 0.6), "several": (0.0, 0.4)},
    coverage={
        "several": CoverageItem(detector="several_calls", min_rows=2),
        "by_hand": CoverageItem(tag="special"),
    },
    gates=Gates(
        min_sft_rows=5,
        bands=True,
        tier_targets=True,
        coverage=True,
        no_duplicates=True,
        no_secrets=True,
        one_system_prompt=True,
        rows_per_tool=1,
        lengths=True,
        coherence=0.9,
        share_with_calls=(0.1, 0.8),
    ),
)
OUTPUTS = [
    Correction(content="I cannot do that."),
    Correction(thinking="I should call set_light.", tool_calls=(ON,)),
    Correction(tool_calls=(ON, LOCK)),
    Correction(content="The key is ghp_9fQ2xLr7TzVb4KcWm1NpYd8HsJe3GaUo5R6i."),
    Correction(
        thinking="I should call lock_door.",
        tool_calls=(ToolCall("set_light", {"room": "kitchen", "state": "on"}),),
    ),
]
ACTS = st.one_of(
    st.tuples(st.just("verdict"), st.integers(0, 5), st.sampled_from(["correct", "incorrect", "skip"])),
    st.tuples(st.just("correct"), st.integers(0, 5), st.integers(0, len(OUTPUTS) - 1)),
    st.tuples(st.just("tag"), st.integers(0, 5), st.sampled_from(["special", "general", "-special"])),
    st.tuples(st.just("redact"), st.integers(0, 5), st.booleans()),
    st.tuples(st.just("prefer"), st.integers(0, 5), st.sampled_from(["first", "second", "tie"])),
    st.tuples(st.just("undo"), st.just(0), st.just(0)),
    st.tuples(st.just("redo"), st.just(0), st.just(0)),
)


def act(desk: Desk, ids: list[int], what: str, at: int, value: object) -> list:  # type: ignore[type-arg]
    if what == "verdict":
        return [desk.verdict(ids[at], value)]  # type: ignore[arg-type]
    if what == "correct":
        return [desk.correct(ids[at], OUTPUTS[value], allow_violations=True)]  # type: ignore[index]
    if what == "tag":
        tag = str(value)
        return [desk.tag(ids[at], tag.removeprefix("-"), remove=tag.startswith("-"))]
    if what == "redact":
        hide = (Redaction("ghp_9fQ2xLr7TzVb4KcWm1NpYd8HsJe3GaUo5R6i", "KEY"),) if value else ()
        return [desk.redact(ids[at], hide)]
    if what == "prefer":
        one, other = (Output(said.thinking, said.content, said.tool_calls) for said in OUTPUTS[:2])
        return [desk.record(prefer(ids[at], one, other, str(value), desk.reviewer))]
    return desk.undo() if what == "undo" else desk.redo()


@settings(max_examples=40)
@given(st.lists(st.tuples(st.booleans(), ACTS), max_size=25))
def test_moved_meters_equal_a_full_recount(acts: list) -> None:  # type: ignore[type-arg]
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "curator.db")
        fill(store, [make_turn(n, tier="home" if n % 2 else "other") for n in range(6)])
        desks = [Desk(store, PROFILE, who) for who in ("ann", "bob")]
        ids = list(store.turns.ids())
        meters = count(store, profile=PROFILE)
        for is_bob, (what, at, value) in acts:
            desk = desks[is_bob]
            card = desk.card(ids[at])
            foreseen = None
            if what == "verdict":
                foreseen = meters.moved(desk.foresee(card, verdict=value))
            for change in act(desk, ids, what, at, value):
                meters = meters.moved(change)
            assert foreseen is None or foreseen == meters
        assert meters == count(store, profile=PROFILE)
        store.facts.write("other rules", {d: () for row in store.facts.standing() if (d := row.decision)})
        assert meters == count(store, profile=PROFILE), "facts of other rules are found again"
        store.close()


def test_every_gate_says_what_is_missing_and_where_help_is(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "curator.db")
    fill(store, [make_turn(n, tier="home" if n else "other") for n in range(6)])
    desk, (_, first, second, *_rest) = Desk(store, PROFILE, "ann"), store.turns.ids()
    for turn in (first, second):
        desk.correct(turn, OUTPUTS[3])
    meters = count(store, profile=PROFILE)
    states = {gate.id: gate for gate in check_gates(meters, PROFILE)}
    assert states["sft_rows"].missing == "3 more SFT rows"
    assert states["target_other"].missing == "1 more row in tier other"
    assert states["band_one"].missing == "1 more row with one call"
    assert states["coverage_several"].missing == "no row yet: several"
    assert states["tool_set_light"].missing == "1 more row calling set_light"
    assert states["no_secrets"].missing == "2 rows with a secret or personal data to hide"
    assert states["no_duplicates"].state == "met"
    assert next(iter(helping(store, PROFILE, states["band_one"]))) not in (first, second)
    assert not helping(store, PROFILE, states["coverage_several"])
    (advice,) = [a for a in ratio_advice(store, meters, PROFILE) if a.id == "one"]
    assert advice.sentence == "1 of 1 undecided turns with one call would bring one call to 20%"
    desk.redact(first, (Redaction("ghp_9fQ2xLr7TzVb4KcWm1NpYd8HsJe3GaUo5R6i", "KEY"),))
    states = {gate.id: gate for gate in check_gates(count(store, profile=PROFILE), PROFILE)}
    assert states["no_secrets"].missing == "1 row with a secret or personal data to hide"
    assert bands(meters, PROFILE)[0].state == "high" and coverage(meters, PROFILE)[0].rows == 0
    store.waivers.give("no_secrets", "they are made up", "ann")
    waived = {g.id: g for g in check_gates(meters, PROFILE, store.waivers.standing())}["no_secrets"]
    assert waived.state == "waived" and waived.reason.startswith("they are made up (ann, ")
    store.close()


def test_a_word_for_the_number_of_rows() -> None:
    profile = load_profile("unified-cli")
    words = {
        rows: quantity(Meters(sft_rows=rows), profile) for rows in (0, 99, 100, 499, 500, 1000, 9999, 10000)
    }
    assert list(words.values()) == ["wait", "wait", "narrow", "narrow", "enough", "good", "good", "excellent"]
    assert quantity(Meters(sft_rows=5), PROFILE) is None
