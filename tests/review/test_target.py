from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from curator.model import Correction, Output, ToolCall
from curator.parsing import RenderError
from curator.profiles import Profile
from curator.review.target import call_as_text, calls_in_text, read_target, target_text
from tests.review.values import json_values
from tests.tui.workspaces import TOOLS, turn

TURN = turn(0, "x", Output())
SYNTAXES = ("hermes", "qwen3-xml", "wrapped-json-line", "mistral", "harmony", "llama3-json")
LIGHT = ToolCall("light.set", {"room": "hall", "state": "on", "brightness": 30})
TIMER = ToolCall("timer.start", {"minutes": 3, "label": "22"})

names = st.sampled_from(["room", "n", "x-y", "two words"])
calls = st.builds(
    ToolCall, st.sampled_from(["light.set", "t"]), st.dictionaries(names, json_values, max_size=3)
)


def edited(now: Correction, profile: Profile, old: str, new: str) -> Correction:
    """Return what the target text says after an edit."""
    text = target_text(now, profile)
    assert old in text
    return read_target(text.replace(old, new), now, TURN, profile)


@given(st.lists(calls, max_size=3), st.sampled_from(SYNTAXES))
@settings(max_examples=60)
def test_what_nobody_edits_is_as_it_was(some: list[ToolCall], syntax: str) -> None:
    now, profile = Correction("Think.", "Say.", tuple(some)), Profile("p", syntax=syntax)
    try:
        text = target_text(now, profile)
    except RenderError:
        return
    assert read_target(text, now, TURN, profile) is now


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_an_edit_of_one_call_leaves_the_rest(syntax: str) -> None:
    profile = Profile("p", syntax=syntax)
    content = "Fine." if syntax == "wrapped-json-line" else None
    now = Correction("Think.", content, (LIGHT, TIMER))
    assert edited(now, profile, "hall", "kitchen") == replace(
        now, tool_calls=(replace(LIGHT, arguments={**LIGHT.arguments, "room": "kitchen"}), TIMER)
    )


def test_values_keep_the_type_that_the_syntax_cannot_say() -> None:
    profile = Profile("p", syntax="qwen3-xml")
    odd = ToolCall("unknown.tool", {"a": 22, "b": "22", "c": True, "d": "x"})
    after = edited(Correction(None, None, (odd,)), profile, "\nx\n", "\ny\n")
    assert after.tool_calls[0].arguments == {"a": 22, "b": "22", "c": True, "d": "y"}


def test_calls_come_and_go_in_the_text() -> None:
    profile = Profile("p", syntax="hermes")
    now = Correction("Think.", "Fine.", (LIGHT, TIMER))
    text = target_text(now, profile)
    first = text.index("<tool_call>")
    assert read_target(text[:first], now, TURN, profile) == replace(now, tool_calls=())
    second = text.index("<tool_call>", first + 1)
    assert read_target(text[:first] + text[second:], now, TURN, profile) == replace(now, tool_calls=(TIMER,))
    more = text + '\n<tool_call>\n{"name": "timer.start", "arguments": {"minutes": 1}}\n</tool_call>'
    assert read_target(more, now, TURN, profile).tool_calls[2] == ToolCall("timer.start", {"minutes": 1})


WRONG = ("<tool_call>{", '<tool_call>{"name": "x"', "<think>", '<tool_call>{"arguments": {}}</tool_call>')


@pytest.mark.parametrize("wrong", WRONG)
def test_text_that_does_not_read_is_told(wrong: str) -> None:
    profile = Profile("p", syntax="hermes")
    with pytest.raises(ValueError, match=r"\w+: \w+"):
        read_target(wrong, Correction("Think.", None, (LIGHT,)), TURN, profile)


def test_forbidden_thinking_is_neither_shown_nor_lost() -> None:
    profile = Profile("p", syntax="hermes", thinking="forbidden")
    now = Correction("Think.", None, (LIGHT,))
    assert "Think" not in target_text(now, profile)
    assert edited(now, profile, "hall", "attic").thinking == "Think."


@given(calls)
def test_a_call_as_text_is_the_call_again(call: ToolCall) -> None:
    found = calls_in_text(call_as_text(call), ())
    assert repr([(one.name, one.arguments) for one in found.calls]) == repr([(call.name, call.arguments)])


PYTHON = "light.set(room='hall')"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (PYTHON, ""),
        (f"Sure.\n{PYTHON}\nDone.", "Sure.\nDone."),
        (f"Sure.\n`{PYTHON}`", "Sure."),
        ('Sure. <tool_call>{"name": "light.set", "arguments": {"room": "hall"}}</tool_call>', "Sure."),
        ('{"name": "light.set", "arguments": {"room": "hall"}}', ""),
        ('[TOOL_CALLS][{"name": "light.set", "arguments": {"room": "hall"}}]', ""),
    ],
)
def test_calls_are_found_in_any_syntax(text: str, rest: str) -> None:
    found = calls_in_text(text, TOOLS)
    assert found.calls == (ToolCall("light.set", {"room": "hall"}),) and found.rest == rest


@pytest.mark.parametrize("text", ["", "Hello there (really).", "f(x) = 3"])
def test_plain_text_holds_no_call(text: str) -> None:
    assert calls_in_text(text, TOOLS).calls == () and calls_in_text(text, TOOLS).rest == text


def test_nothing_is_run_or_opened(tmp_path: Path) -> None:
    text = f"open({str(tmp_path / 'made')!r}, 'w')"
    calls_in_text(text, TOOLS)
    assert list(tmp_path.iterdir()) == []
