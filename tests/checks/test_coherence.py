"""Think → action: speaks where the reasoning names another tool outright, else stays silent."""

from __future__ import annotations

import re
from time import process_time

import pytest

from curator.checks import Context, run_checks
from curator.model import Finding, Turn
from curator.parsing import tools_from_text
from tests.checks.turns import TOOLS, shown, turn_of, turn_with
from tests.shared import SHARED, needs_shared


def found(turn: Turn, severity: str | None = None, **context: object) -> list[Finding]:
    findings = run_checks(turn, Context(**context), only={"coherence"})  # type: ignore[arg-type]
    return [one for one in findings if severity is None or one.severity == severity]


ANOTHER = [
    (
        "The rules say I should call entropic.todo_write first to record my plan before anything else. "
        "So I will call entropic.todo_write.",
        "bash.execute",
        "entropic.todo_write",
    ),
    (
        "I should call entropic.todo_write first, then look at the sources.",
        "bash.execute",
        "entropic.todo_write",
    ),
    ("I need to call `read_file` on main.py.", "bash.execute", "filesystem.read_file"),
    ("Let me use the read file tool.", "git.log", "filesystem.read_file"),
    (
        "I'll call read_file. Wait, I will use write_file.",
        "filesystem.read_file",
        "filesystem.write_file",
    ),
    (
        "I must not call git.log. I'll use edit_file instead of git.log.",
        "git.log",
        "filesystem.edit_file",
    ),
    ("I need to call tod_write now.", "git.log", "entropic.todo_write"),
    ("bash.execute could do it. But I must use read_file here.", "bash.execute", "filesystem.read_file"),
    ("The user wants a commit. I'm going to call git.status.", "filesystem.write_file", "git.status"),
    ("We need to invoke entropic.handoff to the code tier.", "filesystem.write_file", "entropic.handoff"),
    ("The tests must run again, so I call git.status.", "filesystem.write_file", "git.status"),
    ("I'm calling git.status now.", "filesystem.write_file", "git.status"),
]


@pytest.mark.parametrize(("thinking", "called", "named"), ANOTHER)
def test_another_tool_is_called(thinking: str, called: str, named: str) -> None:
    turn = turn_with(thinking, called)
    (finding,) = found(turn, "error")
    assert finding.suggestion == named
    words, call = shown(turn, finding)
    assert words.lower().removesuffix(" tool").replace(" ", "_")[-6:] == named[-6:]
    assert call == called


SILENT = [
    ("I should call todo_write first, then run bash to look.", "bash.execute"),
    ("First I will call todo_write, then read_file.", "filesystem.read_file"),
    ("I should call read_file first and write_file afterwards.", "filesystem.read_file"),
    ("I should not call todo_write. Let me use bash.execute.", "bash.execute"),
    ("I could call todo_write, but I'll use bash.execute.", "bash.execute"),
    ("Should I call read_file?", "bash.execute"),
    ("If that fails, I will call read_file.", "bash.execute"),
    ("Maybe I should use write_file.", "bash.execute"),
    ("I will call write_file once the directory is known.", "bash.execute"),
    ("First, let me list the folder. I'll use write_file for the result.", "bash.execute"),
    ("I'll use read_file. Hmm, the file may be missing, so list the folder.", "bash.execute"),
    ('The user said "I should call read_file" in the log.', "bash.execute"),
    ("Instead of calling read_file I should look around.", "bash.execute"),
    ("I will use write_file, but before that the folder has to exist.", "bash.execute"),
    ("I don't need to use read_file.", "bash.execute"),
    ("There is no need to call git.status, I can go on.", "filesystem.write_file"),
    ("The user should use read_file.", "bash.execute"),
    ("Let me use the diagnostics tool to check.", "diagnostics.check_errors"),
    ("I will use read to look into the matter and try the search.", "bash.execute"),
    ("I need to use a list of files and call the function process_data().", "bash.execute"),
    ("I should run the tests with pytest.", "bash.execute"),
    ("", "bash.execute"),
    ("When I call read_file the path must be absolute.", "bash.execute"),
    ("How do I call read_file here?", "bash.execute"),
    ("If I use read_file it will fail.", "bash.execute"),
    ("I should use write_file to save it after running the tests.", "bash.execute"),
    ("I already called read_file. I should use its result.", "filesystem.write_file"),
]


@pytest.mark.parametrize(("thinking", "called"), SILENT)
def test_no_false_alarm(thinking: str, called: str) -> None:
    assert not found(turn_with(thinking, called), "error")


def test_several_calls_need_only_hold_the_one_that_is_due() -> None:
    thinking = "I should call todo_write first."
    assert not found(turn_with(thinking, "git.status", "entropic.todo_write"))


