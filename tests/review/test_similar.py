from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.errors import DecisionError
from curator.model import Finding, Message
from curator.profiles import load_profile
from curator.review import Desk
from curator.review.similar import similar_turns
from curator.store import Store
from tests.factories import bare_turn, decide, fill, open_store

ERROR = Finding("schema_violation", "error", "x")
IMAGE = json.dumps({"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 9000}})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path)
    requests = [
        "Switch lamp 1 on.",
        f"Switch lamp 22 on.{IMAGE}",
        "Write me a poem about the sea.",
        "Lamp 4!",
    ]
    turns = [bare_turn(n, prompt=(Message("user", r),)) for n, r in enumerate(requests)]
    fill(store, turns, (ERROR,))
    fill(store, [bare_turn(4, calls=2, prompt=(Message("user", requests[0]),))], (ERROR,))
    fill(store, [bare_turn(5, prompt=(Message("user", requests[0]),))])
    fill(store, [bare_turn(6, calls=0), bare_turn(7, calls=0)])
    yield store
    store.close()


def test_similar_turns_share_findings_and_calls_the_likest_request_first(store: Store) -> None:
    alike = similar_turns(store, 1)
    assert [one.turn for one in alike] == [2, 4, 3]
    assert alike[0].likeness == 100 and alike[0].request == "Switch lamp 22 on."
    assert alike[-1].likeness < 60


def test_decided_turns_are_left_out(store: Store) -> None:
    store.journal.append([decide(2, "correct")])
    assert [one.turn for one in similar_turns(store, 1)] == [4, 3]


def test_turns_without_a_finding_are_found_by_their_calls(store: Store) -> None:
    assert similar_turns(store, 6) == []
    assert [one.turn for one in similar_turns(store, 7)] == [8]


def test_one_act_decides_on_all_and_one_undo_takes_all_back(store: Store) -> None:
    desk = Desk(store, load_profile("demo"), "ann")
    desk.verdict(3, "skip")
    changes = desk.decide_all([1, 2, 3], "incorrect", "wrong_tool", 4.2)
    assert [(change.turn, change.after.state) for change in changes] == [(1, "incorrect"), (2, "incorrect")]
    decisions = [decision for decision in store.journal.all() if decision.verdict == "incorrect"]
    assert {decision.act for decision in decisions} == {changes[0].act}
    assert [(decision.reason, decision.seconds) for decision in decisions] == [("wrong_tool", 4.2)] * 2
    assert sorted(change.turn for change in desk.undo()) == [1, 2]
    assert store.journal.resolution(3).state == "skipped"
    with pytest.raises(DecisionError):
        desk.decide_all([1, 999], "correct")
    assert store.journal.resolution(1).state == "undecided"


def test_a_foreseen_row_is_what_many_rows_become(store: Store) -> None:
    desk = Desk(store, load_profile("demo"), "ann")
    [alone] = desk.decide_all([5], "correct")
    desk.undo()
    assert desk.verdict(5, "correct").facts_after == alone.facts_after
