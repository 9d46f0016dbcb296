"""Checks anew over whole sessions find what they find turn by turn."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.checks import Context, run_checks
from curator.jobs import QuietProgress
from curator.model import Finding
from curator.profiles import load_profile
from curator.review import rechecking
from curator.review.rechecking import recheck
from curator.store import Filter, SessionInfo, Store
from tests.factories import make_turn

DEMO = load_profile("demo")
CALL = '<tool_call>\n{{"name": "{name}", "arguments": {arguments}}}\n</tool_call>'
RAWS = [
    CALL.format(name="set_light", arguments='{"room": "kitchen", "state": "on"}'),
    CALL.format(name="lock_door", arguments='{"door": "front"}'),
    CALL.format(name="lock_door", arguments="{}"),
    "<think>\nI should call lock_door.\n</think>\n\nDone.",
]
TURNS = st.lists(
    st.tuples(st.sampled_from(RAWS), st.sampled_from(["s1", "s2"]), st.integers(0, 3)),
    min_size=1,
    max_size=10,
)


def one_by_one(store: Store, turn_id: int) -> tuple[Finding, ...]:
    """What the checks find in a turn that knows the calls of those before it in its session."""
    turn, context = store.turns.get(turn_id), Context(aliases=DEMO.words, profile=DEMO)
    for row in store.turns.session_turns(turn_id):
        if row.index < turn.index and row.calls:
            context.remember(store.turns.get(row.id))
    return run_checks(turn, context)


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Any:
    opened = Store.open(tmp_path_factory.mktemp("s") / "c.db")
    yield opened
    opened.close()


def fill(store: Store, turns: list[tuple[str, str, int]]) -> None:
    made = [make_turn(n, raw, session=session, index=index) for n, (raw, session, index) in enumerate(turns)]
    compared = (Finding("near_duplicate", "warning", "nearly the same as turn 9"),)
    source = store.sources.begin("log.jsonl", "chat", "chat/1", "00", 10, "real")
    store.turns.add(source, [SessionInfo("s1"), SessionInfo("s2")], [(turn, compared) for turn in made])


@settings(max_examples=40, deadline=None)
@given(turns=TURNS, query=st.sampled_from(["", "calls:0", "tool:lock_door", "session:s2"]))
def test_sessions_give_what_single_turns_give(
    tmp_path_factory: pytest.TempPathFactory, turns: list[tuple[str, str, int]], query: str
) -> None:
    store = Store.open(tmp_path_factory.mktemp("s") / "c.db")
    fill(store, turns)
    wanted = list(store.turns.ids(Filter.parse(query)))
    alone = {turn: one_by_one(store, turn) for turn in wanted}
    found = dict(recheck(store, DEMO, Filter.parse(query)))
    assert sorted(found) == wanted
    for turn, findings in found.items():
        assert findings[:-1] == alone[turn] and findings[-1].check == "near_duplicate"
        assert store.turns.findings(turn) == findings
        row = store.turns.rows([turn])[0]
        assert row.warnings == sum(f.severity == "warning" for f in findings)
    others = [turn for turn in range(1, len(turns) + 1) if turn not in found]
    assert all(len(store.turns.findings(turn)) == 1 for turn in others)
    store.close()


def test_a_stop_keeps_what_was_yielded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rechecking, "_WRITTEN_AT_ONCE", 2)
    fill(store, [(RAWS[2], "s1", n) for n in range(7)])
    progress, seen = QuietProgress(), []
    for one in recheck(store, DEMO, progress=progress):
        seen.append(one.turn)
        progress.cancelled = len(seen) == 2
    assert seen == [1, 2] and progress.done == 2 and progress.total == 7
    assert [len(store.turns.findings(turn)) > 1 for turn in range(1, 8)] == [True] * 2 + [False] * 5


def test_only_the_session_tells_that_a_call_repeats(store: Store) -> None:
    fill(store, [(RAWS[1], "s1", 0), (RAWS[1], "s1", 1), (RAWS[1], "s2", 0), (RAWS[1], "s1", 0)])
    repeating = {
        turn for turn, found in recheck(store, DEMO) if any(f.check == "repeated_call" for f in found)
    }
    assert repeating == {2}
