"""CSV and Parquet tables, by the names of their columns and by a mapping file."""

from __future__ import annotations

import csv
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from curator.errors import InputError
from curator.ingest import ingest
from curator.ingest import lines as limits
from curator.ingest.mapping import load_mapping
from tests.ingest.reading import Read, read, sniffed

TALK = [{"role": "user", "content": "Q, é"}, {"role": "assistant", "content": 'A "b"\nc'}]
TOOL = {"type": "function", "function": {"name": "light", "parameters": {"type": "object"}}}


def table(folder: Path, *rows: list[str], delimiter: str = ",", name: str = "t.csv") -> Path:
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def parquet(folder: Path, rows: list[dict[str, Any]], **options: Any) -> Path:
    arrow, writer = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = folder / "t.parquet"
    writer.write_table(arrow.Table.from_pylist(rows), path, **options)
    return path


def mapped(path: Path, text: str) -> Read:
    mapping = path.parent / "map.toml"
    mapping.write_text(text)
    found = read(path, "table", mapping=load_mapping(mapping))  # type: ignore[arg-type]
    assert found.unexplained == 0 and len({t.key for t in found.turns}) == len(found.turns)
    return found


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_text_tables_by_their_names(tmp_path: Path, delimiter: str) -> None:
    rows = (
        ["prompt", "response", "session_id"],
        ["Q; or,\tnot|", 'A "b"\nc', "s1"],
        ["R", "", ""],
        ["é", "B", ""],
    )
    path = table(tmp_path, *rows, delimiter=delimiter)
    assert sniffed(path) == "table"
    found = read(path, "table")
    assert [(t.prompt[0].content, t.raw) for t in found.turns] == [("Q; or,\tnot|", 'A "b"\nc'), ("é", "B")]
    assert [t.source.line for t in found.turns] == [2, 5] and found.sessions[0].name == "s1"
    data = path.read_bytes()
    assert (
        data[found.turns[1].source.start : found.turns[1].source.end].decode()
        == f"é{delimiter}B{delimiter}\r\n"
    )
    assert [(loss.code, loss.line, loss.records) for loss in found.losses] == [("no_pair", 4, 1)]


@pytest.mark.parametrize(
    ("names", "cells", "raw"),
    [
        (["messages", "tools"], [json.dumps(TALK), json.dumps([TOOL])], 'A "b"\nc'),
        (["instruction", "input", "output"], ["I", "in", "O"], "O"),
        (
            ["conversations"],
            [json.dumps([{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}])],
            "A",
        ),
        (["prompt", "completion"], ["Q", "[1, 2]"], "[1, 2]"),
        (["Question", "question", "answer"], ["", "Q", '{"a": 1}'], '{"a": 1}'),
    ],
)
def test_columns_that_a_format_has(tmp_path: Path, names: list[str], cells: list[str], raw: str) -> None:
    found = read(table(tmp_path, names, cells), "table")
    assert [t.raw for t in found.turns] == [raw] and found.losses == []


