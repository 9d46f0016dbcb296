"""The hints for newcomers: one at a time, in nobody's way, never twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.tui.app import CuratorApp
from curator.tui.commands.base import key_of
from curator.tui.tour import HINTS, Tour, tour_line
from curator.workspace import Workspace
from tests.tui.conftest import press, settle, text


def test_every_hint_names_commands_that_exist() -> None:
    assert len(HINTS) == 5
    for hint in HINTS:
        assert hint.words.format(*map(key_of, hint.commands)) != hint.words


@pytest.mark.parametrize("at", range(len(HINTS)))
def test_a_hint_is_whole_in_the_narrowest_terminal(at: int) -> None:
    assert "…" not in tour_line(Tour(None, at), 80).plain


@pytest.mark.parametrize("kept", ["", "{", "-1", "6", '"x"', "1.5", "[1]"])
def test_a_spoiled_memory_begins_anew(tmp_path: Path, kept: str) -> None:
    path = tmp_path / "tour.json"
    path.write_text(kept)
    assert Tour.load(path).at == 0


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    tour = Tour.load(tmp_path / "file" / "tour.json")
    assert tour.pressed("y")
    assert tour.at == 1


async def test_hints_go_with_their_keys_and_are_remembered(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "state" / "tour.json"
    app = CuratorApp(workspace, "ann", tour=Tour.load(path))
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        assert "hint 1 of 5  Is this right?" in text(app, "tour")
        await press(app, pilot, "x")
        assert "hint 1 of 5" in text(app, "tour")
        await press(app, pilot, "y")
        assert app.flow is not None and app.flow.meters.decided == 2
        assert "hint 2 of 5" in text(app, "tour")
        await press(app, pilot, "u", "space", "w")
        await press(app, pilot, "escape")
        assert "hint 5 of 5" in text(app, "tour")
        await press(app, pilot, "question_mark", "escape")
        assert not app.screen.query_one("#tour").display
    assert Tour.load(path).hint is None


async def test_escape_ends_them_and_f3_begins_again(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "tour.json"
    app = CuratorApp(workspace, "ann", tour=Tour.load(path))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await press(app, pilot, "escape")
        assert not app.screen.query_one("#tour").display
        assert Tour.load(path).hint is None
        await press(app, pilot, "f3")
        assert app.screen.query_one("#tour").display
        assert Tour.load(path).at == 0
