from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.model import Correction, Output, ToolCall, ToolSpec
from curator.review import drafts
from curator.review.draft_files import DraftShelf
from curator.review.drafts import (
    CallDraft,
    Draft,
    difference,
    draft_of,
    fitting,
    output_lines,
    read_arguments,
    restored,
    write_arguments,
)
from curator.text import display_text
from tests.review.values import json_values
from tests.tui.workspaces import TOOLS


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_written_arguments_read_back(arguments: dict[str, object]) -> None:
    text = write_arguments(arguments)
    assert read_arguments(text) == arguments
    assert display_text(text) == text


@given(st.text(max_size=80))
def test_text_that_nobody_edits_is_restored(text: str) -> None:
    assert restored(display_text(text), text) == text


def test_edits_keep_the_characters_around_them() -> None:
    original = "family \U0001f468\u200d\U0001f469 at home"
    edited = display_text(original).replace("home", "work")
    assert restored(edited, original) == original.replace("home", "work")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "line 1, column 2"),
        ("3", "must be an object"),
        ('{"a": Infinity}', "Infinity"),
        ('{"a": 1, "a": 1}', "a stands there twice"),
    ],
)
def test_bad_arguments_are_explained(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_arguments(text)


def test_difference_marks_lines() -> None:
    before = Output("think", None, (ToolCall("a", {"x": 1}),))
    after = Correction("think", None, (ToolCall("b", {"x": 1}),))
    signs = difference(output_lines(before), output_lines(after))
    assert ("-", "call 1: a") in signs and ("+", "call 1: b") in signs and (" ", '    "x": 1') in signs
    assert difference(output_lines(before), output_lines(before)) == []


def test_lines_of_dashes_are_not_taken_for_a_diff_header() -> None:
    signs = difference(output_lines(Output(None, "-- a\n++ b")), output_lines(Output(None, "c")))
    assert [s for s, _ in signs] == [" ", "-", "-", "+"]


def test_a_draft_says_what_the_output_said() -> None:
    output = Output("t", "c", (ToolCall("a", {"x": [1, {"y": None}]}),))
    assert draft_of(output).correction() == Correction("t", "c", output.tool_calls)


def test_another_tool_keeps_what_fits_and_leaves_the_rest_to_be_filled_in() -> None:
    light = TOOLS[0]
    assert fitting(light, {"room": "hall", "celsius": 3}) == {"room": "hall"}
    assert fitting(ToolSpec("bare"), {"a": 1}) == {"a": 1}
    fixed = ToolSpec("x", parameters={"properties": {"v": {"const": 2}, "w": {}}, "required": ["v", "w"]})
    assert fitting(fixed, {}) == {"v": 2}


def test_a_text_that_is_no_json_keeps_the_last_that_was() -> None:
    call = CallDraft("a").edited('{"x": 1}').edited('{"x": ')
    assert not call.reads and call.arguments() == {"x": 1} and call.text == '{"x": '
    assert call.edited("{}").reads


calls = st.lists(st.builds(CallDraft, st.sampled_from("abc")), max_size=5)


@given(calls, st.integers(0, 4), st.integers(-3, 3))
def test_moving_and_doubling_lose_no_call(some: list[CallDraft], at: int, by: int) -> None:
    draft = Draft(tuple(some), "t", "c")
    at = min(at, max(0, len(some) - 1))
    if some:
        moved = drafts.moved(draft, at, by)
        assert sorted(c.name for c in moved.calls) == sorted(c.name for c in some)
        assert drafts.moved(moved, at + by, -by) == draft if moved is not draft else True
        double = drafts.added(draft, at + 1, draft.calls[at])
        assert drafts.removed(double, at + 1) == draft == drafts.removed(double, at)


@given(st.text(), st.dictionaries(st.text(), json_values, max_size=3), st.text(), st.none() | st.text())
def test_a_draft_on_disk_reads_back(
    name: str, arguments: dict[str, object], words: str, raw: str | None
) -> None:
    words = words.encode("utf-8", "replace").decode()
    call = drafts.call_draft(ToolCall(name, arguments)).edited(words)
    draft = Draft((call,), words, words, raw)
    with TemporaryDirectory() as folder:
        shelf = DraftShelf(Path(folder), "ann")
        shelf.save("k", draft)
        assert shelf.load("k") == draft and shelf.turn_keys() == ["k"] and shelf.has("k")
        shelf.discard("k")
        assert shelf.load("k") is None and shelf.turn_keys() == [] and not shelf.has("k")
        shelf.discard("k")


def test_the_folder_of_a_reviewer_stays_where_drafts_are(tmp_path: Path) -> None:
    for name in ("../../etc", "..", ".", "", "a/b", "\u202e", "名"):
        shelf = DraftShelf(tmp_path, name)
        shelf.save("../x", Draft())
        assert shelf.folder.parent == tmp_path / ".curator" / "drafts"
        assert [path.parent for path in shelf.folder.iterdir()] == [shelf.folder]


def test_a_file_that_is_no_draft_is_none(tmp_path: Path) -> None:
    shelf = DraftShelf(tmp_path, "ann")
    shelf.save("k", Draft())
    for data in (b"", b"{", b'{"draft": 3}'):
        (shelf.folder / "k.json").write_bytes(data)
        assert shelf.load("k") is None
