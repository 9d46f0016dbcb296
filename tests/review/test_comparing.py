"""What is worth comparing: every rule errs towards a difference."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.model import Candidate, Output, Problem, ToolCall
from curator.review.comparing import compare, differences, meaning, words
from tests.review.values import json_values


def says(content: str | None = None, thinking: str | None = None, **arguments: Any) -> Candidate:
    calls = (ToolCall("set", arguments),) if arguments else ()
    return Candidate(Output(thinking, content, calls))


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("It is  on.\nDone", "It is on. Done", "equal"),
        ("", None, "equal"),
        ("one\n\ntwo", "one two", "only_format"),
        ("The light is **on**.", "The light is on.", "only_format"),
        ("*on* and _now off_", "on and now off", "only_format"),
        ("# Title\n- a\n- b", "Title\n* a\n* b", "only_format"),
        ("> quoted words", "quoted words", "only_format"),
        ("call `turn_on` now", "call turn_on now", "only_format"),
        ("```py\nx = 1\n```", "~~~\nx = 1\n~~~", "only_format"),
        ("~~no~~ yes", "no yes", "only_format"),
        ("It is on", "It is on, as you asked.", "only_length"),
        ("Set to 5.", "Set to 5. Anything else?", "only_length"),
        ("It is **on**.", "It is on. More words.", "only_length"),
        # Words are compared, not characters.
        ("Set to 5", "Set to 5.2", "differ"),
        ("a cat", "a category", "differ"),
        ("open main", "open main.py", "differ"),
        ("-5 degrees", "5 degrees", "differ"),
        ("", "It is on.", "differ"),
        ("It is on.", "It is on.\n```\nrm x\n```", "differ"),
        # Content that looks like marks.
        ("def f(*args): ...", "def f(args): ...", "differ"),
        ("call f(*args, **kwargs)", "call f(args, kwargs)", "differ"),
        ("*args and more", "args and more", "differ"),
        ("see __init__ there", "see init there", "differ"),
        ("take _private_ out", "take private out", "differ"),
        ("> 5", "5", "differ"),
        (">= 5 items", "= 5 items", "differ"),
        ("- 5", "5", "differ"),
        ("2*3*4", "234", "differ"),
        ("1. first", "first", "differ"),
        ("a > b", "a b", "differ"),
        ("#include", "include", "differ"),
        # White space in code.
        ("```\nif x:\n    y\n```", "```\nif x:\n  y\n```", "differ"),
        ("run `a  b`", "run `a b`", "differ"),
        ("so:\n\n    x  = 1", "so:\n\n    x = 1", "differ"),
        ("run `ls -la`", "run ls -la", "only_format"),
        ("- a\n    - b", "- a\n  - b", "equal"),
    ],
)
def test_texts(one: str, other: str, likeness: str) -> None:
    assert compare(says(one), says(other)) == likeness
    assert compare(says(other), says(one)) == likeness


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        (1, 1.0, "equal"),
        (1, "1", "differ"),
        (1, True, "differ"),
        (0, False, "differ"),
        (None, "", "differ"),
        ("a  b", "a b", "differ"),
        ("a ", "a", "differ"),
        ({"x": 1, "y": [2.0]}, {"y": [2], "x": 1}, "equal"),
        ([1, 2], [2, 1], "differ"),
        (2**53 + 1, float(2**53), "differ"),
    ],
)
def test_arguments(one: Any, other: Any, likeness: str) -> None:
    assert compare(says(value=one), says(value=other)) == likeness


def test_parts_longer_on_opposite_sides_are_no_question_of_length() -> None:
    assert compare(says("It is on. Done.", "Simple."), says("It is on.", "Simple. I look.")) == "differ"
    assert compare(says("It is on. Done.", "Simple. I look."), says("It is on.", "Simple.")) == "only_length"


def test_thinking_against_none_is_more_than_length_and_a_remark_beside_a_call_is_not() -> None:
    assert compare(says("Yes.", "I think."), says("Yes.")) == "differ"
    assert compare(says("I switch it.", room="hall"), says(room="hall")) == "only_length"


def test_other_calls_or_other_broken_calls_differ() -> None:
    two = Candidate(Output(tool_calls=(ToolCall("a", {}), ToolCall("b", {}))))
    turned = Candidate(Output(tool_calls=(ToolCall("b", {}), ToolCall("a", {}))))
    assert compare(two, turned) == "differ"
    broken = [
        Candidate(Output(problems=(Problem("unclosed", "never ends", (0, 12)),)), raw)
        for raw in ('{"r":"hall"', '{"r":"bath"')
    ]
    assert compare(*broken) == "differ"


TEXTS = st.text(st.sampled_from("ab5.*_`~#>- \n"), max_size=20)


@given(TEXTS, TEXTS)
def test_likeness_has_no_side_and_is_sound(one: str, other: str) -> None:
    first, second = says(one), says(other)
    likeness = compare(first, second)
    assert likeness == compare(second, first)
    assert (likeness == "equal") == (meaning(first) == meaning(second))
    if likeness in ("equal", "only_format"):
        assert words(one) == words(other)
    # No letter and no digit is ever taken for a mark.
    kept = [c for c in one if c.isalnum()]
    assert [c for word in words(one) for c in word if c.isalnum()] == kept or "~" in one or "`" in one


@given(json_values, json_values)
def test_arguments_are_equal_as_python_has_them_but_for_truth(one: Any, other: Any) -> None:
    assert compare(says(value=one), says(value=one)) == "equal"
    if compare(says(value=one), says(value=other)) == "equal":
        assert one == other


@given(TEXTS, TEXTS)
def test_the_words_that_differ_are_all_that_differs(one: str, other: str) -> None:
    def rest(text: str, spans: list[tuple[int, int]]) -> list[str]:
        for start, end in reversed(spans):
            text = text[:start] + " " + text[end:]
        return text.split()

    left, right = differences(one, other)
    assert "".join(rest(one, left)) == "".join(rest(other, right))
