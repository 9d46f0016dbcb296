from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from curator.cli.verbs import app
from curator.model import ToolCall
from curator.review.draft_files import DraftShelf
from curator.review.drafts import Draft, call_draft
from tests.tui.workspaces import house, make_workspace

HERE = ["--profile", "profile.toml", "--reviewer", "ann"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_workspace(tmp_path / "ws", house()).close()
    monkeypatch.chdir(tmp_path / "ws")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "ws"


def run(*words: str, code: int = 0) -> str:
    """Run a verb and return what it printed."""
    result = CliRunner().invoke(app, [*words, *HERE])
    assert result.exit_code == code, result.output
    return result.output


def test_suggestions_are_listed_and_taken(home: Path) -> None:
    assert "1 call heating.set instead of light.set" in run("suggest", "1")
    [line] = run("suggest", "1", "--json").splitlines()
    said = json.loads(line)
    assert said["number"] == 1
    assert said["correction"]["tool_calls"] == [{"name": "heating.set", "arguments": {"room": "bedroom"}}]
    assert "undecided → corrected" in run("suggest", "4", "--take", "1")
    assert "no" in run("suggest", "2").lower()


def test_drafts_are_listed_and_discarded(home: Path) -> None:
    assert "0 drafts" in run("drafts")
    shelf = DraftShelf(home, "ann")
    shelf.save(f"{0:032x}", Draft((call_draft(ToolCall("a.b", {})),)))
    assert "a.b" in run("drafts") and "1 drafts" in run("drafts")
    assert json.loads(run("drafts", "--json")) == [{"turn": f"{0:032x}", "calls": ["a.b"]}]
    run("drafts", "--discard", "1")
    assert shelf.turn_keys() == []