def test_a_table_is_known_again_as_lines(tmp_path: Path) -> None:
    lines = tmp_path / "t.jsonl"
    lines.write_text(json.dumps({"messages": TALK, "tools": [TOOL]}) + "\n")
    text = table(tmp_path, ["messages", "tools"], [json.dumps(TALK), json.dumps([TOOL])])
    columns = parquet(tmp_path, [{"messages": TALK, "tools": json.dumps([TOOL])}])
    (turn,) = read(lines, "chat").turns
    for path in (text, columns):
        assert sniffed(path) == "table"
        (again,) = read(path, "table").turns
        assert again.key == turn.key and again.tools == turn.tools


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"prompt,response\nQ,A\nR\n", "bad_columns", 3),
        (b"prompt,response\nQ,A\nR,B,C\n", "bad_columns", 3),
        (b'prompt,response\nQ,A\n"R"x,B\n', "bad_csv", 3),
        (b'prompt,response\nQ,A\n\n"R,B\nS,C\n', "bad_csv", 4),
        (b"prompt,response\nQ,A\nR,B\xff\n", "not_utf8", 3),
    ],
)
def test_a_bad_row_is_told_with_its_line(tmp_path: Path, data: bytes, code: str, line: int) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    found = read(path, "table")
    assert [(loss.code, loss.line) for loss in found.losses] == [(code, line)] and found.unexplained == 0
    assert [t.raw for t in found.turns] == (["A", "B\ufffd"] if code == "not_utf8" else ["A"])


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        ("prompt,response\nQ,A\n".encode("utf-16"), "bad_encoding", "UTF-8"),
        (b"a,b\n1,2\n", "no_mapping", "(a, b)"),
        (b"a,b\n", "empty_file", "no rows"),
        (b"PAR1 and nothing else", "bad_parquet", "damaged"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(tmp_path: Path, data: bytes, code: str, words: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    found = read(path, "table")
    assert found.codes == [code] and words in found.losses[0].message and not found.turns


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xef\xbb\xbfprompt,response\r\nQ,A\r\n")
    (turn,) = read(path, "table").turns
    assert path.read_bytes()[turn.source.start : turn.source.end] == b"Q,A\r\n"


def test_long_fields_and_the_limit_on_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = csv.field_size_limit()
    path = table(tmp_path, ["prompt", "response"], ["Q", "x" * 300_000], ["R", "A"])
    assert len(read(path, "table").turns) == 2 and csv.field_size_limit() == before
    monkeypatch.setattr(limits, "MAX_LINE_BYTES", 1000)
    found = read(path, "table")
    assert found.turns[-1].raw == "A" and found.losses and found.losses[0].line == 2


def test_parquet_rows_of_any_type(tmp_path: Path) -> None:
    call = {"id": "c", "function": {"name": "light", "arguments": {"room": "hall"}}}
    asked = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": None, "tool_calls": [call]}]
    other = {**call, "function": {"name": "door", "arguments": {"open": True}}}
    more = [{"role": "user", "content": "R"}, {"role": "assistant", "content": "", "tool_calls": [other]}]
    when = datetime(2026, 1, 2, tzinfo=UTC)
    rows = [{"messages": asked, "timestamp": when, "rating": 4}, {"messages": more, "rating": None}]
    found = read(parquet(tmp_path, rows, row_group_size=1), "table")
    assert [t.output.tool_calls[0].arguments for t in found.turns] == [{"room": "hall"}, {"open": True}]
    assert [t.source.line for t in found.turns] == [1, 2] and found.losses == []
    assert found.turns[0].timestamp == "2026-01-02T00:00:00Z" and found.turns[0].labels == {"rating": 4}


def test_a_damaged_parquet_file_is_told_once(tmp_path: Path) -> None:
    path = parquet(
        tmp_path, [{"prompt": f"Q{n}", "response": f"A{n}" * 50} for n in range(2000)], row_group_size=500
    )
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 200] = bytes(200)
    path.write_bytes(data)
    found = read(path, "table")
    assert found.codes == ["bad_parquet"] and found.unexplained == 0


def test_without_pyarrow_the_way_to_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = parquet(tmp_path, [{"prompt": "Q", "response": "A"}])
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert "pip install pyarrow" in read(path, "table").loss("no_pyarrow").message


MAP = """[columns]
system = "rules"
user = "frage"
response = "antwort"
thinking = "gedanken"
tool_calls = "aufrufe"
tools = "werkzeuge"
session = "fall"
tier = "stufe"
model = "modell"
provider = "von"
timestamp = "zeit"
labels = ["note"]
"""


def test_named_columns(tmp_path: Path) -> None:
    calls = json.dumps([{"name": "light", "arguments": {"a": 1}}])
    names = [
        "fall",
        "rules",
        "frage",
        "antwort",
        "gedanken",
        "aufrufe",
        "werkzeuge",
        "stufe",
        "modell",
        "von",
        "zeit",
        "note",
    ]
    first = ["f1", "S", "Q", "A", "Hm.", calls, json.dumps([TOOL]), "home", "m", "p", "2026", "5"]
    second = ["f1", "", "R", "B", *[""] * 8]
    found = mapped(table(tmp_path, names, first, second, [*second[:3], *[""] * 9]), MAP)
    one, two = found.turns
    assert (one.session, one.index, two.session, two.index) == (two.session, 0, one.session, 1)
    assert [m.content for m in one.prompt] == ["S", "Q"] and one.output.thinking == "Hm."
    assert one.output.tool_calls[0].arguments == {"a": 1} and one.tools[0].name == "light"
    assert (one.tier, one.model, one.provider, one.timestamp) == ("home", "m", "p", "2026")
    assert one.labels == {"note": "5"} and two.raw == "B" and found.codes == ["no_answer"]
    assert found.sessions[0].name == "f1"


def test_named_messages_and_equal_rows(tmp_path: Path) -> None:
    path = table(tmp_path, ["dialog"], *[[json.dumps(TALK)]] * 2, [json.dumps(TALK[:1])])
    found = mapped(path, '[columns]\nmessages = "dialog"')
    assert len(found.turns) == 2 and found.codes == ["no_assistant"]
    again = mapped(path, '[columns]\nmessages = "dialog"')
    assert [t.key for t in again.turns] == [t.key for t in found.turns]


ROLES = (
    '[columns]\nsession = "chat"\nrole = "who"\ncontent = "text"\ntool_calls = "calls"\ntool_call_id = "call"'
)


def test_a_message_in_each_row(tmp_path: Path) -> None:
    calls = json.dumps([{"id": "c", "name": "light", "arguments": {}}])
    rows = [
        ["chat", "who", "text", "calls", "call"],
        ["1", "Human", "Q", "", ""],
        ["1", "AI", "", calls, ""],
        ["1", "tool", "on", "", "c"],
        ["1", "assistant", "A", "", ""],
        ["2", "user", "R", "", ""],
        ["1", "assistant", "B", "", ""],
    ]
    found = mapped(table(tmp_path, *rows), ROLES)
    assert [t.raw for t in found.turns][1:] == ["A", "B"] and found.turns[0].outcomes[0].text == "on"
    assert [t.source.line for t in found.turns] == [3, 5, 7]
    assert [(loss.code, loss.line) for loss in found.losses] == [("no_assistant", 6), ("split_session", 7)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[columns]\n",
        '[columns]\nprompt = "a"',
        '[columns]\nresponse = "a"',
        '[columns]\nrole = "a"\ncontent = "b"',
        '[columns]\nmessages = "a"\nother = "b"',
    ],
)
def test_a_bad_mapping_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"map\.toml"):
        load_mapping(path)


def test_a_mapping_file_with_the_verb(tmp_path: Path) -> None:
    path = table(tmp_path, ["frage", "antwort"], ["Q", "A"])
    (tmp_path / "map.toml").write_text('[columns]\nuser = "frage"\noutput = "antwort"')
    mapping = load_mapping(tmp_path / "map.toml")
    report = ingest(None, [path], dry_run=True, mapping=mapping)
    assert report.totals.turns == 1 and report.unexplained == 0
