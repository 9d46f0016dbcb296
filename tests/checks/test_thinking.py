"""Thinking that the profile forbids or misses, and calls that stand inside it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from curator.checks import Context, run_checks
from curator.ingest.walk import find_sources
from curator.model import Finding, Output, ToolSpec, Turn
from curator.profiles import Policy, Profile
from tests.checks.turns import shown, turn_of
from tests.ingest.reading import read
from tests.shared import SHARED, needs_shared

CALL = '<tool_call>{"name": "git.log", "arguments": {"n": 3}}</tool_call>'


def policy(raw: str, thinking: Policy) -> list[tuple[str, list[str]]]:
    turn = turn_of(raw)
    profile = Profile("p", thinking=thinking)
    found = run_checks(turn, Context(profile=profile), only={"thinking_policy"})
    assert all(one.severity == "error" for one in found)
    return [(one.message, shown(turn, one)) for one in found]


def inside(turn: Turn) -> tuple[Finding, ...]:
    return run_checks(turn, Context(), only={"call_in_thinking"})


class TestPolicy:
    THINKS = "<think>\nLook first.\n</think>\n\nFine."

    def test_forbidden(self) -> None:
        message = "the profile forbids thinking, and the turn thinks"
        assert policy(self.THINKS, "forbidden") == [(message, ["Look first."])]
        assert not policy("Fine.", "forbidden") and not policy("<think>\n\n</think>\n\nFine.", "forbidden")

    def test_required(self) -> None:
        assert not policy(self.THINKS, "required")
        assert policy("Fine.", "required") == [("the profile requires thinking, and the turn has none", [])]

    @pytest.mark.parametrize("block", ["<think></think>", "<think>\n \n</think>"])
    def test_white_space_is_no_thinking(self, block: str) -> None:
        message = "the profile requires thinking, and the turn has an empty think block"
        assert policy(f"{block}\n\nFine.", "required") == [(message, [block])]

    def test_fields_of_white_space(self) -> None:
        turn = replace(turn_of("Fine."), output=Output(thinking=" \n", content="Fine."))
        for thinking, count in (("required", 1), ("forbidden", 0)):
            profile = Profile("p", thinking=thinking)  # type: ignore[arg-type]
            assert len(run_checks(turn, Context(profile=profile), only={"thinking_policy"})) == count

    def test_optional_and_without_a_profile(self) -> None:
        assert not policy("Fine.", "optional") and not policy(self.THINKS, "optional")
        assert not run_checks(turn_of(self.THINKS), Context(), only={"thinking_policy"})


class TestCallInThinking:
    def test_a_call_that_is_made_nowhere_else(self) -> None:
        turn = turn_of(f"<think>I look. {CALL} Done.</think>\n\nAll is well.")
        (finding,) = inside(turn)
        assert (finding.severity, shown(turn, finding)) == ("error", [CALL])
        assert finding.message == "the call of git.log stands in the thinking; the answer does not make it"

    def test_a_rehearsal_is_a_warning(self) -> None:
        (finding,) = inside(turn_of(f"<think>I will write {CALL}</think>\n\n{CALL}"))
        assert (finding.severity, finding.message.endswith("the answer makes it again")) == ("warning", True)

    def test_second_thoughts_about_the_arguments(self) -> None:
        other = CALL.replace("3", "5")
        (finding,) = inside(turn_of(f"<think>{other} or less?</think>\n\n{CALL}"))
        assert (finding.severity, finding.message.endswith("with other arguments")) == ("warning", True)

    def test_a_bare_line_of_an_offered_tool(self) -> None:
        line = '{"name": "set_light", "arguments": {}}'
        turn = turn_of(f"<think>\nNow:\n{line}\n</think>\n\nOk.", tools=(ToolSpec("set_light"),))
        (finding,) = inside(turn)
        assert shown(turn, finding) == [line]

    @pytest.mark.parametrize(
        "thinking",
        [
            "I will call git.log with n=3.",
            f"The format is `{CALL}`.",
            f"The docs say:\n```\n{CALL}\n```\nso I ask.",
            "if a < b and c[0] > {1}: use list[int]",
            "<tool_call> is the tag that opens one.",
        ],
    )
    def test_mentions(self, thinking: str) -> None:
        assert not inside(turn_of(f"<think>\n{thinking}\n</think>\n\nOk."))

    def test_every_call_has_its_own_finding(self) -> None:
        other = CALL.replace("git.log", "git.status")
        turn = turn_of(f"<think>{CALL}{other}</think>\n{other}")
        assert [(one.severity, shown(turn, one)) for one in inside(turn)] == [
            ("error", [CALL]),
            ("warning", [other]),
        ]

    @needs_shared
    def test_real_sessions(self) -> None:
        turns = [
            turn
            for found in find_sources([SHARED / "entropic" / "logs"])
            if found.reader
            for turn in read(found.source.path, found.reader.name).turns
        ]
        assert len(turns) > 20 and not any(map(inside, turns))
        folder = SHARED / "entropic" / "synthetic" / "separators_in_content"
        executed = read(folder, "entropic").turns
        assert any(one.output.problems for one in executed) and not any(map(inside, executed))
