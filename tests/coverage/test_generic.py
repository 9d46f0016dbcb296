"""Detectors for any project: counts of calls, refusals, questions, steps after errors, chains of tools."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from curator.coverage.registry import Row, detectors
from curator.model import Message, Output, ToolCall
from curator.profiles.model import CoverageItem
from tests.checks.turns import turn_of

ASKED = Message("user", "Do it")
LOG = '<tool_call>{"name": "git.log", "arguments": {"n": 1}}</tool_call>'
STATUS = LOG.replace("git.log", "git.status")
FAILED = Message("tool", '{"error": "no such file"}', name="git.log")
DENIED = Message("user", "Tool `git.log` was denied: Permission denied by user\n\nTry a different approach.")


def row(raw: str, *prompt: Message) -> Row:
    turn = replace(turn_of(raw), prompt=(ASKED, *prompt))
    return Row(turn, turn.output)


def shows(name: str, one: Row, *calls: str) -> bool:
    return detectors()[name].detect(one, CoverageItem(calls=calls)) is True


def said(text: str) -> Message:
    return Message("assistant", text)


def test_every_detector_explains_itself() -> None:
    assert len(detectors()) >= 15 and list(detectors()) == sorted(detectors())
    assert all(name == one.name and one.doc.endswith(".") for name, one in detectors().items())


@pytest.mark.parametrize(
    ("raw", "name"), [("Hi.", "no_call"), (LOG, "one_call"), (LOG + STATUS, "several_calls")]
)
def test_numbers_of_calls(raw: str, name: str) -> None:
    names = ("no_call", "one_call", "several_calls")
    assert [one for one in names if shows(one, row(raw))] == [name]


def test_a_correction_is_what_counts() -> None:
    corrected = Row(turn_of("Hi."), Output(tool_calls=(ToolCall("git.log"),)))
    assert shows("one_call", corrected) and not shows("no_call", corrected)


@pytest.mark.parametrize(
    "text", ["I can't do that.", "Sorry, no.", "There is no such tool.", "It isn’t here; I cannot."]
)
def test_refusals(text: str) -> None:
    assert shows("refusal", row(text)) and not shows("refusal", row(text + LOG))
    assert not shows("refusal", row("Gladly.")) and not shows("refusal", row(""))


@pytest.mark.parametrize("text", ["Which one?", 'Do you mean "hall"? ', "(Or both?)", "どちらですか？"])
def test_questions(text: str) -> None:
    assert shows("asks_back", row(text)) and not shows("asks_back", row(f"{text} I go on."))
    assert not shows("asks_back", row(f"{LOG}\n{text}"))


class TestAfterResults:
    @pytest.mark.parametrize(
        "result",
        [
            FAILED,
            Message("tool", "Error: no such file"),
            Message("tool", "FileNotFoundError: x"),
            Message("tool", "out\n[exit code: 2]"),
            Message("user", "Tool `git.log` failed with error: boom"),
            Message("user", '<tool_response>\n{"success": false}\n</tool_response>'),
            Message("user", "Tool result: fatal: not a git repository"),
        ],
    )
    def test_an_error_that_is_recovered_from(self, result: Message) -> None:
        assert shows("after_error", row(STATUS, said(LOG), result))
        assert shows("after_error", row("It does not exist.", said(LOG), result))
        assert not shows("after_error", row(LOG, said(LOG), result)), "the same call again recovers nothing"

    @pytest.mark.parametrize(
        "prompt",
        [
            (),
            (said(LOG), Message("tool", "all fine; 0 errors")),
            (said(LOG), Message("tool", "done\n[exit code: 0]")),
            (said(LOG), Message("tool", '{"error": null}')),
            (said(LOG), FAILED, said("Hm."), Message("user", "Error: I meant another")),
            (said(LOG), FAILED, said(STATUS), Message("tool", "fine")),
            (said(LOG), Message("tool", "{" * 9)),
        ],
    )
    def test_no_error_right_before(self, prompt: tuple[Message, ...]) -> None:
        assert not shows("after_error", row(STATUS, *prompt))

    def test_a_denial(self) -> None:
        assert shows("after_denial", row("May I look at the status instead?", said(LOG), DENIED))
        assert not shows("after_denial", row(LOG, said(LOG), DENIED))
        assert not shows("after_denial", row(STATUS, said(LOG), FAILED))
        assert not shows("after_error", row(STATUS, said(LOG), DENIED))

    def test_several_steps(self) -> None:
        assert shows("several_steps", row("Done.", said(LOG), Message("tool", "x")))
        assert shows(
            "several_steps", row("Done.", said(LOG), Message("user", "Tool `git.log` returned:\n\nx"))
        )
        assert not shows(
            "several_steps", row("Done.", said(LOG), Message("tool", "x"), Message("user", "And now?"))
        )
        assert not shows("several_steps", row("Done."))


class TestTools:
    def test_uses_tool(self) -> None:
        assert shows("uses_tool", row(LOG), "git.*") and shows("uses_tool", row(LOG), "x", "git.log")
        assert not shows("uses_tool", row(LOG), "git") and not shows("uses_tool", row("Hi."), "*")
        assert not shows("uses_tool", row(LOG))

    def test_a_chain_is_complete_with_its_last_call(self) -> None:
        wanted = ("git.log", "git.status", "*.todo_write")
        todo = LOG.replace("git.log", "entropic.todo_write")
        done = Message("tool", "x")
        steps = (said(LOG), done, said(STATUS), done)
        assert shows("chain", row(todo, *steps), *wanted)
        assert shows("chain", row(LOG + STATUS + todo), *wanted)
        assert not shows("chain", row("Done.", *steps, said(todo), done), *wanted)
        assert not shows("chain", row(todo, said(STATUS), done, said(LOG), done), *wanted)
        assert not shows("chain", row(todo, *steps, Message("user", "Another thing")), *wanted)
        assert not shows("chain", row(todo, *steps))

    def test_calls_given_as_fields_and_results_that_name_their_tool(self) -> None:
        fields = Message("assistant", "", tool_calls=(ToolCall("git.log"),))
        assert shows("chain", row(STATUS, fields, Message("tool", "x")), "git.log", "git.status")
        named = said("Looking."), Message("user", "Tool `git.log` returned:\n\nx")
        assert shows("chain", row(STATUS, *named), "git.log", "git.status")
        assert shows(
            "chain", row(STATUS, said("x"), Message("tool", "x", name="git.log")), "git.log", "git.status"
        )
