from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from curator.datasets import Meters, bands, check_gates, count
from curator.datasets.gates import require_open
from curator.errors import GateError
from curator.model import Correction, Output
from curator.profiles import Gates, Profile
from tests.factories import LOCK, ON, bare_turn, decide, fill, open_store, prefer

HOME = Profile(
    name="home",
    bands={"none": (0.2, 0.4), "one": (0.45, 0.7), "several": (0.08, 0.25)},
    gates=Gates(min_sft_rows=250, min_pairs=100, bands=True),
)
CORRECTIONS = {
    "text": Correction("t", "fine"),
    "one": Correction("t", None, (LOCK,)),
    "two": Correction("t", None, (LOCK, ON)),
    "marked": Correction("t", None, (LOCK,), violations=("x",)),
}
ANSWERS = [
    *(Output(one.thinking, one.content, one.tool_calls) for one in CORRECTIONS.values()),
    bare_turn(0, calls=0).output,
    bare_turn(0, calls=1).output,
]
COMPARED = st.tuples(
    st.permutations(range(len(ANSWERS))).map(lambda order: tuple(order[:2])),
    st.sampled_from(["first", "second", "tie", "neither"]),
)
ACTS = st.lists(
    st.one_of(
        st.tuples(COMPARED, st.integers(1, 5)),
        st.tuples(st.sampled_from(["correct", "incorrect", "skip", *CORRECTIONS]), st.integers(1, 5)),
        st.sampled_from([("undo", 0), ("redo", 0)]),
    ),
    max_size=30,
)


@settings(max_examples=30, deadline=None)
@given(acts=ACTS)
def test_meters_moved_by_deltas_equal_a_recount(tmp_path_factory: pytest.TempPathFactory, acts) -> None:
    store = open_store(tmp_path_factory.mktemp("m"))
    fill(store, [bare_turn(n, calls=n % 3) for n in range(5)])
    meters = count(store)
    for what, turn in acts:
        if what in ("undo", "redo"):
            changes = getattr(store.journal, what)("ann")
        elif isinstance(what, tuple):
            (one, other), better = what
            changes = store.journal.append([prefer(turn, ANSWERS[one], ANSWERS[other], better)])
        else:
            correction = CORRECTIONS.get(what)
            changes = store.journal.append([decide(turn, None if correction else what, correction)])
        for change in changes:
            meters = meters.moved(change)
    assert meters == count(store)
    store.journal.recount()
    assert meters == count(store)
    store.close()


def test_bands_say_low_ok_high_and_empty() -> None:
    found = bands(Meters(sft_rows=100, classes={"none": 10, "one": 60, "several": 30}), HOME)
    assert [(b.id, b.state) for b in found] == [("none", "low"), ("one", "ok"), ("several", "high")]
    assert {b.state for b in bands(Meters(), HOME)} == {"empty"}


def test_gates_say_what_is_missing() -> None:
    meters = Meters(sft_rows=100, pairs=20, classes={"none": 10, "one": 60, "several": 30}, marked=2)
    missing = {g.id: g.missing for g in check_gates(meters, HOME) if g.state == "open"}
    assert missing == {
        "sft_rows": "150 more SFT rows",
        "pairs": "80 more preference pairs",
        "band_none": "13 more rows with no call",
        "band_several": "20 more rows with another number of calls than several calls",
        "valid_calls": "2 saved in spite of a schema",
    }
    with pytest.raises(GateError, match="150 more SFT rows"):
        require_open(meters, HOME)


def test_following_the_advice_opens_the_gate() -> None:
    meters = Meters(sft_rows=300, pairs=150, classes={"none": 40, "one": 200, "several": 60})
    (gate,) = [g for g in check_gates(meters, HOME) if g.state == "open"]
    assert gate.missing == "25 more rows with no call"
    better = replace(meters, sft_rows=325, classes={"none": 65, "one": 200, "several": 60})
    require_open(better, HOME)


def test_a_profile_without_gates_still_needs_a_row() -> None:
    free = replace(HOME, gates=Gates())
    assert [g.missing for g in check_gates(Meters(), free) if g.state == "open"] == ["1 more SFT row"]


def test_meters_of_one_tier(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    fill(store, [bare_turn(0), bare_turn(1, tier="code")])
    store.journal.append([decide(2, "correct")])
    assert (count(store, "home").decided, count(store, "code").decided, count(store).turns) == (0, 1, 2)
    assert count(store, "code").classes == {"one": 1}
    store.close()
