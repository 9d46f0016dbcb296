from __future__ import annotations

import pytest
from curator.tui.drafts import (
    difference,
    draft_of,
    output_lines,
    parameters,
    read_arguments,
    restored,
    template,
    write_arguments,
)
from hypothesis import given
from hypothesis import strategies as st

from curator.model import Correction, Output, ToolCall, ToolSpec
from curator.text import display_text
from curator.tui.blocks import marked, merged
from curator.tui.commands import AREAS, Command, commands, keys_markdown
from curator.tui.screens.picker import ranked
from tests.shared import ROOT
from tests.tui.workspaces import TOOLS

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


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


def test_a_template_keeps_what_fits_and_asks_for_the_rest() -> None:
    light = TOOLS[0]
    assert template(light, {"room": "hall", "celsius": 3}) == write_arguments({"room": "hall", "state": ""})
    assert template(ToolSpec("bare"), {"a": 1}) == write_arguments({"a": 1})


def test_parameters_say_type_need_and_limits() -> None:
    assert [tuple(p) for p in parameters(TOOLS[0])] == [
        ("room", "string", True, '"kitchen" | "bedroom" | "hall"'),
        ("state", "string", True, '"on" | "off"'),
        ("brightness", "integer", False, "0…100"),
    ]


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


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(-5, 50), st.integers(-5, 50)), max_size=5))
def test_marks_add_nothing_but_marks(text: str, spans: list[tuple[int, int]]) -> None:
    plain = "".join(c for c in text if c not in "▌▐")
    shown = marked(plain, spans).plain
    assert shown.replace("▌", "").replace("▐", "") == display_text(plain)
    assert shown.count("▌") == len(merged(spans, len(plain)))


def test_the_picker_prefers_names() -> None:
    assert [tool.name for tool in ranked(TOOLS, "")] == [tool.name for tool in TOOLS]
    assert ranked(TOOLS, "timer")[0].name == "timer.start"
    assert ranked(TOOLS, "temperature")[0].name == "heating.set"
    assert ranked(TOOLS, "zzz") == []


def test_every_command_has_a_key_an_action_and_a_sentence() -> None:
    for command in Command.__subclasses__():
        assert command.keys and command.action and command.area in AREAS
        assert command.doc().endswith("."), command
        assert f"| {command.title()} |" in keys_markdown()
    for area in AREAS:
        keys = [key for c in (*commands(area), *commands("Everywhere")) for key in c.keys]
        assert area == "Everywhere" or len(keys) == len(set(keys))


def test_the_page_of_keys_is_up_to_date() -> None:
    """When it is not: write what `keys_markdown` returns into `docs/keys.md`."""
    assert (ROOT / "docs" / "keys.md").read_text("utf-8") == keys_markdown()
