from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from curator.ingest import lines
from curator.ingest.walk import find_sources
from tests.ingest.reading import Read, read

ASK: dict[str, Any] = {"role": "user", "content": "Light on?"}
SAY: dict[str, Any] = {"role": "assistant", "content": "Yes."}
TOOL: dict[str, Any] = {"name": "light", "parameters": {"type": "object", "properties": {"room": {}}}}


def row(*messages: dict[str, Any], **fields: Any) -> str:
    return json.dumps({"messages": list(messages), **fields}, ensure_ascii=False)


def write(tmp_path: Path, *rows: str | bytes, name: str = "c.jsonl") -> Path:
    path = tmp_path / name
    path.write_bytes(b"".join((r if isinstance(r, bytes) else r.encode()) + b"\n" for r in rows))
    return path


def chat(tmp_path: Path, *rows: str | bytes, **options: str) -> Read:
    found = read(write(tmp_path, *rows), "chat", **options)
    assert found.unexplained == 0
    return found


def asked(arguments: Any, call_id: str = "c1", name: str = "light") -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function}


def test_every_assistant_message_is_a_turn(tmp_path: Path) -> None:
    found = chat(tmp_path, row({"role": "system", "content": "S"}, ASK, SAY, ASK, {**SAY, "content": "No."}))
    first, second = found.turns
    assert [m.role for m in second.prompt] == ["system", "user", "assistant", "user"]
    assert (first.raw, second.raw) == ("Yes.", "No.") and (first.index, second.index) == (0, 1)
    assert first.session == second.session == found.sessions[0].key and found.sessions[0].turns == 2
    assert not first.structured and first.output.content == "Yes."


@pytest.mark.parametrize("arguments", [{"room": "hall"}, '{"room": "hall"}'])
def test_structured_calls(tmp_path: Path, arguments: Any) -> None:
    message = {
        "role": "assistant",
        "content": None,
        "reasoning_content": "Hm.",
        "tool_calls": [asked(arguments)],
    }
    text = row(ASK, message, {"role": "tool", "tool_call_id": "c1", "content": "on"}, SAY, tools=[TOOL])
    first, second = chat(tmp_path, text).turns
    assert first.structured and first.raw in text and json.loads(first.raw) == message
    (call,) = first.output.tool_calls
    assert (call.name, call.arguments, call.id, call.span) == ("light", {"room": "hall"}, "c1", None)
    assert first.output.thinking == "Hm." and not first.output.content
    assert [(o.call, o.status, o.text) for o in first.outcomes] == [(0, "ok", "on")]
    assert second.prompt[1].tool_calls == (call,) and second.prompt[1].thinking == "Hm."
    assert first.tools[0].name == "light" and not first.tools_in_prompt


def test_results_are_matched_by_id_or_else_in_order(tmp_path: Path) -> None:
    calls = [asked({}, "a"), asked({}, "b", "door")]
    failed = json.dumps({"error": "no door"})
    by_id = [{"role": "tool", "tool_call_id": i, "content": t} for i, t in (("b", failed), ("a", "on"))]
    in_order = [{"role": "tool", "content": "on"}, {"role": "function", "content": failed}]
    for results in (by_id, in_order):
        (turn,) = chat(tmp_path, row(ASK, {**SAY, "tool_calls": calls}, *results)).turns
        assert [(o.call, o.status) for o in turn.outcomes] == [(0, "ok"), (1, "error")]


