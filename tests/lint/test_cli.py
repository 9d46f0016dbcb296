from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.lint.sets import divided, row

CLEAN = Path(__file__).parent / "clean"


def run(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "curator", "lint", *map(str, words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def test_a_clean_set_exits_with_0_and_leaves_no_workspace(tmp_path: Path) -> None:
    done = run(CLEAN, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "60 rows in 3 files: no defect found." in done.stdout
    assert "Note: " in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_errors_exit_with_1_and_say_where_and_what_to_do(tmp_path: Path) -> None:
    folder = divided(tmp_path / "set", [row("Why?", "<think>\nnever ends")])
    done = run(folder, cwd=tmp_path)
    assert done.returncode == 1
    assert "✗ error   unclosed_think: Thinking that never ends" in done.stdout
    assert "at train.jsonl line 61" in done.stdout
    assert "  → " in done.stdout
    assert "83 rows" not in done.stdout


def test_warnings_alone_exit_with_0(tmp_path: Path) -> None:
    done = run(divided(tmp_path / "set", [row("How?", "So:\n```python\nprint(1)\n")]), cwd=tmp_path)
    assert done.returncode == 0
    assert "1 warning" in done.stdout


def test_bad_usage_exits_with_2(tmp_path: Path) -> None:
    for words in (["nowhere.jsonl"], [CLEAN, "--profile", "nope"], [CLEAN, "--base", "nowhere"], []):
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 2, words
        assert "Traceback" not in done.stderr


def test_json_has_the_shape_that_others_rely_on(tmp_path: Path) -> None:
    folder = divided(tmp_path / "set", [row("Why?", "<think>\nnever ends")])
    done = run(folder, "--json", "--profile", "demo", "--max-length", "512", cwd=tmp_path)
    report = json.loads(done.stdout)
    assert [(Path(file["path"]).name, file["rows"]) for file in report["files"]] == [
        ("train.jsonl", 61),
        ("valid.jsonl", 10),
        ("test.jsonl", 10),
    ]
    for finding in report["findings"]:
        assert {"code", "severity", "count", "message", "files", "examples"} <= finding.keys()
        assert finding["severity"] in ("error", "warning", "info")
        assert all({"file", "line"} <= place.keys() for place in finding["examples"])
    assert "unclosed_think" in {finding["code"] for finding in report["findings"]}


def test_the_page_is_written_beside_the_table(tmp_path: Path) -> None:
    done = run(CLEAN, "--html", "page.html", cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "page.html").read_text("utf-8").startswith("<!doctype html>")
    assert "Wrote page.html" in done.stderr
    assert run(CLEAN, "--html", "no/such/page.html", cwd=tmp_path).returncode == 2


def test_hostile_text_reaches_the_terminal_as_pictures(tmp_path: Path) -> None:
    rows = [row(f"Say \x1b[31m {n}", "Now.") for n in range(50)]
    done = run(divided(tmp_path / "set", rows), cwd=tmp_path)
    assert "\x1b" not in done.stdout
    assert "template_spam" in done.stdout
