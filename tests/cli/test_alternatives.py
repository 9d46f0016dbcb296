from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from curator.cli.verbs import app
from tests.tui.answering import MODEL, UNKNOWN, WARM, FakeModel, model
from tests.tui.workspaces import house, make_workspace

__all__ = ["model"]

HERE = ["--profile", "profile.toml", "--reviewer", "ann"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_workspace(tmp_path / "ws", house()).close()
    monkeypatch.chdir(tmp_path / "ws")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("curator.cli.alternatives.find_model", lambda workspace, name: MODEL)
    return tmp_path / "ws"


def run(*words: str, code: int = 0) -> str:
    """Run a verb and return what it printed."""
    result = CliRunner().invoke(app, [*words, *HERE])
    assert result.exit_code == code, result.output
    return result.output


def test_answers_are_drawn_listed_and_taken(home: Path, model: FakeModel) -> None:
    assert "no other answer to this prompt" in run("alternatives", "1", "--list")
    assert model.asked == 0
    told = run("alternatives", "1", "--seed", "5")
    assert told.splitlines()[0] == f"g4     no fault found · generated · {MODEL.name} · seed 8"
    assert "heating.set" in told.splitlines()[1]
    told = run("alternatives", "1", "--take", "g4")
    assert told == f"turn 1: undecided → corrected; generated · {MODEL.name} · seed 8\n"
    assert f"correction: generated · {MODEL.name} · seed 8" in run("why", "1")
    run("freeze", "all", "--anyway", "a test")
    [line] = next(home.glob("datasets/all-v1/*/sft.jsonl")).read_text(encoding="utf-8").splitlines()
    row = json.loads(line)
    assert row["origin"]["taken"] == f"generated · {MODEL.name} · seed 8"
    run("undo")


def test_json_has_everything_that_was_found(home: Path, model: FakeModel) -> None:
    model.raws = (WARM, UNKNOWN, WARM, WARM + " ")
    said = json.loads(run("alternatives", "1", "--json"))
    assert (said["turn"], said["new"], said["copies"], said["as_logged"]) == (1, 3, 2, 0)
    good, unknown = said["alternatives"]
    assert (good["id"], good["source"], good["model"], good["raw"]) == ("g1", "generated", MODEL.name, WARM)
    assert good["settings"]["seed"] == 0 and good["tool_calls"][0]["name"] == "heating.set"
    assert unknown["findings"][0]["check"] == "unknown_tool"


def test_what_breaks_a_rule_is_saved_only_by_force(home: Path, model: FakeModel) -> None:
    model.raws = (UNKNOWN,)
    run("alternatives", "1")
    result = CliRunner().invoke(app, ["alternatives", "1", "--take", "g1", *HERE])
    assert result.exit_code and "window.close" in str(result.exception)
    assert "corrected" in run("alternatives", "1", "--take", "g1", "--force")
