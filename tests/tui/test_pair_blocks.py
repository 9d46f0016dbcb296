"""What the two columns say of answers that differ."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from curator.model import Candidate, Output, Problem, ToolCall
from curator.tui.bouts import Creates
from curator.tui.pair_blocks import OTHER, creates_words, side_blocks
from curator.tui.paragraphs import Block


def said(blocks: list[Block]) -> str:
    return "\n".join(block.lead.plain + block.content.plain for block in blocks)


def underlined(blocks: list[Block]) -> list[str]:
    return [
        block.content.plain[span.start : span.end]
        for block in blocks
        for span in block.content.spans
        if span.style == OTHER
    ]


def answer(thinking: str | None = None, content: str | None = None, **arguments: Any) -> Candidate:
    return Candidate(Output(thinking, content, (ToolCall("set", arguments),) if arguments else ()))


def test_words_that_differ_are_underlined_and_equal_parts_are_called_the_same() -> None:
    one = answer("I look first.", "It is on now.", room="hall", level=5)
    other = answer("I look first.", "It is off now.", room="hall", level=7)
    left, right = side_blocks(one, other), side_blocks(other, one)
    assert underlined(left) == ["on", "5"] and underlined(right) == ["off", "7"]
    assert "THINK · same" in said(left) and "≠ level" in said(left) and "≠ room" not in said(left)


def test_arguments_that_are_missing_and_other_tools() -> None:
    one, other = answer(room="hall"), answer(room="hall", level=None)
    assert "≠ level" in said(side_blocks(one, other)) and "not given" in underlined(side_blocks(one, other))
    assert "null" in underlined(side_blocks(other, one))
    turned = Candidate(Output(tool_calls=(ToolCall("get", {"room": "hall"}),)))
    assert underlined(side_blocks(one, turned)) == ["set"]
    assert underlined(side_blocks(answer(content="no"), one))[-1] == "no call"
    assert "≠" not in said(side_blocks(answer(level=1, to={"a": 1.0}), answer(level=1.0, to={"a": 1})))
    assert "CALLS · same" in said(side_blocks(answer(level=1), answer(level=1.0)))


def test_where_everything_differs_nothing_is_underlined() -> None:
    blocks = side_blocks(answer(content="red green blue"), answer(content="one two three"))
    assert "ANSWER · differs throughout" in said(blocks) and underlined(blocks) == []
    blocks = side_blocks(answer(content="text", room="a"), answer(room="a"))
    assert "the other has none" in said(blocks)
    assert underlined(side_blocks(answer(room="a"), answer(content="text", room="a"))) == ["none"]


def test_what_was_done_comes_before_long_thinking() -> None:
    short, long = answer("Short.", "a"), answer("word " * 200, "b")
    for blocks in (side_blocks(short, long), side_blocks(long, short)):
        assert said(blocks).startswith("ANSWER")
    assert said(side_blocks(short, answer("Other.", "b"))).startswith("THINK")


def test_a_broken_call_is_shown_as_it_stands() -> None:
    broken = Candidate(Output(problems=(Problem("unclosed", "never ends", (0, 7)),)), '{"a": 1 and more')
    assert '✗ unusable: unclosed\n  │ {"a": 1' in said(side_blocks(broken, answer(content="x")))
    assert said(side_blocks(Candidate(Output()), Candidate(Output()))) == "nothing at all"


def test_words_on_what_an_answer_creates() -> None:
    assert creates_words(Creates(1, 1, 0)) == "← or → gives one pair · = or x gives no pair"
    assert creates_words(Creates(0, 0, 0)) == "no answer gives a new pair"
    assert creates_words(Creates(0, 1, 0)) == "← gives no pair · → gives one pair"
    assert creates_words(Creates(0, 0, -1)) == "← or → gives no pair · = or x gives -1 pair"


TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_any_text_is_drawn_without_markup_or_control(a: str, b: str, c: str, d: str) -> None:
    one, other = answer(a, b, name=c), answer(c, d, name=a)
    for blocks in (side_blocks(one, other), side_blocks(other, one)):
        assert "\x1b" not in said(blocks)
        for block in blocks:
            assert all(0 <= s.start <= s.end <= len(block.content.plain) for s in block.content.spans)
