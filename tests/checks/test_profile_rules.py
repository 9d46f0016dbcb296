"""What the profile rules: gravity of checks, first tools, lengths, and text where only JSON may stand."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from curator.checks import Context, run_checks
from curator.model import Finding, Message, Output, ToolCall, ToolSpec, Turn
from curator.profiles import Profile
from curator.profiles.model import Expectation, Lengths
from tests.checks.turns import TOOLS, shown, turn_of
from tests.ingest.reading import read
from tests.shared import SHARED, needs_shared

LOG = '<tool_call>{"name": "git.log", "arguments": {"n": 1}}</tool_call>'
TODO = LOG.replace("git.log", "entropic.todo_write")
WRAPPED = '{"tool_call": {"name": "turn_on", "arguments": {"entity_id": "light.hall"}}}'
ASKED = Message("user", "Do it")


def found(turn: Turn, check: str, **rules: Any) -> tuple[Finding, ...]:
    return run_checks(turn, Context(profile=Profile("p", **rules)), only={check})


class TestGravity:
    CUT = "Hm.\n<tool_call>{"
    MENDED = '<tool_call>{"name": "git.log", "arguments": {},}</tool_call>'

    def severities(self, raw: str, **checks: str) -> list[str]:
        return [one.severity for one in found(turn_of(raw), "malformed", checks=checks)]

    def test_the_gravest_findings_change(self) -> None:
        assert self.severities(self.CUT) == ["error"]
        assert self.severities(self.CUT, malformed="info") == ["info"]
        assert self.severities(self.CUT, truncation="info") == ["error"]

    def test_lesser_ones_are_never_graver_than_these(self) -> None:
        assert self.severities(self.MENDED) == ["warning"]
        assert self.severities(self.MENDED, malformed="error") == ["warning"]
        assert self.severities(self.MENDED, malformed="info") == ["info"]

    def test_a_check_can_be_graver(self) -> None:
        turn = turn_of(f"{LOG}{LOG}")
        assert [one.severity for one in found(turn, "repeated_call", checks={"repeated_call": "error"})] == [
            "error"
        ]

    def test_off_is_not_run(self) -> None:
        assert self.severities(self.CUT, malformed="off") == []

    def test_the_order_follows_the_new_gravity(self) -> None:
        profile = Profile("p", checks={"malformed": "info", "truncation": "error"})
        order = [one.severity for one in run_checks(turn_of(self.CUT), Context(profile=profile))]
        assert order == sorted(order, key=["error", "warning", "info"].index) and order[-1] == "info"


class TestFirstTool:
    RULE = Expectation("*.todo_write", "todo first", "thinking")

    def first(
        self, raw: str, *prompt: Message, tier: str = "thinking", **changes: Any
    ) -> tuple[Finding, ...]:
        turn = replace(turn_of(raw, tier=tier), prompt=prompt or (ASKED,), **changes)
        return found(turn, "first_tool", expectations=(self.RULE,))

    def test_another_tool_is_called_first(self) -> None:
        (finding,) = self.first(LOG + TODO)
        assert finding.message == (
            "git.log is called first in tier thinking, where *.todo_write has to be (todo first)"
        )
        assert (finding.severity, finding.suggestion) == ("error", "entropic.todo_write")
        assert finding.evidence[0].field == "calls"

    def test_the_right_one_no_call_and_other_tiers(self) -> None:
        assert not self.first(TODO + LOG) and not self.first("Hello!") and not self.first(LOG, tier="simple")
        assert not run_checks(turn_of(LOG, tier="thinking"), Context(), only={"first_tool"})

    @pytest.mark.parametrize(
        "since",
        [
            (Message("assistant", TODO), Message("tool", "ok")),
            (Message("assistant", "Looking."), Message("user", "Tool `git.log` returned:\n\nx")),
            (Message("assistant", "", tool_calls=(ToolCall("git.log"),)),),
            (Message("assistant", LOG),),
        ],
    )
    def test_only_the_first_call_since_the_request_counts(self, since: tuple[Message, ...]) -> None:
        assert not self.first(LOG, ASKED, *since)
        assert self.first(LOG, ASKED, *since, Message("user", "And now?"))

    def test_words_of_the_assistant_are_no_call(self) -> None:
        assert self.first(LOG, ASKED, Message("assistant", "Which one?"), Message("user", "That one"))

    def test_where_no_fitting_tool_is_offered(self) -> None:
        assert not self.first(LOG, tools=(ToolSpec("git.log"),))
        (finding,) = self.first(LOG, tools=())
        assert finding.suggestion == "todo_write"

    def test_severity_of_the_rule(self) -> None:
        rule = replace(self.RULE, severity="info", tier="*")
        assert [one.severity for one in found(turn_of(LOG), "first_tool", expectations=(rule,))] == ["info"]

    @needs_shared
    def test_a_real_session_that_looks_before_it_plans(self) -> None:
        folder = SHARED / "entropic" / "synthetic" / "thinking_divergence_handoff"
        rule = Expectation("*.todo_write")
        turns = read(folder, "entropic").turns
        wrong = [
            shown(turn, one) for turn in turns for one in found(turn, "first_tool", expectations=(rule,))
        ]
        assert wrong == [["bash.execute"]]


class TestLength:
    TEXT = "The quick brown fox jumps over the lazy dog. " * 40

    def long(self, lengths: Lengths, turn: Turn | None = None) -> list[str]:
        given = turn or replace(turn_of(self.TEXT, tools=()), prompt=(Message("user", self.TEXT),))
        return [one.message for one in found(given, "over_length", lengths=lengths)]

    def test_the_whole_row(self) -> None:
        (message,) = self.long(Lengths(max_tokens=500))
        assert message.startswith("the row has about ") and message.endswith("the budget is 500")
        assert not self.long(Lengths(max_tokens=2000)) and not self.long(Lengths())

    def test_the_prompt_beside_its_tools(self) -> None:
        (message,) = self.long(Lengths(prompt_tokens=300))
        assert "beside its tools; the budget is 300" in message
        assert not self.long(Lengths(prompt_tokens=600)), "the answer does not count"

    def test_tools_count_unless_the_prompt_lists_them(self) -> None:
        tools = (ToolSpec("f", self.TEXT),)
        turn = turn_of("Hi.", tools=tools)
        assert "0 of prompt" in self.long(Lengths(max_tokens=300), turn)[0]
        assert not self.long(Lengths(max_tokens=300), replace(turn, tools_in_prompt=True))

    def test_an_exact_tokenizer_says_no_about(self) -> None:
        class Words:
            is_exact = True

            def count(self, text: str) -> int:
                return len(text.split())

            def pieces(self, text: str) -> tuple[str, ...]:
                return tuple(text.split())

        context = Context(profile=Profile("p", lengths=Lengths(max_tokens=100)), tokenizer=Words())
        (finding,) = run_checks(turn_of(self.TEXT, tools=()), context, only={"over_length"})
        assert finding.message.startswith("the row has 365 tokens (0 of tools, 0 of prompt, 365 of answer)")


class TestCommentary:
    def beside(self, raw: str, syntax: str = "wrapped-json-line") -> list[list[str]]:
        turn = turn_of(raw, tools=())
        return [shown(turn, one) for one in found(turn, "commentary", syntax=syntax)]

    def test_before_between_and_after(self) -> None:
        ((before, between, after),) = self.beside(f"Sure.\n{WRAPPED}\nAnd then\n{WRAPPED}\nDone.")
        assert [before.strip(), between.strip(), after.strip()] == ["Sure.", "And then", "Done."]

    def test_calls_alone_and_text_alone(self) -> None:
        assert not self.beside(f"{WRAPPED}\n{WRAPPED}\n") and not self.beside("Which light?")

    def test_other_syntaxes_may_talk(self) -> None:
        assert not self.beside(f"Sure.\n{WRAPPED}", "hermes")
        assert not run_checks(turn_of(f"Sure.\n{WRAPPED}"), Context(), only={"commentary"})

    def test_a_correction_has_no_places_in_the_raw_text(self) -> None:
        turn = replace(turn_of("x"), output=Output(content="Sure.", tool_calls=(ToolCall("f"),)))
        (finding,) = found(turn, "commentary", syntax="bare-json-line")
        assert shown(turn, finding) == ["Sure."]


class TestJsonLikeText:
    def like(self, raw: str, syntax: str = "hermes") -> list[tuple[str, list[str]]]:
        turn = turn_of(raw, tools=TOOLS)
        return [(one.severity, shown(turn, one)) for one in found(turn, "json_like_text", syntax=syntax)]

    @pytest.mark.parametrize("line", ['{"state": "on"}', "[1, 2]", "{'a': 1}", "{}", "{", '["a"]'])
    def test_any_line_of_json_where_calls_are_such_lines(self, line: str) -> None:
        assert self.like(f"The state:\n{line}", "wrapped-json-line") == [("error", [line])]
        assert not self.like(f"The state:\n{line}")

    @pytest.mark.parametrize("text", ["[see above] it is on.", "Set {room} to on.", "It is on (20 °C)."])
    def test_text_is_no_json(self, text: str) -> None:
        assert not self.like(text, "wrapped-json-line")

    @pytest.mark.parametrize(
        "line",
        [
            '{"name": "no_such_tool", "arguments": {"a": 1}}',
            '{"function": {"name": "f", "arguments": "x"}}',
            "{'tool': 'f', 'input': {}}",
        ],
    )
    def test_what_looks_like_a_call(self, line: str) -> None:
        assert self.like(f"I use this: {line}") == [("warning", [line])]
        assert not self.like(f"It is written `{line}`.") and not self.like(f"```json\n{line}\n```\n")

    @pytest.mark.parametrize("line", ['{"name": "Ann", "age": 3}', "{name}", LOG])
    def test_other_objects_and_real_calls(self, line: str) -> None:
        assert not self.like(f"So: {line}")
