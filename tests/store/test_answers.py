"""Generated answers: a text once per turn, with what gave it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from curator.errors import CuratorError
from curator.store import Answer, SessionInfo, Store
from tests.factories import make_turn, open_store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(tmp_path)
    source = store.sources.begin("a.jsonl", "chat", "chat/1", "00", 10, "real")
    store.turns.add(source, [SessionInfo("s0", "run")], [(make_turn(n, session="s0"), ()) for n in range(2)])
    return store


def test_answers_are_kept_with_what_gave_them_and_a_text_stands_once(store: Store) -> None:
    first = Answer(1, "one", "base", {"seed": 3, "temperature": 0.8}, "ann", "2026-01-01T00:00:00")
    again = replace(first, settings={"seed": 4})
    elsewhere = replace(first, turn=2)
    added = store.answers.add([first, again, elsewhere])
    assert [(a.turn, a.settings["seed"]) for a in added] == [(1, 3), (2, 3)]
    assert store.answers.add([again]) == []
    (more,) = store.answers.add([replace(again, raw="two")])
    assert store.answers.of(1) == [added[0], more]
    assert store.answers.get(more.id) == replace(again, raw="two", id=more.id)
    assert store.answers.turns() == {1: 2, 2: 1}


def test_what_is_not_there_is_said(store: Store) -> None:
    with pytest.raises(CuratorError, match="no turn 9"):
        store.answers.add([Answer(1, "x", "m"), Answer(9, "x", "m")])
    assert store.answers.of(1) == []
    with pytest.raises(CuratorError, match="no generated answer 5"):
        store.answers.get(5)