def test_a_plan_without_a_call_is_a_warning() -> None:
    turn = turn_with("I should call read_file to see.", content="It is done.", finish_reason="stop")
    (finding,) = found(turn)
    assert (finding.severity, finding.suggestion) == ("warning", "filesystem.read_file")
    asking = turn_with("I should call read_file to see.", content="Which file?", finish_reason="stop")
    assert found(asking)


def test_a_plan_for_later_is_mentioned() -> None:
    thinking = (
        "Using the write_file tool makes sense here because it's a new file. Once the file is created, "
        "I should check if it's free of errors using the diagnostics tool. That way, the user knows it works."
    )
    turn = turn_with(thinking, "filesystem.write_file")
    (finding,) = found(turn)
    assert finding.severity == "info"
    assert shown(turn, finding) == ["diagnostics tool"]


def test_names_from_the_reasoning_serve_where_the_log_lists_no_tools() -> None:
    turn = turn_with("So I will call entropic.todo_write.", "bash.execute", tools=())
    (finding,) = found(turn, "error")
    assert finding.suggestion == "entropic.todo_write"


def test_aliases_of_the_profile() -> None:
    turn = turn_with("I will use the planner tool.", "bash.execute")
    assert not found(turn)
    (finding,) = found(turn, aliases={"planner": "entropic.todo_write"})
    assert finding.suggestion == "entropic.todo_write"


def test_offsets_hold_after_letters_that_change_length_in_lower_case() -> None:
    turn = turn_with("İİİ 🌸 I must call git.status.", "bash.execute")
    (finding,) = found(turn, "error")
    assert shown(turn, finding)[0] == "git.status"


RAW_OUTPUT = re.compile(r"--- RAW OUTPUT ---\n(.*?)\n--- PARSED ---\ncleaned_content_len=", re.DOTALL)


@needs_shared
def test_the_divergence_in_a_log_is_found() -> None:
    log = SHARED / "entropic" / "synthetic" / "thinking_divergence_handoff" / "session_model.log"
    raws = RAW_OUTPUT.findall(log.read_text(encoding="utf-8"))
    errors = [[one.suggestion for one in found(turn_of(raw, tools=TOOLS), "error")] for raw in raws]
    assert errors == [["entropic.todo_write"], [], [], [], []]


@needs_shared
def test_real_sessions_raise_no_error_and_the_mild_case_is_noted() -> None:
    turns = noted = 0
    for log in sorted((SHARED / "entropic" / "logs").glob("*/session_model.log")):
        text = log.read_text(encoding="utf-8")
        for raw in RAW_OUTPUT.findall(text):
            findings = found(turn_of(raw, tools=tools_from_text(text), finish_reason="stop"))
            turns += 1
            noted += len(findings)
            assert {one.severity for one in findings} <= {"info"}
            assert not findings or "check_errors" in findings[0].message
    assert turns > 25
    assert noted == 1


@pytest.mark.parametrize(
    "text",
    ["I should call read_file ", "I must use read_file. ", "call read_fil_", "0.0.0.0", "I need to ", "1. "],
)
def test_long_reasoning_takes_time_in_proportion(text: str) -> None:
    def seconds(size: int) -> float:
        turn = turn_with(text * (size // len(text)), "bash.execute")
        start = process_time()
        found(turn)
        return process_time() - start

    assert seconds(400_000) < 3 * 4 * seconds(100_000) + 0.2


def test_a_broken_call_tells_what_was_attempted() -> None:
    broken = '<tool_call>{"name": "git.status", "arguments": {"a": what is this</tool_call>'
    raw = f"<think>\nI will call git.status.\n</think>\n\n{broken}"
    turn = turn_of(raw, finish_reason="stop")
    assert turn.output.problems
    assert not turn.output.tool_calls
    assert not found(turn)


def test_a_call_that_is_ruled_out_is_a_warning() -> None:
    turn = turn_with("This is a greeting, no tool is needed.", "git.status")
    (finding,) = found(turn)
    assert (finding.severity, shown(turn, finding)) == ("warning", ["no tool", "git.status"])


def test_evidence_in_the_last_part_of_very_long_reasoning_is_in_place() -> None:
    turn = turn_with("Nothing to see. " * 3_000 + "I must call git.status.", "bash.execute")
    (finding,) = found(turn, "error")
    assert shown(turn, finding)[0] == "git.status"


def test_hostile_text_is_never_read_as_a_pattern() -> None:
    turn = turn_of("<think>\nI must call (a+)+$[.\n</think>\nok", tools=(), finish_reason="stop")
    assert not found(turn)
