"""A terminal that is too small is told so, and nothing typed is lost."""

from __future__ import annotations

from textual.geometry import Size
from textual.pilot import Pilot
from textual.widgets import Input

from curator.tui.app import CuratorApp
from curator.tui.screens.editor import EditorScreen
from curator.tui.screens.keys import KeysScreen
from curator.tui.widgets.too_small import TooSmall, is_too_small
from curator.workspace import Workspace
from tests.tui.conftest import Drive, press, settle, text


def test_the_least_size() -> None:
    assert not is_too_small(Size(80, 24))
    assert is_too_small(Size(79, 24)) and is_too_small(Size(80, 23))


async def resize(app: CuratorApp, pilot: Pilot[None], width: int, height: int) -> None:
    await pilot.resize_terminal(width, height)
    await pilot.pause(0.1)
    await settle(app, pilot)
    await pilot.pause(0.05)


def covered(app: CuratorApp) -> bool:
    found = list(app.screen.query(TooSmall))
    if found:
        widget, _ = app.screen.get_widget_at(3, 3)
        assert widget is found[0] and found[0].size == app.size
    return bool(found)


async def test_what_was_typed_comes_back(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "B", "slash", *"tier")
        await resize(app, pilot, 70, 20)
        assert covered(app)
        assert "80 × 24 is needed" in str(app.screen.query_one(TooSmall).render())
        await press(app, pilot, "x", "y", "backspace", "R")
        await resize(app, pilot, 40, 10)
        assert "this is 40 × 10" in str(app.screen.query_one(TooSmall).render())
        await resize(app, pilot, 100, 30)
        assert not covered(app)
        assert app.screen.query_one("#query", Input).value == "tier"
        assert app.focused is app.screen.query_one("#query")
        await press(app, pilot, "colon")
        assert app.screen.query_one("#query", Input).value == "tier:"
        assert app.flow is not None and app.flow.meters.decided == 0


async def test_every_screen_is_covered(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "question_mark")
        await resize(app, pilot, 79, 24)
        assert isinstance(app.screen, KeysScreen) and covered(app)
        await resize(app, pilot, 80, 24)
        await press(app, pilot, "escape")
        assert not covered(app)
        await press(app, pilot, "e", "f4")
        assert isinstance(app.screen, EditorScreen)
        await resize(app, pilot, 80, 23)
        assert covered(app)
        # A screen that opens meanwhile is covered too, and all are freed.
        await app.action_go("train")
        await resize(app, pilot, 60, 23)
        assert covered(app)
        await resize(app, pilot, 160, 48)
        assert not covered(app)
        await app.action_go("review")
        await settle(app, pilot)
        await pilot.pause(0.1)
        assert isinstance(app.screen, EditorScreen) and not covered(app)


async def test_an_app_that_starts_small_can_be_left_and_enlarged(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace, (60, 15)) as (app, pilot):
        await pilot.pause(0.1)
        assert covered(app)
        await press(app, pilot, "y")
        await resize(app, pilot, 80, 24)
        assert not covered(app) and "1 of 6" in text(app, "header")
        await resize(app, pilot, 60, 15)
        await pilot.press("ctrl+q")
        await pilot.pause()
    assert app.return_code == 0
