"""``curator check --input FILE``: verdicts on lines, without a workspace."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.checks.test_coherence_pairs import PAIRS
from tests.shared import ROOT


def check(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "curator", "check", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        input=stdin,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(ROOT)},
    )


def line(thinking: str, *names: str, **more: Any) -> str:
    calls = [{"name": name, "arguments": {}} for name in names]
    row = {"id": 1, "tools": ["read_file", "run"], "thinking": thinking, "content": "", "tool_calls": calls}
    return json.dumps(row | more)


def test_a_verdict_a_line_and_no_workspace(tmp_path: Path) -> None:
    done = check(tmp_path, "--input", str(PAIRS / "fresh.jsonl"), "--json")
    assert done.returncode == 0, done.stderr
    given = [json.loads(row) for row in (PAIRS / "fresh.jsonl").read_text().splitlines()]
    found = [json.loads(row) for row in done.stdout.splitlines()]
    assert [row["id"] for row in found] == [row["id"] for row in given]
    assert set(found[0]) >= {"id", "verdict", "due", "evidence", "message"}
    assert not list(tmp_path.iterdir())


def test_bad_lines_are_told_by_place_and_the_rest_is_judged(tmp_path: Path) -> None:
    lines = [
        line("I'll call read_file.", "run"),
        "{broken",
        '{"id": 2, "tool_calls": [{"arguments": {}}]}',
        line("I'll call read_file.", "read_file", id="x"),
    ]
    (tmp_path / "pairs.jsonl").write_text("\n".join(lines) + "\n")
    done = check(tmp_path, "--input", "pairs.jsonl", "--json")
    assert done.returncode == 2
    assert [json.loads(row)["verdict"] for row in done.stdout.splitlines()] == [
        "names_another_tool",
        "coherent",
    ]
    assert "pairs.jsonl:2: " in done.stderr
    assert "pairs.jsonl:3: call 1 has no name" in done.stderr
    assert "Traceback" not in done.stderr


def test_shapes_of_other_makers_standard_input_and_aliases(tmp_path: Path) -> None:
    function = {"type": "function", "function": {"name": "read_file", "description": "Read a file"}}
    call = {"id": "c", "type": "function", "function": {"name": "run", "arguments": '{"cmd": "ls"}'}}
    row = line("I'll use the opener tool.", tools=[function, "run"], aliases={"read_file": ["opener"]})
    done = check(
        tmp_path, "--input", "-", "--json", stdin=json.dumps(json.loads(row) | {"tool_calls": [call]})
    )
    found = json.loads(done.stdout)
    assert (found["verdict"], found["due"], found["suggestion"]) == (
        "names_another_tool",
        ["read_file"],
        "read_file",
    )
    start, end = found["evidence"][0]["start"], found["evidence"][0]["end"]
    assert "I'll use the opener tool."[start:end] == "opener tool"


def test_a_missing_file_and_a_query_beside_it(tmp_path: Path) -> None:
    assert check(tmp_path, "--input", "none.jsonl").returncode == 2
    assert "none.jsonl" in check(tmp_path, "--input", "none.jsonl").stderr
    assert check(tmp_path, "tier:code", "--input", "none.jsonl").returncode == 2
