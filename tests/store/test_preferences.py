"""Preferences in the journal: of two texts the last word counts, and nothing that was compared vanishes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.canonical import canonical_json
from curator.errors import DecisionError
from curator.model import Candidate, Correction, Output, ToolCall
from curator.store import active, candidate_hash, pair_decisions, resolve, said, same_output
from tests.factories import LOCK, ON, bare_turn, decide, fill, open_store, prefer
from tests.review.values import json_values

ANSWERS = [Output(content=text) for text in ("a", "b", "c")]


def test_a_candidate_is_stored_once_and_comes_back(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    fill(store, [bare_turn(0)])
    one, other = Candidate(Output("t", None, (ON,)), "raw text"), Candidate(ANSWERS[0], structured=True)
    for _ in range(2):
        store.journal.append([prefer(1, one.output, other.output, "first")], candidates=[one, other])
    store.journal.undo("ann")
    store.journal.undo("ann")
    hashes = [candidate_hash(one), candidate_hash(other)]
    assert store.candidates.get([*hashes, "00"]) == dict(zip(hashes, (one, other), strict=True))
    store.close()
    with sqlite3.connect(tmp_path / ".curator" / "curator.db") as db:
        assert db.execute("select count(*) from candidate").fetchone() == (2,)


def test_a_preference_on_no_turn_leaves_nothing_behind(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(DecisionError):
        store.journal.append([prefer(7, *ANSWERS[:2], "first")], candidates=[Candidate(ANSWERS[0])])
    assert store.candidates.get([candidate_hash(Candidate(ANSWERS[0]))]) == {}
    store.close()


STEPS = st.lists(
    st.tuples(
        st.permutations(range(3)).map(lambda order: order[:2]),
        st.sampled_from(["first", "second", "tie", "neither"]),
    ),
    max_size=12,
)


@given(STEPS)
def test_of_two_texts_the_last_word_counts(steps: list[tuple[list[int], str]]) -> None:
    decisions = [prefer(1, ANSWERS[a], ANSWERS[b], better) for (a, b), better in steps]
    last: dict[frozenset[int], tuple[int, int] | None] = {}
    for (a, b), better in steps:
        last[frozenset((a, b))] = {"first": (a, b), "second": (b, a)}.get(better)
    given_pairs = {
        (one.preference.chosen.said, one.preference.rejected.said)  # type: ignore[union-attr]
        for one in pair_decisions(ANSWERS[0], "", decisions)
    }
    assert given_pairs == {(said(ANSWERS[a]), said(ANSWERS[b])) for a, b in filter(None, last.values())}
    state = resolve(1, "", ANSWERS[0], decisions)
    assert (state.pairs, state.preferences, state.state) == (len(given_pairs), len(last), "undecided")


ACTS = st.lists(
    st.one_of(STEPS.filter(bool).map(lambda steps: steps[0]), st.sampled_from(["undo", "redo", "correct"])),
    max_size=14,
)


@settings(max_examples=25, deadline=None)
@given(ACTS)
def test_undo_and_redo_lead_through_the_same_states(
    tmp_path_factory: pytest.TempPathFactory, acts: list
) -> None:  # type: ignore[type-arg]
    store = open_store(tmp_path_factory.mktemp("undo"))
    fill(store, [bare_turn(0)])
    states = [store.journal.resolution(1)]
    for what in acts:
        if what in ("undo", "redo"):
            getattr(store.journal, what)("ann")
            continue
        if what == "correct":
            new = decide(1, correction=Correction("t", "a", (LOCK,)))
        else:
            (a, b), better = what
            new = prefer(1, ANSWERS[a], ANSWERS[b], better)
        store.journal.append([new])
    end = store.journal.resolution(1)
    steps = 0
    while store.journal.undo("ann"):
        steps += 1
    assert store.journal.resolution(1) == states[0]
    for _ in range(steps):
        assert store.journal.redo("ann")
    assert store.journal.resolution(1) == end
    turn = store.turns.get(1)
    assert end.pairs == len(pair_decisions(turn.output, turn.raw, active(store.journal.history(1))))
    store.close()


def test_truth_and_one_are_two_things_and_whole_numbers_one() -> None:
    def asks(value: object) -> Output:
        return Output(tool_calls=(ToolCall("set", {"to": value}),))

    for value, is_same in ((1.0, True), (True, False), ("1", False)):
        correction = Correction(tool_calls=asks(value).tool_calls)
        assert same_output(asks(1), correction) is is_same


@given(json_values, json_values)
def test_equal_json_has_one_form(one: object, other: object) -> None:
    if canonical_json(one) == canonical_json(other):
        assert one == other
