"""What all readers of rows promise, whatever happened to their files."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.ingest import lines
from curator.ingest.arrays import outlines, read_rows
from tests.ingest.reading import read, rows, sniffed
from tests.ingest.test_answers import answer
from tests.ingest.test_glaive import CHAT, SYSTEM
from tests.ingest.test_home_assistant import PARTS
from tests.ingest.test_hostile_bytes import Edits, accounted, damaged
from tests.ingest.test_objects import GOOD as OBJECT
from tests.ingest.test_sharegpt import said
from tests.ingest.test_unified_cli import FLAT, nested

TEXT = "<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\nA<|im_end|>"
TALK = [
    said("human", "Q"),
    said("function_call", '{"name": "a"}'),
    said("observation", "é"),
    said("gpt", "A"),
]
ASKED = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
BLOCKS = [
    {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "a", "input": {}}]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "é"}]},
]
SAMPLES: dict[str, list[dict[str, Any]]] = {
    "text": [{"text": TEXT}, {"text": TEXT, "id": "x"}],
    "trl": [{"prompt": "Q", "completion": "A"}, {"prompt": "Q", "chosen": "é", "rejected": "B"}],
    "sharegpt": [{"conversations": TALK, "system": "S"}, {"conversations": TALK, "session_id": 7}],
    "chat": [{"messages": ASKED, "tools": []}, {"messages": BLOCKS, "system": "é"}],
    "exchange": [{"request": {"messages": ASKED}, "response": {"choices": [{"message": ASKED[1]}]}}],
    "pairs": [{"question": "Q", "answer": "é"}, {"prompt": ASKED, "response": "A"}],
    "alpaca": [{"instruction": "I", "input": "é", "output": "O", "history": [["Q", "A"]]}],
    "glaive": [{"system": SYSTEM, "chat": CHAT}, {"messages": [{"role": "assistant", "content": CHAT}]}],
    "objects": [OBJECT, {**OBJECT, "tool_calls": []}],
    "unified-cli": [nested(), FLAT],
    "home-assistant": [PARTS, {"text": TEXT}],
    "answers": [{"model_path": "m", "by_category": {"A": {"queries": [answer("Q", "é", True)]}}}],
}
NAMES = st.text("ab{:,", max_size=4)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("shape", ["lines", "array"])
@settings(max_examples=25, deadline=None)
@given(Edits)
def test_damaged_files(name: str, shape: str, edits: list[tuple[float, int, bytes]]) -> None:
    texts = [json.dumps(row, ensure_ascii=False) for row in SAMPLES[name]]
    whole = "\n".join(texts) if shape == "lines" else f"[{', '.join(texts)}]"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.json"
        path.write_bytes(damaged(whole.encode(), edits))
        accounted(read(path, name))


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_fields_of_any_type(name: str, data: st.DataObject) -> None:
    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
        max_leaves=4,
    )
    row = dict(SAMPLES[name][0])
    row[data.draw(st.sampled_from(sorted(row)))] = data.draw(values)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.json"
        path.write_text(json.dumps(row))
        accounted(read(path, name))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_known_also_when_it_is_cut_off(tmp_path: Path, name: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(json.dumps(SAMPLES[name][0])[:-1] + f', "more": "{"x" * 100_000}"}}\n')
    assert sniffed(path) == name


@settings(max_examples=60, deadline=None)
@given(Edits)
def test_damaged_tables(edits: list[tuple[float, int, bytes]]) -> None:
    text = 'prompt,response\r\nQ,"A, ""é"""\r\n\r\n"R\r\nS",B\r\n'
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.csv"
        path.write_bytes(damaged(text.encode(), edits))
        accounted(read(path, "table"))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.dictionaries(NAMES, st.text(max_size=6), max_size=3), min_size=1, max_size=5),
    st.sampled_from([None, 1]),
)
def test_items_of_an_array_are_found_exactly(items: list[dict[str, str]], indent: int | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.json"
        data = json.dumps(items, indent=indent).encode()
        path.write_bytes(data)
        found = list(read_rows(path))
    assert [json.loads(line.data) for line in found] == items
    assert all(data[line.start : line.end] == line.data for line in found)
    assert [line.number for line in found] == [data.count(b"\n", 0, line.start) + 1 for line in found]
    assert list(outlines(data)[0]) == list(items[0])


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('[{"text": %s}, 5, {"text": %s}]', ["not_an_object"]),
        ('[{"text": %s}, [1], {"text": %s}] tail', ["not_an_object", "invalid_json"]),
        ('[{"text": %s}, {"text": %s}, {"text": "torn', ["invalid_json"]),
        ('[{"text": %s}, {"text": %s}, {"text": "a', ["invalid_json"]),
        ('[{"text": %s}, {"text": %s}', []),
    ],
)
def test_what_is_wrong_in_an_array_is_explained(tmp_path: Path, text: str, codes: list[str]) -> None:
    found = rows(tmp_path, "text", text.replace("%s", json.dumps(TEXT)))
    assert len(found.turns) == 2 and found.codes == codes


def test_an_item_beyond_the_limit_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 500)
    long = {"text": TEXT + "x" * 500}
    found = rows(tmp_path, "text", json.dumps([{"text": TEXT}, long, {"text": TEXT}]))
    assert len(found.turns) == 2 and found.codes == ["line_too_long"]


def test_rows_of_one_stated_session_are_one_session(tmp_path: Path) -> None:
    row = {"conversations": TALK, "session_id": "s"}
    longer = {**row, "conversations": [*TALK, *TALK[-2:]]}
    found = rows(tmp_path, "sharegpt", row, longer, row, {**row, "session_id": "t"})
    assert [t.index for t in found.turns] == [0, 1, 2, 0, 1] and len({s.key for s in found.sessions}) == 2
    assert [s.turns for s in found.sessions] == [2, 3, 2] and found.repeated == 4


def test_equal_rows_are_told_apart_and_the_tier_can_be_given(tmp_path: Path) -> None:
    found = rows(tmp_path, "text", {"text": TEXT, "agent": "a"}, {"text": TEXT}, tier="t", origin="synthetic")
    assert {(t.tier, t.origin) for t in found.turns} == {("t", "synthetic")}
    assert rows(tmp_path, "text").codes == ["empty_file"]