def test_calls_in_text_are_parsed_and_answered(tmp_path: Path) -> None:
    raw = '<think>\nLight.\n</think>\n\n<tool_call>\n{"name": "light", "arguments": {}}\n</tool_call>'
    (turn,) = chat(tmp_path, row(ASK, {**SAY, "content": raw}, {"role": "tool", "content": "off"})).turns
    assert turn.raw == raw and turn.output.thinking and turn.output.tool_calls[0].name == "light"
    assert turn.outcomes[0].text == "off"


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (asked('{"room": '), "call_invalid_json"),
        (asked(["hall"]), "call_malformed"),
        ({"id": "x", "function": {"arguments": {}}}, "call_missing_name"),
        ("light", "call_missing_name"),
    ],
)
def test_calls_that_cannot_be_used_are_problems(tmp_path: Path, call: Any, code: str) -> None:
    found = chat(tmp_path, row(ASK, {**SAY, "tool_calls": [call, asked({}, "ok")]}))
    (turn,) = found.turns
    assert found.codes == [code] and [c.id for c in turn.output.tool_calls] == ["ok"]
    assert turn.output.problems[0].code == code.removeprefix("call_")


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "thinking"])
def test_thinking_may_be_a_field_of_its_own(tmp_path: Path, field: str) -> None:
    (turn,) = chat(tmp_path, row(ASK, {**SAY, field: "I think."})).turns
    assert turn.structured and (turn.output.thinking, turn.output.content) == ("I think.", "Yes.")


@pytest.mark.parametrize("tools", [[TOOL], [{"type": "function", "function": TOOL}], json.dumps([TOOL])])
@pytest.mark.parametrize("field", ["tools", "functions"])
def test_tools_in_their_usual_places(tmp_path: Path, field: str, tools: Any) -> None:
    (turn,) = chat(tmp_path, row(ASK, SAY, **{field: tools})).turns
    assert turn.tools[0].name == "light" and turn.tools[0].parameters == TOOL["parameters"]


def test_tools_in_the_system_prompt(tmp_path: Path) -> None:
    system = {"role": "system", "content": f"<tools>\n{json.dumps(TOOL)}\n</tools>"}
    (turn,) = chat(tmp_path, row(system, ASK, SAY)).turns
    assert turn.tools[0].name == "light" and turn.tools_in_prompt


def test_what_a_row_states_is_kept(tmp_path: Path) -> None:
    stated = {"id": "r7", "tier": "home", "model": "m", "provider": "p", "timestamp": "2026-01-01T00:00:00"}
    found = chat(tmp_path, row(ASK, {**SAY, "weight": 0}, rating=4, passed=False, labels={"x": 1}, **stated))
    (turn,) = found.turns
    assert (turn.tier, turn.model, turn.provider, turn.timestamp) == ("home", "m", "p", "2026-01-01T00:00:00")
    assert turn.labels == {"x": 1, "rating": 4, "passed": False, "weight": 0}
    assert found.sessions[0].name == "r7"
    assert chat(tmp_path, row(ASK, SAY, tier="home"), tier="code", origin="synthetic").turns[0].tier == "code"


def test_parts_of_content_are_joined_and_others_kept_as_json(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": "See "}, {"type": "image_url", "image_url": {"url": "x"}}, "!"]
    (turn,) = chat(tmp_path, row({"role": "user", "content": parts}, SAY)).turns
    assert turn.prompt[0].content == 'See {"type":"image_url","image_url":{"url":"x"}}!'


GOOD = row(ASK, SAY)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ('{"messages": [', "invalid_json"),
        ("no json at all", "invalid_json"),
        ("[1, 2]", "not_an_object"),
        ('{"messages": null}', "null_messages"),
        ('{"messages": {}}', "bad_messages"),
        ('{"text": "x"}', "no_messages"),
        ('{"messages": []}', "no_assistant"),
        (row(ASK), "no_assistant"),
        ('{"messages": [3]}', "bad_message"),
        ('{"messages": [{"content": "x"}]}', "bad_message"),
        ('{"messages": [{"role": "assistant", "content": 1e999}]}', "bad_message"),
        ('{"messages": ' + "[" * 100_000, "invalid_json"),
    ],
)
def test_a_bad_row_is_explained_and_the_rest_is_read(tmp_path: Path, bad: str, code: str) -> None:
    found = chat(tmp_path, GOOD, "", bad, GOOD)
    assert len(found.turns) == 2 and found.codes == [code] and found.seen == 3
    loss = found.losses[0]
    assert (loss.kind, loss.file, loss.line) == ("dropped", "c.jsonl", 3) and loss.message.endswith(".")


