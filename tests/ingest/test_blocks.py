"""Messages made of Anthropic content blocks, and the places where a row may have its system prompt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw

from curator.ingest.arrays import is_lines
from curator.ingest.messages import BadMessage, spoken_messages
from tests.ingest.reading import read, rows, save

TOOL = {"name": "light", "description": "Sets it.", "input_schema": {"type": "object"}}
CALL = {"type": "tool_use", "id": "t1", "name": "light", "input": {"room": "hall"}}
ANSWER = {
    "role": "assistant",
    "content": [
        {"type": "thinking", "thinking": "Hm.", "signature": "s"},
        {"type": "redacted_thinking", "data": "x"},
        {"type": "text", "text": "One moment."},
        CALL,
    ],
    "stop_reason": "tool_use",
}


def result(**fields: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": "t1", **fields}


def test_blocks_are_thinking_text_and_calls() -> None:
    found = spoken_messages(Raw(json.dumps(ANSWER).encode()))
    assert not isinstance(found, BadMessage)
    (one,) = found
    assert (one.message.thinking, one.message.content) == ("Hm.", "One moment.")
    assert one.structured and json.loads(one.exact) == ANSWER and one.finish_reason == "tool_use"
    (call,) = one.message.tool_calls
    assert (call.id, call.name, call.arguments) == ("t1", "light", {"room": "hall"})


def test_a_dialogue_of_blocks(tmp_path: Path) -> None:
    asked = [
        result(content=[{"type": "text", "text": "no such room"}], is_error=True),
        {"type": "text", "text": "Try again."},
    ]
    messages = [{"role": "user", "content": "On!"}, ANSWER, {"role": "user", "content": asked}]
    last = {"role": "assistant", "content": [{"type": "text", "text": "Done."}]}
    system = [{"type": "text", "text": "Be "}, {"type": "text", "text": "kind."}]
    row = {"system": system, "messages": [*messages, last], "tools": [TOOL]}
    first, second = rows(tmp_path, "chat", row).turns
    assert [(o.status, o.text) for o in first.outcomes] == [("error", "no such room")]
    assert [m.role for m in second.prompt] == ["system", "user", "assistant", "tool", "user"]
    assert second.prompt[0].content == "Be kind." and second.prompt[4].content == "Try again."
    assert second.prompt[3].tool_call_id == "t1" and second.raw == "Done." and not second.structured
    assert first.tools[0].parameters == {"type": "object"}


def test_results_keep_their_place_among_the_blocks() -> None:
    text = {"type": "text", "text": "then"}
    message = {"role": "user", "content": [result(content="a"), text, result(content=None, tool_use_id="t2")]}
    found = spoken_messages(Raw(json.dumps(message).encode()))
    assert not isinstance(found, BadMessage)
    assert [(o.message.role, o.message.content) for o in found] == [
        ("tool", "a"),
        ("user", "then"),
        ("tool", ""),
    ]


def test_text_about_blocks_is_text() -> None:
    text = Raw(b'{"role": "user",  "content": "tool_result", "name": "tool_result"}')
    found = spoken_messages(text)
    assert not isinstance(found, BadMessage)
    (one,) = found
    assert one.message.content == "tool_result" and one.exact.encode() == bytes(text)


@pytest.mark.parametrize(
    "content", [[{"type": "tool_result"}], [result(content={"a": 10**30})], [3, result()]]
)
def test_odd_results_are_read_too(content: list[Any]) -> None:
    found = spoken_messages(Raw(json.dumps({"role": "user", "content": content}).encode()))
    assert not isinstance(found, BadMessage) and found[-1].message.role == "tool"


def test_a_result_of_nobody_is_a_bad_message() -> None:
    message = {"content": [{"type": "text", "text": "x"}, result(content="a")]}
    assert isinstance(spoken_messages(Raw(json.dumps(message).encode())), BadMessage)


@pytest.mark.parametrize(
    "fields",
    [
        {"reasoning_text": "So."},
        {"thought": "So."},
        {"thoughts": "So."},
        {"reasoning_content": "", "reasoning": "So."},
        {"reasoning_details": [{"type": "reasoning.text", "text": "S"}, {"type": "x", "summary": "o."}]},
    ],
)
def test_thinking_under_any_usual_name(tmp_path: Path, fields: dict[str, Any]) -> None:
    message = {"role": "assistant", "content": "Yes.", **fields}
    (turn,) = rows(tmp_path, "chat", {"messages": [{"role": "user", "content": "?"}, message]}).turns
    assert turn.output.thinking == "So." and turn.output.content == "Yes."


SAID = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "Yes."}]


@pytest.mark.parametrize(
    "row",
    [
        {"messages": SAID, "metadata": {"tools": [TOOL]}},
        {"messages": SAID, "metadata": json.dumps({"functions": [TOOL]})},
        {"messages": SAID, "request": {"body": {"tools": json.dumps([TOOL])}}},
        {"messages": SAID, "kwargs": {"extra_body": {"tools": [TOOL]}}},
        {"messages": [{"role": "system", "content": "S", "tools": [TOOL]}, *SAID]},
        {"messages": json.dumps(SAID), "tools": [TOOL]},
    ],
)
def test_tools_in_any_usual_place(tmp_path: Path, row: dict[str, Any]) -> None:
    (turn,) = rows(tmp_path, "chat", row).turns
    assert [(t.name, t.description) for t in turn.tools] == [
        ("light", "Sets it.")
    ] and not turn.tools_in_prompt


def test_the_system_prompt_of_the_messages_counts(tmp_path: Path) -> None:
    row = {"system": "of the row", "messages": [{"role": "system", "content": "own"}, *SAID]}
    (turn,) = rows(tmp_path, "chat", row).turns
    assert [m.content for m in turn.prompt] == ["own", "?"]
    (turn,) = rows(tmp_path, "chat", {"system": "of the row", "messages": SAID}).turns
    assert [m.content for m in turn.prompt] == ["of the row", "?"]


@pytest.mark.parametrize("indent", [None, 2])
def test_chat_rows_as_an_array_and_as_one_document(tmp_path: Path, indent: int | None) -> None:
    text = json.dumps([{"messages": SAID}, {"messages": SAID, "id": 2}], indent=indent)
    assert len(rows(tmp_path, "chat", text).turns) == 2
    (turn,) = read(save(tmp_path, json.dumps({"messages": SAID}, indent=indent)), "chat").turns
    assert turn.raw == "Yes." and is_lines(tmp_path / "r.jsonl") == (indent is None)
