"""The screen that reads logs in: from an empty folder to the first turn, and what gets in the way."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from curator.jobs import Progress
from curator.tui.app import CuratorApp
from curator.tui.screens import ingest as ingest_screen
from curator.tui.screens.ingest import IngestScreen
from curator.tui.screens.keys import KeysScreen
from curator.tui.screens.review import ReviewScreen
from curator.workspace import Workspace
from tests.tui.conftest import Drive, press, settle, text
from tests.tui.workspaces import house, make_workspace


def log(path: Path, *answers: str) -> Path:
    """Write a log of one turn a line."""
    rows = (
        {"messages": [{"role": "user", "content": f"say {a}"}, {"role": "assistant", "content": a}]}
        for a in answers
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def nowhere(tmp_path: Path) -> Workspace:
    folder = tmp_path / "agent"
    folder.mkdir()
    return Workspace.at(folder)


async def type_path(app: CuratorApp, pilot: Pilot[None], path: Path | str) -> None:
    """Paste a path and wait until it was looked at."""
    field = app.screen.query_one("#path", Input)
    field.value = str(path)
    field.cursor_position = len(field.value)
    await pilot.pause(0.2)
    await settle(app, pilot)


def screen(app: CuratorApp) -> IngestScreen:
    assert isinstance(app.screen, IngestScreen)
    return app.screen


async def test_from_an_empty_folder_to_the_first_turn(tmp_path: Path, drive: Drive) -> None:
    home = nowhere(tmp_path)
    path = log(tmp_path / "a log.jsonl", "one", "two")
    async with drive(home) as (app, pilot):
        assert "No workspace in agent yet" in text(app, "greeting")
        assert not (home.folder / ".curator").exists()
        await type_path(app, pilot, f"'{path}'")
        assert "✓ chat rows" in text(app, "look")
        await press(app, pilot, "enter")
        assert screen(app).state == "report"
        assert "2 new turns" in text(app, "report")
        assert "2 sessions · 2 turns · 0 calls" in text(app, "report")
        await press(app, pilot, "enter")
        assert isinstance(app.screen, ReviewScreen)
        assert "1 of 2" in text(app, "header")
        await press(app, pilot, "y")
        assert app.flow is not None and app.flow.meters.decided == 1
    assert Workspace.open(home.folder).store.turns.count() == 2


async def test_leaving_without_reading_leaves_nothing_behind(tmp_path: Path, drive: Drive) -> None:
    home = nowhere(tmp_path)
    async with drive(home) as (app, pilot):
        await press(app, pilot, "escape", "enter", "tab", "down", "f2", "ctrl+q")
    assert not (home.folder / ".curator").exists()


async def test_a_read_that_failed_leaves_true_words(tmp_path: Path, drive: Drive) -> None:
    bad = tmp_path / "notes.bin"
    bad.write_bytes(b"\x00\x01")
    async with drive(nowhere(tmp_path)) as (app, pilot):
        await type_path(app, pilot, bad)
        assert "✗ the file is in no format" in text(app, "look")
        await press(app, pilot, "enter")
        assert "Nothing could be read" in text(app, "report")
        assert "Nothing ingested yet in agent" in text(app, "greeting")
        assert "No workspace" not in text(app, "greeting")
        assert "review" not in text(app, "keys")
        await press(app, pilot, "enter")
        assert screen(app).state == "asking" and isinstance(app.focused, Input)
        await app.action_go("browse")
        await settle(app, pilot)
        assert "Nothing ingested yet" in text(app, "notice")
        await app.action_go("review")
        await settle(app, pilot)
        assert "Nothing ingested yet" in text(app, "notice")


async def test_an_error_is_said_and_the_path_stays(
    tmp_path: Path, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = log(tmp_path / "log.jsonl", "one")
    home = nowhere(tmp_path)
    (home.folder / ".curator").write_text("in the way")
    async with drive(home) as (app, pilot):
        await type_path(app, pilot, tmp_path / "absent.jsonl")
        await press(app, pilot, "enter")
        assert "no such file" in text(app, "look")
        await type_path(app, pilot, path)
        await press(app, pilot, "enter")
        assert screen(app).state == "asking"
        assert "✗ Workspace problem" in text(app, "look")
        assert app.screen.query_one(Input).value == str(path)


async def test_no_screen_offers_or_breaks_where_nothing_is_ingested(tmp_path: Path, drive: Drive) -> None:
    async with drive(nowhere(tmp_path)) as (app, pilot):
        for mode, keys in {
            "review": [*"ynxuUzthNGowgejk"],
            "browse": [*"ynxuUtvsS", "space", "asterisk", "tab", "slash", "escape", "escape"],
            "dataset": [*"fgsjku", "tab", "enter", "space", "escape"],
            "pairs": [*"adsuUxkj", "space", "tab", "left", "right", "enter", "escape"],
            "train": ["enter", *"srljk", "escape"],
        }.items():
            await app.action_go(mode)
            await settle(app, pilot)
            if mode != "train":
                assert "Nothing ingested yet" in text(app, "notice")
                assert mode == "dataset" or "I ingest" in text(app, "keys")
                assert mode == "dataset" or "correct" not in text(app, "keys")
            for key in keys:
                await press(app, pilot, key)
                assert app.is_running, (mode, key)
        assert not (app.workspace.folder / ".curator").exists()


async def test_paths_are_completed(tmp_path: Path, drive: Drive) -> None:
    for name in ("agent-a.jsonl", "agent-b.jsonl", "zoo.jsonl"):
        log(tmp_path / name, "x")
    async with drive(Workspace.at(tmp_path)) as (app, pilot):
        await type_path(app, pilot, f"{tmp_path}/a")
        field = app.screen.query_one(Input)
        await press(app, pilot, "tab")
        assert field.value == f"{tmp_path}/agent-"
        await pilot.pause(0.2)
        await settle(app, pilot)
        await press(app, pilot, "up", "enter")
        assert field.value == f"{tmp_path}/agent-b.jsonl"
        assert screen(app).state == "asking"
        await pilot.pause(0.2)
        await press(app, pilot, "enter")
        assert screen(app).state == "report"


class Slow:
    """An ingest that waits until it is let go, and hears when it is stopped."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.original = ingest_screen._ingest
        self.saw_cancelled = False

    def __call__(self, workspace: Workspace, path: Path, progress: Any) -> Any:
        progress.begin("slow", 100)
        progress.advance(40)
        while not self.go_on.wait(0.01) and not progress.cancelled:
            pass
        self.saw_cancelled = progress.cancelled
        return self.original(workspace, path, progress)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    one = Slow()
    monkeypatch.setattr(ingest_screen, "_ingest", one)
    yield one
    one.go_on.set()


