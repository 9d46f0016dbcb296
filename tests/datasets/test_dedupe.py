"""Copies are found by prompt, answer and calls; the composition is told without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.datasets import count
from curator.datasets.dedupe import alike, copies, mark, standing, without_copies
from curator.errors import StoppedError
from curator.jobs import QuietProgress
from curator.model import Correction, Message, Turn
from curator.profiles import Profile
from curator.review import Desk
from curator.store import Filter, Store
from tests.factories import LOCK, fill, make_turn

SYSTEM = Message("system", "You run a home.")
LONG = "Please look at the file that the build wrote yesterday and tell me which tests in it have failed, "


def asked(n: int, request: str, raw: str | None = None, system: Message = SYSTEM) -> Turn:
    return make_turn(n, raw, prompt=(system, Message("user", request)))


def test_copies_but_not_other_answers(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "curator.db")
    other_call = '<tool_call>{"name": "lock_door", "arguments": {"door": "front"}}</tool_call>'
    turns = [
        asked(0, LONG + "then go on."),
        asked(1, LONG + "then go on!"),
        asked(2, LONG + "then go on.", other_call),
        asked(3, LONG + "then go on.", system=Message("system", "You run a garden.")),
        asked(4, "Something else entirely, with words that nobody else uses here."),
        *(asked(5 + n, f"Tell me about room {n}", f"Room {n} is {'very ' * n}fine.") for n in range(25)),
    ]
    fill(store, turns)
    ids = list(store.turns.ids())
    found = alike(store, ids)
    assert [group.turns for group in found.groups if group.turns[0] < 6] == [(1, 2)]
    assert found.looked_at == 30 and not found.groups[0].is_exact
    ((pattern, same),) = found.templates
    assert len(same) == 25 and "room" in pattern.lower()
    mark(store, found)
    assert list(store.turns.ids(Filter.parse("check:near_duplicate")))[:2] == [1, 2]
    assert store.turns.findings(1)[-1].message == "nearly the same as turn 2"
    assert store.turns.rows([1])[0].warnings == 1
    mark(store, alike(store, [ids[4]]))
    assert not store.turns.ids(Filter.parse("check:near_duplicate"))
    assert store.turns.rows([1])[0].warnings == 0
    store.close()


def test_the_composition_without_copies(tmp_path: Path) -> None:
    store, profile = Store.open(tmp_path / "curator.db"), Profile(name="p", bands={"none": (0.3, 0.6)})
    turns = [asked(n, LONG + "and stop there.") for n in range(3)]
    turns += [asked(3 + n, f"{'why ' * n} who {n}", f"Because {'of ' * n} that.") for n in range(2)]
    fill(store, turns)
    desk = Desk(store, profile, "ann")
    for turn in store.turns.ids():
        desk.verdict(turn, "correct")
    meters, found = count(store, profile=profile), alike(store, list(store.turns.ids()))
    assert found.extra == 2 and found.groups[0].is_exact
    left = {band.id: band for band in without_copies(store, meters, found, profile)}
    assert (left["one"].count, left["none"].count) == (1, 2) and left["none"].state == "high"
    assert len(desk.decide_all([1, 2], "skip")) == 0, "they are decided"
    store.close()


def test_all_but_the_best_one_are_left_out_as_one_act(tmp_path: Path) -> None:
    store, profile = Store.open(tmp_path / "curator.db"), Profile(name="p")
    fill(store, [asked(n, LONG + "and stop there.") for n in range(4)])
    desk = Desk(store, profile, "ann")
    desk.verdict(2, "correct")
    desk.correct(3, Correction("I lock it", None, (LOCK,)))
    desk.verdict(4, "incorrect", "wrong_tool")
    before = store.journal.resolutions([1, 2, 3, 4])
    (group,) = alike(store, [1, 2, 3, 4]).groups
    assert copies(store, [group]) == [1, 2, 4]
    assert copies(store, [group], {1: 2}) == [1, 3, 4]
    (stands,) = standing(store, [group])
    assert (stands.keeps, stands.extra, stands.request) == (3, 3, LONG + "and stop there.")
    changes = desk.leave_out(copies(store, [group]))
    assert len({change.act for change in changes}) == 1 and len(changes) == 3
    assert [one.state for one in store.journal.resolutions([1, 2, 3, 4]).values()] == [
        "skipped",
        "skipped",
        "corrected",
        "skipped",
    ]
    assert standing(store, [group])[0].extra == 0
    assert desk.leave_out(copies(store, [group])) == [], "they are left out already"
    desk.undo()
    assert store.journal.resolutions([1, 2, 3, 4]) == before
    assert count(store, profile=profile).sft_rows == 2
    store.close()


class Impatient(QuietProgress):
    """Cancels itself in the first phase whose label begins so."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.wanted = label

    def begin(self, label: str, total: int | None = None) -> None:
        super().begin(label, total)
        self.cancelled = self.cancelled or label.startswith(self.wanted)


def test_a_cancelled_search_finds_nothing(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "curator.db")
    fill(store, [asked(n, f"{LONG} and stop there {n}.") for n in range(4)])
    ids = list(store.turns.ids())
    assert len(alike(store, ids, progress=Impatient("never")).groups) == 1
    for phase in ("reading", "cutting", "comparing"):
        with pytest.raises(StoppedError):
            alike(store, ids, progress=Impatient(phase))
    store.close()
