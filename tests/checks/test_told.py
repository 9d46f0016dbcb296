"""Calls that are only told, and results that no tool gave."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from curator.checks import Context, run_checks
from curator.ingest.walk import find_sources
from curator.model import Finding, Message, Output, ToolCall, ToolSpec, Turn
from tests.checks.turns import shown, turn_of
from tests.ingest.reading import read
from tests.shared import SHARED, needs_shared

CALL = '<tool_call>{"name": "git.log", "arguments": {"n": 3}}</tool_call>'
TOLD = "Running health check.\n\n[Calling tarx_health]\n\nAll systems green: inference responding."


def told(turn: Turn) -> tuple[Finding, ...]:
    return run_checks(turn, Context(), only={"pseudo_call"})


def invented(turn: Turn) -> list[tuple[str, list[str]]]:
    found = run_checks(turn, Context(), only={"invented_result"})
    return [(one.severity, shown(turn, one)) for one in found]


class TestPseudoCall:
    def test_named_with_what_was_meant(self) -> None:
        turn = turn_of(TOLD, tools=(ToolSpec("tarx_health_check"), ToolSpec("tarx_search")))
        (finding,) = told(turn)
        assert finding.message == "the call of tarx_health is only told in prose, so nothing executes it"
        assert (finding.suggestion, shown(turn, finding)) == ("tarx_health_check", ["[Calling tarx_health]"])

    @pytest.mark.parametrize(
        "text", ['[Calling: f with k="v"]', "[Calling the `f` tool]", "[Calling f, then g]"]
    )
    def test_ways_to_tell(self, text: str) -> None:
        (finding,) = told(turn_of(f"Well.\n{text}", tools=()))
        assert finding.message.startswith("the call of f is only told") and finding.suggestion is None

    def test_no_other_check_says_the_same(self) -> None:
        found = run_checks(turn_of(TOLD), Context())
        assert [one.check for one in found] == ["invented_result", "pseudo_call"]

    @pytest.mark.parametrize("text", ["I am calling f.", "Use `[Calling f]` there.", "[Call f]", CALL])
    def test_not_told(self, text: str) -> None:
        assert not told(turn_of(text))


class TestAfterACall:
    def test_a_statement_after_a_told_call(self) -> None:
        assert invented(turn_of(TOLD)) == [("error", ["All systems green: inference responding."])]

    @pytest.mark.parametrize(
        "rest",
        [
            "",
            "I'll tell you once it is there.",
            "Shall I go on?",
            "Let me wait for the result.",
            "[Calling g]",
        ],
    )
    def test_nothing_is_stated_after_it(self, rest: str) -> None:
        assert not invented(turn_of(f"[Calling f]\n\n{rest}"))

    def test_the_statement_may_follow_a_promise_or_another_call(self) -> None:
        text = "[Calling f]\nLet me see.\n[Calling g]\n3 relevant memories:\n1. a"
        assert invented(turn_of(text)) == [("error", ["3 relevant memories:"])]

    @pytest.mark.parametrize(
        "report",
        [
            "Done.",
            "All 12 tests passed.",
            "The file has been created.",
            "Found 3 errors.",
            "The output is 42.",
        ],
    )
    def test_a_report_after_a_real_call(self, report: str) -> None:
        turn = turn_of(f"Let me look.\n{CALL}\n\n{report}")
        assert invented(turn) == [("warning", [report])]

    @pytest.mark.parametrize(
        "rest",
        [
            "I'll read the output next.",
            "Once the tests are done, all of them should pass.",
            "This shows what has changed.",
            "Is the result what you want?",
        ],
    )
    def test_other_words_after_a_real_call(self, rest: str) -> None:
        assert not invented(turn_of(f"{CALL}\n\n{rest}"))

    def test_a_call_that_is_only_shown(self) -> None:
        assert not invented(turn_of(f"For example:\n```\n{CALL}\n```\nDone."))

    def test_words_before_the_call_are_about_earlier_steps(self) -> None:
        assert not invented(turn_of(f"Done. The file has been created.\n{CALL}"))

    def test_the_order_of_fields_is_not_known(self) -> None:
        output = Output(content="The file has been created.", tool_calls=(ToolCall("git.log"),))
        assert not invented(replace(turn_of("{}"), structured=True, output=output))


class TestMarks:
    @pytest.mark.parametrize(
        "mark",
        ["<tool_response>\n{}\n</tool_response>", 'FUNCTION RESPONSE: {"a": 1}', "Tool `f` returned:\n\nx"],
    )
    def test_marks_of_results(self, mark: str) -> None:
        line = mark.partition("\n")[0]
        ((severity, words),) = invented(turn_of(f"Let me see.\n{mark}\nSo it is."))
        assert severity == "error" and words[0].startswith(line)
        assert invented(turn_of(f"{CALL}\n{mark}"))[0][0] == "error"

    @pytest.mark.parametrize(
        "text",
        [
            "Results come in `<tool_response>` tags.",
            "They come in <tool_response> tags.",
            "For example:\n```\n<tool_response>\nx\n</tool_response>\n```\n",
        ],
    )
    def test_talk_about_them(self, text: str) -> None:
        assert not invented(turn_of(text))


class TestWithoutACall:
    def test_a_claim_is_only_worth_a_look(self) -> None:
        turn = turn_of("Applied all three patches. All tests pass.")
        assert invented(turn) == [("info", ["Applied all three patches."])]

    def test_a_promise_that_is_kept_at_once(self) -> None:
        turn = turn_of("Let me run the suite. All tests pass.")
        assert invented(turn) == [("warning", ["All tests pass."])]
        assert invented(turn_of("I'll save it.\n\nSaved to memory.")) == [("warning", ["Saved to memory."])]

    @pytest.mark.parametrize(
        "text",
        [
            "Let me run the suite.",
            "All tests will pass then.",
            "It shows which tests pass/fail.",
            "Make sure that all tests pass?",
            "I created a function that sums two numbers.",
            "```\n# all tests pass\n```",
            "Pass the value on.",
        ],
    )
    def test_words_that_claim_nothing(self, text: str) -> None:
        assert not invented(turn_of(text))

    @pytest.mark.parametrize(
        "prompt",
        [
            (Message("user", "Fix it"), Message("assistant", CALL), Message("tool", "12 passed")),
            (Message("user", "Fix it"), Message("user", "Tool `bash.execute` returned:\n\n12 passed")),
            (Message("user", "All tests pass now, what is next?"),),
        ],
    )
    def test_there_was_a_result_or_the_user_said_so(self, prompt: tuple[Message, ...]) -> None:
        assert not invented(replace(turn_of("All tests pass."), prompt=prompt))


@needs_shared
def test_every_told_call_of_a_real_set_has_its_invented_result() -> None:
    turns = read(SHARED / "tarx" / "tool-calling-v2.excerpt.jsonl", "chat").turns
    assert len(turns) == 8
    assert [len(told(turn)) for turn in turns] == [1] * 7 + [0]
    assert [[one for one, _ in invented(turn)] for turn in turns] == [["error"]] * 7 + [[]]


@needs_shared
def test_real_sets_without_told_calls_have_no_errors() -> None:
    found = [
        one
        for folder in (
            "entropic/logs",
            "punie/phase27_tool_responses",
            "unified-intelligence-cli/training/data",
        )
        for source in find_sources([SHARED / folder])
        if source.reader
        for turn in read(source.source.path, source.reader.name).turns
        for one in (*told(turn), *invented(turn))
    ]
    assert not found
