from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from curator.ingest.columns import USUAL
from tests.ingest.reading import rows, save, sniffed

CALL = {"id": "c", "function": {"name": "light", "arguments": {"room": 1}}}
TALK = [
    {"role": "user", "content": "Q"},
    {"role": "assistant", "content": "A"},
    {"role": "user", "content": "R"},
]


@pytest.mark.parametrize(("asks", "answers"), USUAL)
def test_a_prompt_and_its_answer(tmp_path: Path, asks: str, answers: str) -> None:
    row = {asks: "Why?", answers: "So.", "system_prompt": "S", "thinking": "Hm."}
    assert sniffed(save(tmp_path, row)) == "pairs"
    (turn,) = rows(tmp_path, "pairs", row).turns
    assert [(m.role, m.content) for m in turn.prompt] == [("system", "S"), ("user", "Why?")]
    assert (turn.output.thinking, turn.output.content) == ("Hm.", "So.")


def test_plain_answers_are_raw_text(tmp_path: Path) -> None:
    (turn,) = rows(tmp_path, "pairs", {"prompt": "Q", "response": "<think>x</think>A"}).turns
    assert turn.raw == "<think>x</think>A" and not turn.structured and turn.output.thinking == "x"


@pytest.mark.parametrize("prompt", [TALK, json.dumps(TALK)])
@pytest.mark.parametrize("response", [[{"role": "assistant", "content": "B"}], {"content": "B"}, "B"])
def test_either_may_be_messages(tmp_path: Path, prompt: Any, response: Any) -> None:
    (turn,) = rows(tmp_path, "pairs", {"prompt": prompt, "response": response}).turns
    assert [m.content for m in turn.prompt] == ["Q", "A", "R"] and turn.output.content == "B"


@pytest.mark.parametrize("calls", [[CALL], json.dumps([CALL])])
def test_calls_and_tools_of_their_own(tmp_path: Path, calls: Any) -> None:
    row = {"prompt": "Q", "response": None, "tool_calls": calls, "tools": [{"name": "light"}]}
    (turn,) = rows(tmp_path, "pairs", row).turns
    assert turn.output.tool_calls[0].arguments == {"room": 1} and turn.tools[0].name == "light"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"prompt": "Q", "response": None}, "no_answer"),
        ({"prompt": "Q", "response": 5}, "no_answer"),
        ({"prompt": "", "response": "A"}, "no_prompt"),
        ({"prompt": [3], "response": "A"}, "bad_message"),
        ({"prompt": {}, "response": "A"}, "bad_messages"),
        ({"prompt": "Q", "response": []}, "no_assistant"),
        ({"prompt": "Q", "response": {"role": ""}}, "bad_message"),
        ({"other": 1}, "no_pair"),
    ],
)
def test_bad_rows_are_explained(tmp_path: Path, row: Any, code: str) -> None:
    found = rows(tmp_path, "pairs", row, {"prompt": "Q", "response": "A"})
    assert found.codes == [code] and len(found.turns) == 1
