"""Meters of one process stay equal to a recount, whatever others decide in between."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.datasets import count
from curator.datasets.accounts import Accounts
from curator.model import Correction, Output, Verdict
from curator.profiles import Profile
from curator.review import Card, Desk
from curator.store import Store
from tests.factories import LOCK, bare_turn, fill, open_store, prefer

TURNS = 4
SAID = Output("I lock it", None, (LOCK,))
Step = tuple[Literal["foresee", "act", "other", "hear", "card"], int, str]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["foresee", "act", "other", "hear", "card"]),
        st.integers(1, TURNS),
        st.sampled_from(["correct", "incorrect", "skip", "correction", "tag", "undo", "prefer"]),
    ),
    max_size=14,
)
BEFORE = st.lists(
    st.tuples(st.integers(1, TURNS), st.sampled_from(["correct", "skip", "tag", "prefer"])), max_size=3
)


def act(desk: Desk, turn: int, what: str) -> list[object]:
    if what == "undo":
        return list(desk.undo())
    if what == "tag":
        return list(desk.tag_all([turn], "odd"))
    if what == "prefer":
        logged = desk.store.turns.get(turn).output
        return [desk.record(prefer(turn, SAID, logged, "first", desk.reviewer))]
    if what == "correction":
        return [desk.correct(turn, Correction("I lock it", None, (LOCK,)))]
    verdict: Verdict = what  # type: ignore[assignment]
    return [desk.verdict(turn, verdict)]


class Sitting:
    """One process with cards that may be out of date, beside another one."""

    def __init__(self, store: Store) -> None:
        self.store, self.profile = store, Profile("p")
        self.mine, self.other = Desk(store, self.profile, "ann"), Desk(store, self.profile, "ben")
        self.base = self.seen = store.journal.last_id()
        self.accounts = Accounts(count(store, profile=self.profile))
        self.cards: dict[int, Card] = {turn: self.mine.card(turn) for turn in range(1, TURNS + 1)}

    def step(self, step: Step) -> None:
        kind, turn, what = step
        if kind == "hear":
            self.hear()
        elif kind == "card":
            self.cards[turn] = self.mine.card(turn)
        elif kind == "other":
            act(self.other, turn, what)
        elif kind == "foresee" and what in ("correct", "incorrect", "skip"):
            verdict: Verdict = what  # type: ignore[assignment]
            self.accounts.take(self.mine.foresee(self.cards[turn], verdict))
            self.mine.verdict(turn, verdict)
            self.cards[turn] = self.mine.card(turn)
        else:
            for change in act(self.mine, turn, what):
                self.accounts.take(change)  # type: ignore[arg-type]
                self.cards[turn] = self.mine.card(turn)

    def hear(self) -> None:
        self.seen, heard = self.store.journal.since(self.seen, self.base)
        for one in heard:
            self.accounts.hear(one)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(1, TURNS), st.sampled_from(["correct", "skip", "tag", "prefer"])), max_size=3
    ),
    STEPS,
)
def test_meters_equal_a_recount_once_everything_is_heard(
    tmp_path_factory: pytest.TempPathFactory, before: list[tuple[int, str]], steps: list[Step]
) -> None:
    store = open_store(tmp_path_factory.mktemp("accounts"))
    fill(store, [bare_turn(n, calls=n % 3) for n in range(TURNS)])
    for turn, what in before:
        act(Desk(store, Profile("p"), "eve"), turn, what)
    sitting = Sitting(store)
    for step in steps:
        sitting.step(step)
    sitting.hear()
    assert sitting.accounts.meters == count(store, profile=sitting.profile)
    store.close()


def test_a_foreseen_change_that_failed_is_taken_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    store = open_store(tmp_path_factory.mktemp("back"))
    fill(store, [bare_turn(0)])
    desk = Desk(store, Profile("p"), "ann")
    accounts = Accounts(count(store, profile=desk.profile))
    counted = accounts.meters
    change = desk.foresee(desk.card(1), "correct")
    accounts.take(change)
    assert accounts.meters.sft_rows == 1
    accounts.take_back(change)
    assert accounts.meters == counted
