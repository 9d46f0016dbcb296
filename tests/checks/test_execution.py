"""What the log says was executed wins over the output, and every difference is one finding."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from curator.checks import Context, run_checks
from curator.checks.execution import CODES
from curator.ingest.entropic.calls import Attempts, executed_output
from curator.ingest.entropic.model_log import LoggedTurn
from curator.model import Finding, Problem, ToolCall, Turn
from tests.checks.turns import TOOLS, shown, turn_of
from tests.ingest.engine import Engine, call
from tests.ingest.reading import read
from tests.shared import SHARED, needs_shared

STATUS, LOG = call("git.status"), call("git.log", n=3)
THOUGHT = f"<think>\nSuch as {STATUS} maybe.\n</think>\n\n"


def found(turn: Turn) -> list[Finding]:
    return list(run_checks(turn, Context(), only={"execution"}))


def executed(raw: str, *names: str, attempts: Attempts | None = None) -> Turn:
    """Return the turn of an output of which the log says that calls of ``names`` were executed."""
    logged = LoggedTurn(0, 0, "", 1, "stop", raw, 0, names, None)
    return replace(turn_of(raw), output=executed_output(logged, attempts or [], TOOLS).output)


def called(turn: Turn) -> list[tuple[str, dict[str, object]]]:
    return [(one.name, one.arguments) for one in turn.output.tool_calls]


class Case(NamedTuple):
    raw: str
    names: tuple[str, ...]
    attempts: Attempts
    calls: list[tuple[str, dict[str, object]]]
    findings: list[tuple[str, str]]
    words: list[list[str]]
    """What the evidence of each finding points at."""


CASES = {
    "nothing differs": Case(LOG, ("git.log",), [("git.log", {"n": 3})], [("git.log", {"n": 3})], [], []),
    "taken out of the thinking": Case(
        f"{THOUGHT}No.",
        ("git.status",),
        [],
        [("git.status", {})],
        [("error", "the engine executed git.status, which stands in the thinking")],
        [[STATUS, "git.status"]],
    ),
    "the same tool in the thinking and in the answer": Case(
        f"{THOUGHT}{STATUS}",
        ("git.status", "git.status"),
        [],
        [("git.status", {}), ("git.status", {})],
        [("error", "the engine executed git.status, which stands in the thinking")],
        [[STATUS, "git.status"]],
    ),
    "lost, and the other log has it": Case(
        "Looking.",
        ("git.log", "git.status"),
        [("git.log", {"n": 3}), ("git.status", {})],
        [("git.log", {"n": 3}), ("git.status", {})],
        [
            ("warning", "the engine executed git.log, which the output does not hold; session.log has it"),
            ("warning", "the engine executed git.status, which the output does not hold; session.log has it"),
        ],
        [["git.log"], ["git.status"]],
    ),
    "lost without a trace": Case(
        "Looking.",
        ("git.log",),
        [],
        [],
        [
            (
                "error",
                "the engine executed git.log, which the output does not hold; its arguments are unknown",
            )
        ],
        [["Looking."]],
    ),
    "not executed": Case(
        f"{STATUS}\n{LOG}",
        ("git.status",),
        [],
        [("git.status", {})],
        [("error", "the output calls git.log, which the engine did not execute")],
        [[LOG]],
    ),
    "the second of two was executed": Case(
        f"{call('git.log', n=1)}\n{LOG}",
        ("git.log",),
        [("git.log", {"n": 3})],
        [("git.log", {"n": 3})],
        [("error", "the output calls git.log, which the engine did not execute")],
        [[call("git.log", n=1)]],
    ),
    "other arguments": Case(
        LOG,
        ("git.log",),
        [("git.log", {})],
        [("git.log", {})],
        [("error", "the engine executed git.log with other arguments than the output gives it")],
        [[LOG, "git.log"]],
    ),
    "arguments as texts are the same": Case(
        "<tool_call><function=git.log>\n<parameter=n>\n3\n</parameter>\n</function></tool_call>",
        ("git.log",),
        [("git.log", {"n": 3})],
        [("git.log", {"n": "3"})],
        [],
        [],
    ),
    "a call that cannot be read was executed": Case(
        '<tool_call>{"name": "git.log", "arguments": [</tool_call>',
        ("git.log",),
        [("git.log", {})],
        [("git.log", {})],
        [("error", "the engine executed git.log, which the output does not hold; session.log has it")],
        [["git.log"]],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_log_wins_and_the_difference_is_a_finding(case: Case) -> None:
    turn = executed(case.raw, *case.names, attempts=case.attempts)
    findings = found(turn)
    assert called(turn) == case.calls
    assert [(one.severity, one.message) for one in findings] == case.findings
    assert [shown(turn, one) for one in findings] == case.words


def test_a_whole_session_brings_its_findings(tmp_path: Path) -> None:
    engine = Engine(("git.status", "git.log")).prompt(("system", "Help."), ("user", "Go"))
    engine.turn(f"{THOUGHT}{LOG}", 0, ("git.status", "git.log"))
    engine.takes("git.status").result("git.status", "clean").takes("git.log", n=3).result("git.log", "abc")
    session = read(engine.turn("Done.", 5, number=2).save(tmp_path / "s"), "entropic")
    first, second = session.turns
    assert session.codes == ["executed_in_thinking"] and not found(second)
    assert [outcome.text for outcome in first.outcomes] == ["clean", "abc"]
    (finding,) = found(first)
    assert shown(first, finding) == [STATUS, "git.status"] and finding.severity == "error"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_no_other_check_says_the_same(case: Case) -> None:
    turn = executed(case.raw, *case.names, attempts=case.attempts)
    elsewhere = run_checks(turn, Context(), only={"malformed", "think_block"})
    assert not {one.message.partition(": ")[0] for one in elsewhere} & set(CODES)


def test_the_plan_is_still_held_against_what_was_executed() -> None:
    raw = f"<think>I will call git.log.</think>{STATUS}\n{LOG}"
    turn = executed(raw, "git.status")
    (finding,) = run_checks(turn, Context(), only={"coherence"})
    assert (finding.severity, finding.suggestion) == ("error", "git.log")


def test_other_problems_are_left_to_other_checks() -> None:
    turn = turn_of('<tool_call>{"name": "git.log", "arguments": [</tool_call>')
    assert turn.output.problems and not found(turn)


def test_a_problem_without_any_place_points_at_nothing() -> None:
    turn = turn_of("")
    lost = replace(turn.output, problems=(Problem("raw_lost", "Lost."),), tool_calls=(ToolCall("f"),) * 2)
    (finding,) = found(replace(turn, output=lost))
    assert (finding.message, finding.evidence) == ("lost", ())


@needs_shared
def test_real_sessions_were_executed_as_written() -> None:
    sessions = sorted((SHARED / "entropic" / "logs").iterdir())
    turns = [turn for folder in sessions for turn in read(folder, "entropic").turns]
    assert sum(len(turn.output.tool_calls) for turn in turns) == 6
    assert not any(found(turn) for turn in turns)


@needs_shared
def test_the_made_up_sessions_have_one_difference() -> None:
    findings = {
        folder.name: [shown(turn, one) for turn in read(folder, "entropic").turns for one in found(turn)]
        for folder in sorted((SHARED / "entropic" / "synthetic").iterdir())
    }
    words = '<tool_call>{"name": "bash.execute", "arguments": '
    ((quoted, executed_call),) = findings.pop("separators_in_content")
    assert quoted.startswith(words) and executed_call == "bash.execute"
    assert len(findings) == 5 and not any(findings.values())
