"""Copies are found by prompt, answer and calls; the composition is told without them."""

from __future__ import annotations

from pathlib import Path

from curator.datasets import count
from curator.datasets.dedupe import alike, mark, without_copies
from curator.model import Message, Turn
from curator.profiles import Profile
from curator.review import Desk
from curator.store import Filter, Store
from tests.factories import fill, make_turn

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