async def begin(app: CuratorApp, pilot: Pilot[None], path: Path) -> None:
    """Begin to read, without waiting for the end."""
    await type_path(app, pilot, path)
    await pilot.press("enter")
    await pilot.pause(0.1)
    assert screen(app).state == "reading"


async def test_letters_change_no_screen_while_it_reads(tmp_path: Path, drive: Drive, slow: Slow) -> None:
    async with drive(nowhere(tmp_path)) as (app, pilot):
        await begin(app, pilot, log(tmp_path / "log.jsonl", "one"))
        while "40 bytes of 100 bytes" not in text(app, "progress"):
            await pilot.pause(0.05)
        for key in ("B", "R", "T", "q", "I", "question_mark", "enter", "tab"):
            await pilot.press(key)
            await pilot.pause()
        assert screen(app).state == "reading" and app.is_running
        assert app.screen.query_one(Input).value.endswith("log.jsonl")
        slow.go_on.set()
        await settle(app, pilot)
        assert screen(app).state == "report"


async def test_escape_stops_and_says_so(tmp_path: Path, drive: Drive, slow: Slow) -> None:
    async with drive(nowhere(tmp_path)) as (app, pilot):
        await begin(app, pilot, log(tmp_path / "log.jsonl", "one"))
        await pilot.press("escape")
        await settle(app, pilot)
        assert slow.saw_cancelled
        assert "Stopped. What was read is stored" in text(app, "report")


