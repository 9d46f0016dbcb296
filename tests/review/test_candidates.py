"""Candidates of a prompt, the order in which they meet, and what a preference leaves behind."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import CuratorError
from curator.exporters import decided_rows
from curator.model import Candidate, Correction, Decision, Output, Preference, Redaction, Weighed
from curator.profiles import Profile
from curator.review import Desk
from curator.review.candidates import (
    Contender,
    Sheet,
    duel,
    left_side,
    next_duel,
    sheet_of,
    sheets,
    source_words,
)
from curator.review.preferring import better_of, foresee, gives_row, prefer, side_counts
from curator.store import Answer, Filter, Store
from tests.factories import LOCK, fill, make_turn, open_store

PROFILE = Profile("p", syntax="hermes")
SHARED = make_turn(0).prompt


def say(content: str) -> str:
    return f"<think>\nok\n</think>\n\n{content}"


@pytest.fixture
def store(tmp_path: Path):
    """Turns 1 to 3 answer one prompt, 3 in other words than 1; turn 4 has a prompt of its own."""
    opened = open_store(tmp_path)
    texts = ["The light is on.", "It is dark.", "The  light is\non."]
    turns = [make_turn(n, say(text), prompt=SHARED, model=f"m{n}") for n, text in enumerate(texts)]
    fill(opened, [*turns, make_turn(3, say("Hm."))])
    yield opened
    opened.close()


def ids(sheet: Sheet) -> list[str]:
    return [one.id for one in sheet.contenders]


def test_candidates_come_from_everywhere_and_equal_ones_once(store: Store) -> None:
    desk = Desk(store, PROFILE, "ann")
    sheet = sheet_of(store, 1, PROFILE)
    assert sheet.turns == (1, 2, 3)
    assert [[source_words(s) for s in one.sources] for one in sheet.contenders] == [
        ["logged · m0", "logged in #3 · m2"],
        ["logged in #2 · m1"],
    ]
    desk.correct(2, Correction("I lock.", None, (LOCK,)))
    store.answers.add([Answer(1, say("Generated."), "base"), Answer(3, say("It is dark."), "base")])
    sheet = sheet_of(store, 1, PROFILE)
    assert [source_words(one.weighed) for one in sheet.contenders] == [
        "correction of #2",
        "logged · m0",
        "logged in #2 · m1",
        "generated · base",
    ]
    assert sheet_of(store, 2, PROFILE).contenders[1].weighed.turn == 2
    assert len(ids(sheet)) == len(set(ids(sheet)))
    assert sheet.find(ids(sheet)[1][:5]) == sheet.contenders[1]
    for wrong in ("", "zz"):
        with pytest.raises(CuratorError, match="candidate"):
            sheet.find(wrong)
    assert len(sheet_of(store, 4, PROFILE).contenders) == 1


def test_prompts_come_once_and_a_query_takes_those_with_a_turn_in_it(store: Store) -> None:
    assert [sheet.turns for sheet in sheets(store, PROFILE)] == [(1, 2, 3)]
    assert [s.turns for s in sheets(store, PROFILE, Filter(ids=frozenset({2})))] == [(1, 2, 3)]
    assert list(sheets(store, PROFILE, Filter(ids=frozenset({4})))) == []
    store.answers.add([Answer(4, say("Generated."), "base"), Answer(4, say("Hm."), "base")])
    assert [s.turns for s in sheets(store, PROFILE)] == [(1, 2, 3), (4,)]


def test_a_correction_has_met_what_it_corrects(store: Store) -> None:
    desk = Desk(store, PROFILE, "ann")
    desk.correct(1, Correction("I lock.", None, (LOCK,)))
    sheet = sheet_of(store, 1, PROFILE)
    assert [one.weighed.origin for one in sheet.open] == ["correction", "session"]
    desk.undo()
    assert [one.weighed.origin for one in sheet_of(store, 1, PROFILE).open] == ["logged", "session"]


def test_a_preference_gives_a_pair_and_leaves_the_turn_undecided(store: Store) -> None:
    desk = Desk(store, PROFILE, "ann")
    met = next_duel(store, sheet_of(store, 1, PROFILE), PROFILE, "ann")
    assert met is not None and met.likeness == "differ" and gives_row(desk, met, "first")
    foreseen = foresee(desk, met, "second")
    change = prefer(desk, met, "second", shown=True, seconds=3.0)
    assert foreseen.after == change.after
    assert (change.after.state, change.after.pairs, change.after.preferences) == ("undecided", 1, 1)
    [(sft, pair)] = decided_rows(store, PROFILE)
    assert sft is None and pair is not None
    assert (pair.chosen[0]["content"], pair.rejected[0]["content"]) == (
        say("It is dark."),
        say("The light is on."),
    )
    assert (pair.origin.reviewer, pair.origin.line, pair.origin.state) == ("ann", 1, "preferred")
    assert pair.origin.chosen == "another session of m1"
    assert sheet_of(store, 2, PROFILE).left == 0
    assert desk.undo()[0].after.pairs == 0 and not list(decided_rows(store, PROFILE))
    assert desk.redo()[0].after == change.after
    assert store.journal.recount() == 1 and store.journal.resolution(1) == change.after
    [decision] = store.journal.preferences()
    assert decision.seconds == 3.0 and side_counts([decision]) == {
        "ann": {"left" if met.left == "second" else "right": 1}
    }


@pytest.mark.parametrize("better", ["tie", "neither"])
def test_no_side_better_gives_no_pair_and_is_not_asked_again(store: Store, better: str) -> None:
    desk = Desk(store, PROFILE, "ann")
    met = next_duel(store, sheet_of(store, 1, PROFILE), PROFILE, "ann")
    assert met is not None
    change = prefer(desk, met, better)  # type: ignore[arg-type]
    assert (change.after.pairs, change.after.preferences) == (0, 1)
    assert list(decided_rows(store, PROFILE)) == [] and sheet_of(store, 1, PROFILE).left == 0


def test_the_pair_of_a_correction_never_comes_twice(store: Store) -> None:
    desk = Desk(store, PROFILE, "ann")
    desk.correct(1, Correction("I lock.", None, (LOCK,)))
    sheet = sheet_of(store, 1, PROFILE)
    met = duel(store, sheet, sheet.contenders[0], sheet.contenders[1], PROFILE, "ann")
    assert met.turn.id == 1
    [(_, before)] = decided_rows(store, PROFILE)
    assert prefer(desk, met, "first").after.pairs == 1
    [(sft, pair)] = decided_rows(store, PROFILE)
    assert sft is not None and pair is not None and before is not None and pair.id == before.id
    # Whoever compared them last is believed: the same two texts never stand both ways.
    assert prefer(desk, met, "second").after.pairs == 1
    [(sft, turned)] = decided_rows(store, PROFILE)
    assert turned is not None and (turned.chosen, turned.rejected) == (pair.rejected, pair.chosen)
    assert prefer(desk, met, "tie").after.pairs == 0
    desk.correct(1, Correction("I lock.", None, (LOCK,)))
    [(_, again)] = decided_rows(store, PROFILE)
    assert again is not None and again.id == pair.id


def test_what_is_hidden_in_either_turn_is_in_no_pair(store: Store) -> None:
    desk = Desk(store, PROFILE, "ann")
    desk.redact(2, (Redaction("dark", "DARK"),))
    met = next_duel(store, sheet_of(store, 1, PROFILE), PROFILE, "ann")
    assert met is not None and met.turn.id == 1
    prefer(desk, met, "second")
    [(_, pair)] = decided_rows(store, PROFILE)
    assert pair is not None and pair.chosen[0]["content"] == say("It is DARK.")


def test_the_text_stays_when_its_source_is_corrected_anew(store: Store) -> None:
    desk = Desk(store, PROFILE, "ann")
    desk.correct(1, Correction("I lock.", None, (LOCK,)))
    met = next_duel(store, sheet_of(store, 1, PROFILE), PROFILE, "ann")
    assert met is not None and met.first.weighed.origin == "correction"
    prefer(desk, met, "first")
    kept = {row.id for _, row in decided_rows(store, PROFILE) if row}
    desk.correct(1, Correction("Otherwise.", "No.", ()))
    assert len(kept & {row.id for _, row in decided_rows(store, PROFILE) if row}) == 1


def test_equal_candidates_are_refused(store: Store) -> None:
    sheet = sheet_of(store, 1, PROFILE)
    with pytest.raises(CuratorError, match="nothing to prefer"):
        duel(store, sheet, sheet.contenders[0], sheet.contenders[0], PROFILE, "ann")


def contender(n: int) -> Contender:
    weighed = Weighed(f"{n:032x}", f"said {n}", "session", n)
    return Contender(f"c{n}", Candidate(Output(content=str(n))), (weighed,))


def decision(one: Contender, other: Contender, better: str) -> Decision:
    preference = Preference(one.weighed, other.weighed, better)  # type: ignore[arg-type]
    return Decision(1, "preference", "ann", "", "", preference=preference)


@given(st.permutations(range(5)), st.data())
def test_as_few_comparisons_as_can_be_and_none_with_a_loser(order: list[int], data: st.DataObject) -> None:
    sheet = Sheet((1,), tuple(contender(n) for n in order), ())
    lost: set[str] = set()
    count = 0
    while len(sheet.open) > 1:
        one, other = sheet.open[:2]
        assert not {one.id, other.id} & lost
        better = data.draw(st.sampled_from(["first", "second", "tie", "neither"]))
        lost |= {one.id} if better == "second" else {other.id}
        sheet = Sheet((1,), sheet.contenders, (*sheet.known, decision(one, other, better)))
        count += 1
        assert sheet.left == len(order) - 1 - count
    assert count == len(order) - 1


def test_the_best_of_a_clear_order_wins() -> None:
    for order in permutations(range(4)):
        sheet = Sheet((1,), tuple(contender(n) for n in order), ())
        while len(sheet.open) > 1:
            one, other = sheet.open[:2]
            better = "first" if int(one.id[1:]) > int(other.id[1:]) else "second"
            sheet = Sheet((1,), sheet.contenders, (*sheet.known, decision(one, other, better)))
        assert [one.id for one in sheet.open] == ["c3"]


def test_sides_are_drawn_evenly_and_the_same_each_time(store: Store) -> None:
    one, other = contender(1), contender(2)
    drawn = [left_side(f"{n:032x}", one, other, "ann") for n in range(400)]
    assert 150 < drawn.count("first") < 250
    turned = [left_side(f"{n:032x}", other, one, "ann") for n in range(400)]
    assert all((a == "first") == (b == "second") for a, b in zip(drawn, turned, strict=True))
    assert drawn != [left_side(f"{n:032x}", one, other, "ben") for n in range(400)]
    met = next_duel(store, sheet_of(store, 1, PROFILE), PROFILE, "ann")
    assert met is not None
    assert {better_of(met, "left"), better_of(met, "right")} == {"first", "second"}
    assert better_of(met, "left") == met.left
