"""The verbs about several answers to one prompt, and the pairs that leave through every export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from curator.cli.verbs import app
from curator.datasets.freezing import freeze
from curator.datasets.frozen import compare, frozen_rows
from curator.model import Output, ToolCall
from curator.store import Answer
from curator.workspace import Workspace
from tests.tui.workspaces import house, make_workspace

HERE = ["--profile", "profile.toml", "--reviewer", "ann"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    workspace = make_workspace(tmp_path / "ws", house())
    workspace.store.answers.add(
        [
            Answer(2, "You are welcome. Good night!", "base"),
            Answer(2, "Yes.", "base+adapter"),
            Answer(5, "Simple.", "base"),
        ]
    )
    monkeypatch.chdir(tmp_path / "ws")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return workspace


def run(*words: str, code: int = 0) -> str:
    """Run a verb and return what it printed."""
    result = CliRunner().invoke(app, [*words, *HERE])
    assert result.exit_code == code, result.output
    return result.output


def candidates(turn: int) -> list[dict]:  # type: ignore[type-arg]
    return json.loads(run("pairs", str(turn), "--json"))["candidates"]


def test_prompts_with_several_answers_are_listed(home: Workspace) -> None:
    told = run("pairs")
    assert "2 of 2 prompts with several answers have comparisons left, 3 in all." in told
    listed = json.loads(run("pairs", "--json"))
    assert (listed["prompts"], listed["left"]) == (2, 3)
    assert listed["sources"] == {"logged": 2, "generated": 3}
    assert [(row["turn"], row["candidates"], row["left"]) for row in listed["turns"]] == [
        (2, 3, 2),
        (5, 2, 1),
    ]
    assert [row["turn"] for row in json.loads(run("pairs", "id:5", "--json"))["turns"]] == [5]
    assert "0 of 0" in run("pairs", "tool:timer.start")


def test_candidates_are_named_and_one_is_preferred(home: Workspace) -> None:
    one, other, third = candidates(2)
    assert [c["sources"][0]["origin"] for c in (one, other, third)] == ["logged", "generated", "generated"]
    assert third["sources"][0]["model"] == "base+adapter" and third["content"] == "Yes."
    assert f"{one['id']}  logged" in run("pairs", "2")
    assert one["id"] in run("show", "2") and len(json.loads(run("show", "2", "--json"))["candidates"]) == 3
    assert "one pair" in run("prefer", "2", one["id"], third["id"], "--first")
    done = json.loads(run("prefer", "2", one["id"], other["id"][:6], "--second", "--json"))
    assert (done["creates_pair"], done["pairs"]) == (True, 2)
    assert "Nothing is left to compare." in run("pairs", "2")
    stats = json.loads(run("stats", "--json"))
    assert (stats["pairs"], stats["decided"], stats["preferences"]["compared"]) == (2, 0, 2)
    run("undo")
    assert json.loads(run("stats", "--json"))["pairs"] == 1


def test_what_cannot_be_preferred_is_refused(home: Workspace) -> None:
    one, other, _ = (c["id"] for c in candidates(2))
    for words in ([], ["--first", "--tie"]):
        result = CliRunner().invoke(app, ["prefer", "2", one, other, *words, *HERE])
        assert result.exit_code != 0 and "exactly one" in str(result.exception)
    for a, b, says in ((one, one, "nothing to prefer"), (one, "zz", "no candidate")):
        result = CliRunner().invoke(app, ["prefer", "2", a, b, "--first", *HERE])
        assert result.exit_code != 0 and says in str(result.exception)
    assert json.loads(run("stats", "--json"))["preferences"]["compared"] == 0


def test_a_mark_is_shown_and_the_pair_allowed(home: Workspace) -> None:
    home.store.answers.add([Answer(2, "<think>\nNothing to do.\n</think>\n\nYou are welcome. Bye!", "long")])
    one, *_, longer = candidates(2)
    assert "they differ only in length · one pair" in run("prefer", "2", one["id"], longer["id"], "--second")


def test_preferences_are_exported_and_frozen(home: Workspace, tmp_path: Path) -> None:
    one, other, third = (c["id"] for c in candidates(2))
    run("prefer", "2", one, third, "--first")
    first = freeze(home, "set", anyway="a test").manifest
    run("prefer", "2", other, one, "--first")
    run("decide", "2", "--correct")
    run("export", "--out", str(tmp_path / "out"))
    sft, dpo = (
        [json.loads(line) for line in (tmp_path / "out" / f"{name}.jsonl").read_text().splitlines()]
        for name in ("sft", "dpo")
    )
    assert len(sft) == 1 and len(dpo) == 2
    assert {row["turn"] for row in dpo} == {f"{1:032x}"} and {row["reviewer"] for row in dpo} == {"ann"}
    assert all(row["prompt"] == sft[0]["prompt"] and row["tools"] == sft[0]["tools"] for row in dpo)
    assert dpo[1]["chosen"] == [{"role": "assistant", "content": "You are welcome. Good night!"}]
    second = freeze(home, "set", anyway="a test").manifest
    assert (first.rows("pairs"), second.rows("pairs"), second.rows("sft")) == (1, 2, 1)
    rows = [row for _, row in frozen_rows(home, second)]
    assert {row.origin.rejected for row in rows} == {
        "",
        "a generated answer of base+adapter",
        "the logged output",
    }
    found = compare(home, first, second)
    assert (len(found.added), len(found.removed), len(found.changed)) == (2, 0, 0)
    assert "preferred by ann" in run("diff", "set-v1", "set-v2")
    assert "says which is better" in run("why", "2")


def test_logs_of_several_models_are_candidates(home: Workspace) -> None:
    from msgspec.structs import replace

    turn = home.store.turns.get(6)
    call = (ToolCall("light.set", {"room": "kitchen", "state": "on"}),)
    again = replace(turn, key="f" * 32, id=0, output=Output("Simple.", None, call), raw="other", model="big")
    source = home.store.sources.begin("more.jsonl", "chat", "chat/1", "01", 10, "real")
    home.store.turns.add(source, [], [(again, ())])
    [row] = json.loads(run("pairs", "id:6", "--json"))["turns"]
    assert row["sources"] == {"logged": 1, "session": 1} and row["likeness"] == "differ"