@pytest.mark.parametrize("over", ["f1", "ctrl+p"])
async def test_what_stands_over_it_stays_when_reading_ends(
    over: str, tmp_path: Path, drive: Drive, slow: Slow
) -> None:
    async with drive(nowhere(tmp_path)) as (app, pilot):
        await begin(app, pilot, log(tmp_path / "log.jsonl", "one"))
        await pilot.press(over)
        await pilot.pause(0.1)
        assert isinstance(app.screen, KeysScreen | CommandPalette)
        slow.go_on.set()
        for _ in range(100):
            await pilot.pause(0.05)
            if app.flow is not None:
                break
        assert isinstance(app.screen, KeysScreen | CommandPalette)
        await pilot.press("escape")
        await settle(app, pilot)
        assert screen(app).state == "report"
        await press(app, pilot, "enter")
        assert isinstance(app.screen, ReviewScreen)


async def test_quitting_stops_the_reading(tmp_path: Path, drive: Drive, slow: Slow) -> None:
    async with drive(nowhere(tmp_path)) as (app, pilot):
        await begin(app, pilot, log(tmp_path / "log.jsonl", "one"))
        await pilot.press("ctrl+q")
    await asyncio.sleep(0.1)
    assert slow.saw_cancelled


async def test_more_logs_come_behind_what_is_there(tmp_path: Path, drive: Drive) -> None:
    workspace = make_workspace(tmp_path / "ws", house())
    path = log(tmp_path / "log.jsonl", "one", "two")
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "y", "I")
        assert "ws holds 6 turns" in text(app, "greeting")
        assert "esc back to the review" in text(app, "keys")
        await type_path(app, pilot, path)
        await press(app, pilot, "enter")
        assert "2 new turns" in text(app, "report")
        await press(app, pilot, "escape")
        assert screen(app).state == "asking"
        await type_path(app, pilot, path)
        await press(app, pilot, "enter")
        assert "nothing is new" in text(app, "report")
        await press(app, pilot, "enter")
        assert isinstance(app.screen, ReviewScreen)
        assert app.flow is not None
        assert (app.flow.meters.turns, app.flow.meters.decided) == (8, 1)
        await press(app, pilot, "u")
        assert app.flow.meters.decided == 0
        await press(app, pilot, "I", "escape")
        assert isinstance(app.screen, ReviewScreen)


async def test_browse_hears_of_new_turns(tmp_path: Path, drive: Drive) -> None:
    async with drive(make_workspace(tmp_path / "ws", house())) as (app, pilot):
        await press(app, pilot, "B")
        assert "of 6" in text(app, "header")
        await press(app, pilot, "I")
        await type_path(app, pilot, log(tmp_path / "log.jsonl", "one"))
        await press(app, pilot, "enter", "enter", "B")
        assert "of 7" in text(app, "header")


async def test_the_demo_is_opened_instead(tmp_path: Path) -> None:
    def make(progress: Progress) -> Workspace:
        progress.begin("making")
        return make_workspace(tmp_path / "demo", house())

    home = nowhere(tmp_path)
    app = CuratorApp(home, "ann", make_demo=make)
    async with app.run_test(size=(160, 48), notifications=True) as pilot:
        await settle(app, pilot)
        assert "ctrl+o open the demo" in text(app, "keys")
        await app.action_go("train")
        await app.action_go("ingest")
        await press(app, pilot, "ctrl+o")
        assert isinstance(app.screen, ReviewScreen)
        assert "1 of 6" in text(app, "header") and app.demo
        await press(app, pilot, "T")
        assert "demo" in text(app, "header").lower()
        await press(app, pilot, "I")
        assert "the demo" not in text(app, "keys") + text(app, "look")
    assert not (home.folder / ".curator").exists()


async def test_a_demo_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    def make(progress: Progress) -> Workspace:
        raise OSError("no room")

    app = CuratorApp(nowhere(tmp_path), "ann", make_demo=make)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        await press(app, pilot, "ctrl+o")
        assert "no room" in text(app, "look")
        assert screen(app).state == "asking"
