"""Many turns read at once are what was written, and what each of them is alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from curator.errors import CuratorError
from curator.model import Message, Outcome, SourceRef, ToolCall, Turn
from curator.store import SessionInfo, Store, whole
from tests.factories import DOOR, LIGHT, ON, make_turn

MESSAGES = [
    Message("system", "You run a home."),
    Message("user", "on"),
    Message("user", "off"),
    Message("assistant", "", tool_calls=(ON,)),
    Message("assistant", "raw 1"),
    Message("tool", "done", name="set_light", tool_call_id="c1"),
]
KINDS: list[dict[str, Any]] = [
    {},
    {"raw": "raw 1", "tools": ()},
    {"raw": "<think>\nno\n</think>\nNothing to do.", "tools": (DOOR,), "tools_in_prompt": True},
    {"raw": '{"a": 1}', "structured": True, "outcomes": (Outcome(0, "error", "no such door"),)},
    {"source": SourceRef("other.jsonl", 3, 9, 2), "origin": "synthetic", "model": "m", "tools": (LIGHT,)},
]
TURNS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(MESSAGES), max_size=6),
        st.sampled_from(KINDS),
        st.sampled_from(["s1", "s2", "s3"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(turns=TURNS, data=st.data())
def test_turns_read_together_are_those_that_were_written(
    tmp_path_factory: pytest.TempPathFactory, turns: list[Any], data: st.DataObject
) -> None:
    store = Store.open(tmp_path_factory.mktemp("s") / "c.db")
    written = [
        make_turn(n, **kind, prompt=tuple(prompt), session=session)
        for n, (prompt, kind, session) in enumerate(turns)
    ]
    source = store.sources.begin("log.jsonl", "chat", "chat/1", "00", 10, "real")
    store.turns.add(source, [SessionInfo(f"s{n}") for n in (1, 2, 3)], [(turn, ()) for turn in written])
    ids = data.draw(st.lists(st.integers(1, len(written)), max_size=20))
    together = store.turns.get_many(ids)
    assert together == [replace(written[id - 1], id=id) for id in ids]
    assert together == [store.turns.get(id) for id in ids]
    store.close()


def test_decisions_and_findings_change_nothing_of_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    store = Store.open(tmp_path_factory.mktemp("s") / "c.db")
    source = store.sources.begin("log.jsonl", "chat", "chat/1", "00", 10, "real")
    call = ToolCall("lock_door", {"door": "1.0", "n": 1, "x": [None, 1.0, True]}, id="c9")
    prompt = (Message("user", "é \U0001f600 \x00"), Message("assistant", "", tool_calls=(call,)))
    turn = make_turn(0, prompt=prompt)
    store.turns.add(source, [SessionInfo("s1")], [(turn, ())])
    before = store.turns.get(1)
    store.turns.mark("near_duplicate", {})
    store.journal.recount()
    assert before.prompt == prompt and store.turns.get_many([1, 1]) == [before, before]
    store.close()


def test_chunks_meet_without_a_seam(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole, "CHUNK", 3)
    store = Store.open(tmp_path_factory.mktemp("s") / "c.db")
    history: tuple[Message, ...] = ()
    turns: list[Turn] = []
    for n in range(8):
        history = (*history, Message("user", f"u{n}"), Message("assistant", f"a{n}"))
        turns.append(make_turn(n, prompt=history))
    source = store.sources.begin("log.jsonl", "chat", "chat/1", "00", 10, "real")
    store.turns.add(source, [SessionInfo("s1")], [(turn, ()) for turn in turns])
    assert [turn.prompt for turn in store.turns.each(range(8, 0, -1))] == [t.prompt for t in turns[::-1]]
    assert store.turns.get_many([]) == []
    with pytest.raises(CuratorError, match="no turn 9"):
        store.turns.get_many([1, 9])
    store.close()


def test_what_prompts_share_is_read_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    store = Store.open(tmp_path_factory.mktemp("s") / "c.db")
    turns = [make_turn(n, prompt=(Message("system", "x"), Message("user", f"u{n}"))) for n in range(3)]
    source = store.sources.begin("log.jsonl", "chat", "chat/1", "00", 10, "real")
    store.turns.add(source, [SessionInfo("s1")], [(turn, ()) for turn in turns])
    one, two, _ = store.turns.get_many([1, 2, 3])
    assert one.prompt[0] is two.prompt[0] and one.tools is two.tools
    store.close()
