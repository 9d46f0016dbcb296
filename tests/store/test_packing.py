"""What is packed comes back whole, and short."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from curator.ingest.identity import message_digest
from curator.model import Message, Outcome, Output, Problem, ToolCall
from curator.store import Packer, SessionInfo, Store, raw_text
from curator.store.packing import Rest, pack_message, pack_output, unpack_message, unpack_output
from tests.factories import make_turn

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
MAYBE = st.none() | TEXT
SPAN = st.tuples(st.integers(0, 20), st.integers(0, 20))
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXT,
    lambda values: st.lists(values, max_size=2) | st.dictionaries(TEXT, values, max_size=2),
    max_leaves=4,
)
OBJECT = st.dictionaries(TEXT, JSON, max_size=3)
CALL = st.builds(
    ToolCall,
    name=TEXT,
    arguments=OBJECT,
    syntax=TEXT,
    status=st.sampled_from(["ok", "repaired", "unclosed"]),
    span=st.none() | SPAN,
    typed=st.booleans(),
    id=MAYBE,
)
CALLS = st.lists(CALL, max_size=2).map(tuple)
MESSAGE = st.builds(
    Message,
    role=st.sampled_from(["system", "user", "assistant", "tool"]) | TEXT,
    content=TEXT,
    thinking=MAYBE,
    tool_calls=CALLS,
    name=MAYBE,
    tool_call_id=MAYBE,
)
OUTPUT = st.builds(
    Output,
    thinking=MAYBE,
    content=MAYBE,
    tool_calls=CALLS,
    problems=st.lists(st.builds(Problem, code=TEXT, message=TEXT, span=st.none() | SPAN), max_size=2).map(
        tuple
    ),
    thinking_span=st.none() | SPAN,
    content_spans=st.lists(SPAN, max_size=2).map(tuple),
)
REST = st.fixed_dictionaries(
    {},
    optional={
        "outcomes": st.just((Outcome(0, "ok", "done", 1.5), Outcome(1, "error"))),
        "tools_in_prompt": st.booleans(),
        "structured": st.booleans(),
        "finish_reason": MAYBE,
        "model": MAYBE,
        "provider": MAYBE,
        "timestamp": MAYBE,
        "labels": OBJECT,
    },
)


def exact(value: Any) -> bytes:
    """JSON, which tells 0 from false where ``==`` does not."""
    return msgspec.json.encode(value, order="deterministic")


@given(message=MESSAGE)
def test_a_message_comes_back_and_keeps_its_hash(message: Message) -> None:
    turn = make_turn(0, prompt=(message,), raw="r")
    packer = Packer()
    packer.add(turn)
    (body, *_) = packer.take().messages
    assert exact(unpack_message(body.body.decode())) == exact(message)
    assert body.hash == message_digest(message)
    assert raw_text(None, body.body.decode()) == message.content


@given(output=OUTPUT, raw=TEXT)
def test_an_output_comes_back(output: Output, raw: str) -> None:
    assert exact(unpack_output(pack_output(output, raw), raw)) == exact(output)


@given(rest=REST)
def test_the_rest_of_a_turn_comes_back(rest: dict[str, Any]) -> None:
    turn = make_turn(0, **rest)
    packer = Packer()
    packer.add(turn)
    stored = msgspec.json.decode(packer.take().turns[0].rest, type=Rest)
    for name in Rest.__struct_fields__:
        assert exact(getattr(stored, name)) == exact(getattr(turn, name))


def test_what_is_usual_is_not_written() -> None:
    assert pack_message(Message("user", "hi")) == b'[1,"hi"]'
    assert pack_message(Message("tool", "21", name="add")) == b'[3,"21","add"]'
    assert pack_output(Output(content="hi", content_spans=((0, 2),)), "hi") == "[null,[[0,2]]]"
    assert pack_output(Output(), "") == "[]"


def test_a_short_turn_costs_less_than_450_bytes(tmp_path: Path) -> None:
    """Here each request is new; the answer with one call, the tools and the system prompt repeat."""
    path, thousand, sizes = tmp_path / "c.db", 1000, []
    for start in (0, thousand):
        keys = [message_digest(Message("key", str(start + n))).hex() for n in range(thousand)]
        turns = [make_turn(start + n, key=key) for n, key in enumerate(keys)]
        store = Store.open(path)
        source = store.sources.begin("log.jsonl", "chat", "chat/1", "00", 10, "real")
        store.turns.add(source, [SessionInfo("s1")], [(turn, ()) for turn in turns])
        store.close()
        sizes.append(path.stat().st_size)
    assert (sizes[1] - sizes[0]) / thousand < 450
