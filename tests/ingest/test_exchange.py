from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.reading import rows, save, sniffed

ASK = {"role": "user", "content": "Light on?"}
TOOL = {"type": "function", "function": {"name": "light", "parameters": {"type": "object"}}}
REQUEST = {"model": "m", "messages": [{"role": "system", "content": "S"}, ASK], "tools": [TOOL]}
CALL = {"id": "c", "type": "function", "function": {"name": "light", "arguments": '{"room": 1}'}}


def openai(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    choices = [{"index": i, "message": m, "finish_reason": "stop"} for i, m in enumerate(messages)]
    return {"id": "x", "object": "chat.completion", "model": "m-1", "choices": choices, **fields}


def said(text: str | None, **fields: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": text, **fields}


@pytest.mark.parametrize(
    "row",
    [
        {"request": REQUEST, "response": openai(said(None, tool_calls=[CALL]))},
        {"request": json.dumps(REQUEST), "response": json.dumps(openai(said(None, tool_calls=[CALL])))},
        {
            "request": {"url": "u", "body": REQUEST},
            "response": {"body": openai(said(None, tool_calls=[CALL]))},
        },
        {**REQUEST, "response": openai(said(None, tool_calls=[CALL]))},
    ],
)
def test_a_call_as_proxies_log_it(tmp_path: Path, row: dict[str, Any]) -> None:
    assert sniffed(save(tmp_path, row)) == "exchange"
    found = rows(tmp_path, "exchange", row)
    (turn,) = found.turns
    assert [m.role for m in turn.prompt] == ["system", "user"] and turn.tools[0].name == "light"
    assert turn.output.tool_calls[0].arguments == {"room": 1}
    assert (turn.model, turn.finish_reason) == ("m-1", "stop") and found.losses == []
    assert turn.structured and json.loads(turn.raw) == said(None, tool_calls=[CALL])


def test_earlier_answers_are_prompt(tmp_path: Path) -> None:
    messages = [ASK, said("Yes."), {"role": "user", "content": "Sure?"}]
    (turn,) = rows(
        tmp_path, "exchange", {"request": {"messages": messages}, "response": openai(said("!"))}
    ).turns
    assert len(turn.prompt) == 3 and turn.raw == "!"


def test_several_choices_are_candidates(tmp_path: Path) -> None:
    found = rows(tmp_path, "exchange", {"request": REQUEST, "response": openai(said("A"), said("B"))})
    assert [(t.raw, t.index) for t in found.turns] == [("A", 0), ("B", 0)] and len(found.sessions) == 1


def test_anthropic(tmp_path: Path) -> None:
    request = {
        "system": [{"type": "text", "text": "S"}],
        "messages": [ASK],
        "tools": [{"name": "light", "input_schema": {}}],
    }
    blocks = [
        {"type": "thinking", "thinking": "Hm."},
        {"type": "tool_use", "id": "t", "name": "light", "input": {"a": 1}},
    ]
    response = {"type": "message", "role": "assistant", "content": blocks, "stop_reason": "max_tokens"}
    row = {"request": request, "response": {**response, "model": "c"}}
    assert sniffed(save(tmp_path, row)) == "exchange"
    (turn,) = rows(tmp_path, "exchange", row).turns
    assert [m.content for m in turn.prompt] == ["S", "Light on?"]
    assert turn.output.thinking == "Hm." and turn.output.tool_calls[0].arguments == {"a": 1}
    assert (turn.finish_reason, turn.model) == ("max_tokens", "c")
    assert json.loads(turn.raw) == {"role": "assistant", "content": blocks}


@pytest.mark.parametrize(
    ("row", "code", "words"),
    [
        (
            {"request": REQUEST, "response": {"error": {"message": "Overloaded."}}},
            "no_response",
            "Overloaded",
        ),
        ({"request": REQUEST, "response": {"error": "gone"}}, "no_response", "gone"),
        ({"request": REQUEST, "response": None}, "no_response", "no answer"),
        ({"request": REQUEST, "response": {"choices": []}}, "no_response", "no answer"),
        ({"request": REQUEST, "response": {"choices": [{"message": 3}]}}, "no_response", "no answer"),
        ({"request": {"messages": 3}, "response": openai(said("A"))}, "bad_messages", "messages"),
        ({"request": {"messages": []}, "response": openai(said("A"))}, "no_prompt", "no message"),
        ({"request": 5, "response": openai(said("A"))}, "no_messages", "messages"),
        ({"request": "{", "response": openai(said("A"))}, "no_messages", "messages"),
    ],
)
def test_what_cannot_be_read_is_explained(tmp_path: Path, row: Any, code: str, words: str) -> None:
    found = rows(tmp_path, "exchange", row, {"request": REQUEST, "response": openai(said("A"))})
    assert found.codes == [code] and words in found.losses[0].message and len(found.turns) == 1


def test_a_growing_dialogue_is_known_again(tmp_path: Path) -> None:
    first = {"request": {"messages": [ASK]}, "response": openai(said("A"))}
    grown = {
        "request": {"messages": [ASK, said("A"), {"role": "user", "content": "B?"}]},
        "response": openai(said("B")),
    }
    found = rows(tmp_path, "exchange", first, grown)
    assert [t.raw for t in found.turns] == ["A", "B"] and len({t.key for t in found.turns}) == 2