@pytest.mark.parametrize(
    ("line", "code", "raw"),
    [
        (GOOD.encode().replace(b"Yes.", b"Y\xffs."), "not_utf8", "Y\ufffds."),
        (GOOD.encode().replace(b"Yes.", b"Y\\ud800s."), "lenient_json", "Y\ufffds."),
        (GOOD.encode().replace(b"Yes.", b"Y\ts."), "lenient_json", "Y\ts."),
        (row(ASK, SAY, score=float("nan")).encode(), "lenient_json", "Yes."),
    ],
)
def test_a_row_that_can_be_mended_is_mended_aloud(tmp_path: Path, line: bytes, code: str, raw: str) -> None:
    found = chat(tmp_path, line, GOOD)
    assert [t.raw for t in found.turns] == [raw, "Yes."] and found.codes == [code]
    assert found.losses[0].kind == "repaired"


def test_a_line_beyond_the_limit_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 2000)
    found = chat(tmp_path, GOOD, row(ASK, {**SAY, "content": "x" * 5000}), GOOD)
    assert len(found.turns) == 2 and found.codes == ["line_too_long"] and found.losses[0].line == 2
    assert found.turns[1].source.line == 3


def test_bytes_and_lines_are_exact(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xef\xbb\xbf" + row(ASK, {**SAY, "content": "größer 🙂"}).encode(), "  ", GOOD)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n").removesuffix(b"\r\n"))
    data, found = path.read_bytes(), read(path, "chat")
    assert [t.source.line for t in found.turns] == [1, 3] and found.losses == []
    for turn in found.turns:
        piece = data[turn.source.start : turn.source.end].decode("utf-8-sig")
        assert json.loads(piece)["messages"][1]["content"] == turn.raw


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    assert chat(tmp_path).codes == ["empty_file"]


def test_equal_rows_are_told_apart_and_keys_do_not_move(tmp_path: Path) -> None:
    other = row(ASK, {**SAY, "content": "No."})
    before = chat(tmp_path, GOOD, GOOD, other)
    keys = [t.key for t in before.turns]
    assert len(set(keys)) == 3 and len({s.key for s in before.sessions}) == 3
    after = read(write(tmp_path, GOOD, "", GOOD, other, GOOD, row(ASK, ASK, SAY), name="moved.jsonl"), "chat")
    assert [t.key for t in after.turns][:3] == keys and len({t.key for t in after.turns}) == 5


def test_a_row_with_an_id_is_known_again_when_it_has_grown(tmp_path: Path) -> None:
    short = chat(tmp_path, row(ASK, SAY, id="r1")).turns
    grown = chat(tmp_path, row(ASK, SAY, ASK, {**SAY, "content": "Still."}, id="r1")).turns
    assert grown[0].key == short[0].key and len(grown) == 2


def test_rows_of_one_stated_session_are_one_session(tmp_path: Path) -> None:
    later = row(ASK, SAY, ASK, {**SAY, "content": "Still."}, session_id="s1")
    found = chat(tmp_path, row(ASK, SAY, session_id="s1"), later, row(ASK, SAY, session_id="s2"))
    assert [t.index for t in found.turns] == [0, 1, 0] and len({s.key for s in found.sessions}) == 2
    assert found.repeated == 1


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        (GOOD, "chat"),
        ("not json\n" + GOOD, "chat"),
        (json.dumps({"x": "y" * 100_000, "messages": [ASK, SAY]}), None),
        (row({"role": "user", "content": "y" * 100_000}, SAY), "chat"),
        ('{"text": "about \\"messages\\""}', None),
        ("plain text", None),
    ],
)
def test_sniffing(tmp_path: Path, text: str, reader: str | None) -> None:
    (found,) = find_sources([write(tmp_path, text)])
    assert (found.reader.name if found.reader else None) == reader
