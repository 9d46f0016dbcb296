"""The palette finds every command of every area, with its present key, and runs it where it belongs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.command import CommandList, CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from curator.settings import load_settings
from curator.store import SavedView
from curator.tui.app import CuratorApp
from curator.tui.commands import AREAS, commands
from curator.tui.commands.keymap import checked_keymap, use
from curator.tui.palette import command_entries
from curator.tui.screens.browse import BrowseScreen
from curator.tui.screens.editor import EditorScreen
from curator.tui.screens.review import ReviewScreen
from curator.tui.screens.train import TrainScreen
from curator.workspace import Workspace
from tests.tui.conftest import Drive, press, settle, text


@pytest.fixture(autouse=True)
def default_keys() -> Iterator[None]:
    yield
    use({})


async def choose(app: CuratorApp, pilot: Pilot[None], words: str) -> None:
    """Type words into the palette and take the first line."""
    await pilot.press("ctrl+p")
    await pilot.pause()
    assert isinstance(app.screen, CommandPalette)
    app.screen.query_one(Input).value = words
    for _ in range(60):
        await pilot.pause(0.05)
        found = app.screen.query_one(CommandList)
        if found.option_count and found.highlighted is not None:
            break
    await pilot.pause(0.2)
    await pilot.press("enter")
    await settle(app, pilot)


async def test_every_command_of_every_area_is_there_with_its_present_key(workspace: Workspace) -> None:
    app = CuratorApp(workspace, "ann", chosen_keys=checked_keymap({"browse.sort-turns": "f9"}))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(app, pilot)
        entries = list(command_entries(app, app.screen))
        every = [command for area in AREAS for command in commands(area)]
        assert len(entries) == len(every)
        assert {(entry.group, entry.title, entry.about) for entry in entries} == {
            (command.area, command.title(), command.doc()) for command in every
        }
        assert {entry.key for entry in entries if entry.title == "Sort turns"} == {"f9"}
        groups = list(dict.fromkeys(entry.group for entry in entries))
        assert groups[:2] == ["Review", "Search in a turn"]
        assert len(groups) == len(AREAS)


async def test_the_list_keeps_the_areas_together(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await pilot.press("ctrl+p")
        await settle(app, pilot)
        await pilot.pause(0.5)
        options = app.screen.query_one(CommandList).options
        groups = [str(option.prompt).partition(" · ")[2].split("\n")[0].split("  ")[0] for option in options]
        together = [group for at, group in enumerate(groups) if not at or groups[at - 1] != group]
        assert len(together) == len(set(together))


async def test_a_command_of_another_area_goes_there_first(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await choose(app, pilot, "Choose all")
        assert isinstance(app.screen, BrowseScreen)
        assert "6 chosen" in text(app, "header")
        await choose(app, pilot, "Mark correct")
        assert isinstance(app.screen, ReviewScreen)
        assert app.flow is not None and app.flow.meters.decided == 1
        await choose(app, pilot, "Entry below")
        assert isinstance(app.screen, TrainScreen)


async def test_a_command_of_the_editor_opens_it_and_says_the_key(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await choose(app, pilot, "Pick tool")
        assert isinstance(app.screen, EditorScreen)
        assert any("ctrl+t is: Pick tool" in toast.message for toast in app._notifications)
        await choose(app, pilot, "Skip turn")
        assert isinstance(app.screen, EditorScreen)
        assert any("leave correction editor first" in toast.message for toast in app._notifications)
        assert app.flow is not None and app.flow.meters.decided == 0


async def test_views_tiers_orders_and_themes_are_found(workspace: Workspace, drive: Drive) -> None:
    workspace.store.views.save(
        SavedView("broken ones", "check:malformed", "newest", "bea", "2026-01-01T00:00:00")
    )
    async with drive(workspace) as (app, pilot):
        await choose(app, pilot, "broken ones")
        assert isinstance(app.screen, BrowseScreen)
        assert "1 of 1" in text(app, "header") and "newest first" in text(app, "header")
        await choose(app, pilot, "home · Tier")
        assert app.screen.query_one("#query", Input).value == "tier:home"
        assert "of 6" in text(app, "header")
        await choose(app, pilot, "most calls")
        assert "most calls first" in text(app, "header")
        assert app.screen.query_one("#query", Input).value == "tier:home"
        await choose(app, pilot, "diversity")
        assert isinstance(app.screen, ReviewScreen)
        assert app.flow is not None and app.flow.arranged is not None
        assert app.flow.arranged.plan.order == "diversity"
        await choose(app, pilot, "curator-light")
        assert app.theme == "curator-light"
        assert load_settings().theme == "curator-light"


async def test_a_key_finds_its_command(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await choose(app, pilot, "f2")
        assert app.theme == "curator-light"


async def test_the_theme_is_kept_and_a_failure_is_said(
    workspace: Workspace, drive: Drive, tmp_path: Path
) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "f2", "f2")
        assert load_settings().theme == app.theme == "curator-contrast"
        (tmp_path / "config" / "curator" / "settings.toml").write_text("theme =")
        await press(app, pilot, "f2")
        assert app.theme == "curator-ansi"
        assert any("Setting not kept" in toast.message for toast in app._notifications)
