"""The Dataset screen by keys: every section, waiving, copies left out and undone, hiding, freezing."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from curator.datasets import count, freezing
from curator.datasets.frozen import all_datasets
from curator.model import Turn
from curator.review import Desk
from curator.tui.app import CuratorApp
from curator.tui.screens.browse import BrowseScreen
from curator.tui.screens.dataset import DatasetScreen
from curator.tui.screens.freezing import FreezeScreen
from curator.tui.screens.frozen_set import DifferenceScreen, SetScreen
from curator.tui.screens.group import GroupScreen
from curator.tui.screens.review import ReviewScreen
from curator.tui.widgets.entry_list import EntryList
from curator.tui.widgets.query_input import QueryInput
from curator.tui.widgets.turn_list import TurnList
from curator.workspace import Workspace
from tests.tui.conftest import Drive, press, settle, text
from tests.tui.datasets import LOOSE, MAIL, STORY, copied, copied_workspace
from tests.tui.workspaces import make_workspace


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    """Fourteen turns, twelve of them decided; two gates are open."""
    return copied_workspace(tmp_path / "ws")


@pytest.fixture
def sound(tmp_path: Path) -> Workspace:
    """The same turns under gates that are met."""
    return copied_workspace(tmp_path / "ws", LOOSE)


def entries(app: CuratorApp, id: str) -> list[str]:
    """Return the lines of a list."""
    return [option.prompt.plain for option in app.screen.query_one(f"#{id}", EntryList).options]


def choose(app: CuratorApp, id: str, key: str) -> None:
    """Put the cursor of a list on a line."""
    app.screen.query_one(f"#{id}", EntryList).choose(key)


def query(app: CuratorApp) -> str:
    """Return what Browse was asked for."""
    assert isinstance(app.screen, BrowseScreen)
    return app.screen.query_one("#query", QueryInput).value


def states(workspace: Workspace, turns: Sequence[int]) -> list[str]:
    return [one.state for one in workspace.store.journal.resolutions(turns).values()]


async def heard(app: CuratorApp, pilot: Any) -> None:
    """Wait until what others decided is heard."""
    await pilot.pause(0.5)
    await settle(app, pilot)


# Meters


async def test_the_meters_say_what_stands_and_what_to_do(home: Workspace, drive: Drive) -> None:
    async with drive(home) as (app, pilot):
        await press(app, pilot, "D")
        assert isinstance(app.screen, DatasetScreen)
        board = "\n".join(entries(app, "board"))
        assert "no call" in board and "n 5" in board and "42%" in board and "too many" in board
        assert "1 more row with another number of calls than no call" in board
        assert "12 of 16" in board and "4 more" in board
        assert "0 of 1 row" in board and "An answer to thanks" in board
        assert "✗ open" in board and "✓ met" in board
        assert "12 SFT" in text(app, "header") and "2 gates open" in text(app, "header")


async def test_enter_lists_the_turns_that_would_help(home: Workspace, drive: Drive) -> None:
    async with drive(home) as (app, pilot):
        await press(app, pilot, "D")
        for key, asked in (
            ("band:one", "calls:1 verdict:none"),
            ("band:none", "calls:>0 verdict:none"),
            ("gate:band_none", "calls:>0 verdict:none"),
            ("target:tier:home", "tier:home verdict:none"),
            ("target:rows", "verdict:none"),
        ):
            choose(app, "board", key)
            await press(app, pilot, "enter")
            assert query(app) == asked, key
            assert set(app.screen.query_one(TurnList).ids) <= {1, 14}
            await press(app, pilot, "D")


async def test_a_detector_narrows_the_queue(tmp_path: Path, drive: Drive) -> None:
    rules = LOOSE.replace('tag = "polite"', 'detector = "no_call"')
    home = copied_workspace(tmp_path / "detected", rules, decided=range(3, 5))
    async with drive(home) as (app, pilot):
        await press(app, pilot, "D")
        choose(app, "board", "item:polite")
        await press(app, pilot, "enter")
        assert isinstance(app.screen, ReviewScreen)
        assert "helping: " in text(app, "header") and 2 in app.flow.ids and 5 not in app.flow.ids


async def test_what_no_turn_helps_says_so(home: Workspace, drive: Drive) -> None:
    async with drive(home) as (app, pilot):
        await press(app, pilot, "D")
        choose(app, "board", "gate:valid_calls")
        await press(app, pilot, "enter")
        assert "met already" in text(app, "status") and isinstance(app.screen, DatasetScreen)
        choose(app, "board", "item:polite")
        await press(app, pilot, "enter")
        assert "No turn of this workspace is known to help" in text(app, "status")


async def test_a_gate_is_waived_with_a_reason_and_held_again(home: Workspace, drive: Drive) -> None:
    async with drive(home) as (app, pilot):
        await press(app, pilot, "D", "W")
        assert "Go to a gate that is open" in text(app, "status")
        choose(app, "board", "gate:coverage_polite")
        await press(app, pilot, "W", "enter")
        assert "coverage_polite" not in home.store.waivers.standing(), "there is no reason yet"
        await press(app, pilot, *"a pilot", "enter")
        waiver = home.store.waivers.standing()["coverage_polite"]
        assert (waiver.reason, waiver.reviewer) == ("a pilot", "ann")
        assert "1 gate open" in text(app, "header") and "a pilot (ann" in "\n".join(entries(app, "board"))
        await press(app, pilot, "W")
        assert not home.store.waivers.standing() and "2 gates open" in text(app, "header")
        assert "held again" in text(app, "status")


async def test_others_decide_and_wherever_one_is_it_is_seen(home: Workspace, drive: Drive) -> None:
    async with drive(home) as (app, pilot):
        await press(app, pilot, "D")
        desk = Desk(home.store, home.profile, "ben")
        desk.verdict(1, "correct")
        await heard(app, pilot)
        assert "13 SFT" in text(app, "header") and "13 of 16" in "\n".join(entries(app, "board"))
        assert "ben: ✓ correct" in text(app, "status")
        await press(app, pilot, "3")
        assert " 13 " in entries(app, "tiers-list")[1]
        desk.verdict(14, "correct")
        await heard(app, pilot)
        assert " 14 " in entries(app, "tiers-list")[1]
        await press(app, pilot, "R", "u", "D")
        assert "13 SFT" in text(app, "header") and " 13 " in entries(app, "tiers-list")[1]


# Plots and tiers


@pytest.mark.parametrize("size", [(160, 48), (80, 24), (250, 70)])
async def test_plots_fit_every_width(home: Workspace, drive: Drive, size: tuple[int, int]) -> None:
    async with drive(home, size=size) as (app, pilot):
        await press(app, pilot, "D", "2")
        drawn = text(app, "plots-text")
        assert "light.set" in drawn and "heating.set" in drawn and "real" in drawn and "log.jsonl" in drawn
        assert max(map(len, drawn.splitlines())) <= size[0]
        assert "the profile sets no budget" in drawn


async def test_a_budget_is_marked(tmp_path: Path, drive: Drive) -> None:
    home = copied_workspace(tmp_path / "long", f"{LOOSE}\n[lengths]\nmax_tokens = 1000\n")
    async with drive(home) as (app, pilot):
        await press(app, pilot, "D", "2")
        assert "budget 1 000 tokens · " in text(app, "plots-text").replace("\u202f", " ")


async def test_a_tier_leads_to_its_turns(home: Workspace, drive: Drive) -> None:
    async with drive(home) as (app, pilot):
        await press(app, pilot, "D", "3")
        lines = entries(app, "tiers-list")
        assert "turns" in lines[0] and "4 more" in lines[1]
        await press(app, pilot, "enter")
        assert query(app) == "tier:home verdict:none"


# Copies


async def test_copies_are_left_out_as_one_act_and_brought_back(home: Workspace, drive: Drive) -> None:
    async with drive(home) as (app, pilot):
        await press(app, pilot, "D", "4")
        first, second = entries(app, "groups")
        assert (
            "4 equal" in first and "3 to leave out" in first and "3 alike" in second and STORY[:20] in second
        )
        assert "2 groups among 12 turns" in text(app, "copies-about")
        await press(app, pilot, "x")
        assert states(home, range(7, 11)) == ["correct", "skipped", "skipped", "skipped"]
        assert "✓ one is left" in entries(app, "groups")[0] and "9 SFT" in text(app, "header")
        assert app.flow.meters == count(home.store, profile=home.profile)
        await press(app, pilot, "u")
        assert states(home, range(7, 11)) == ["correct"] * 4 and "12 SFT" in text(app, "header")
        assert "3 to leave out" in entries(app, "groups")[0]
        await press(app, pilot, "U")
        assert states(home, range(7, 11)).count("skipped") == 3
        await press(app, pilot, "X")
        assert states(home, range(11, 14)) == ["correct", "skipped", "skipped"]
        assert "one of each is left" in text(app, "copies-about") and "7 SFT" in text(app, "header")
        await press(app, pilot, "X")
        assert "No copy is left" in text(app, "status")
        assert app.flow.meters == count(home.store, profile=home.profile)


async def test_side_by_side_another_one_stays(home: Workspace, drive: Drive) -> None:
    async with drive(home) as (app, pilot):
        await press(app, pilot, "D", "4", "down", "enter")
        assert isinstance(app.screen, GroupScreen)
        assert "#11 · ✓ correct · stays" in str(app.screen.query_one("#stays").border_title)
        assert "1 difference, marked" in text(app, "group-about")
        assert "▌.▐" in text(app, "other") and STORY[:12] in text(app, "stays")
        await press(app, pilot, "right")
        assert "#13" in str(app.screen.query_one("#other").border_title)
        await press(app, pilot, "space", "x")
        assert states(home, range(11, 14)) == ["skipped", "skipped", "correct"]
        await press(app, pilot, "enter", "space")
        assert "left out already" in text(app, "group-about")
        await press(app, pilot, "escape", "u")
        assert states(home, range(11, 14)) == ["correct"] * 3


async def test_copies_are_looked_for_among_all_turns(tmp_path: Path, drive: Drive) -> None:
    home = copied_workspace(tmp_path / "few", decided=range(7, 8))
    async with drive(home) as (app, pilot):
        await press(app, pilot, "D", "4")
        assert "no two are alike among 1 turns" in text(app, "copies-about")
        await press(app, pilot, "o")
        assert len(entries(app, "groups")) == 2 and "·3" in entries(app, "groups")[0]
        await press(app, pilot, "x")
        assert states(home, range(7, 11)) == ["correct", "skipped", "skipped", "skipped"]


async def test_escape_cancels_the_search(
    home: Workspace, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search waits in its first turn until it is cancelled."""
    go_on, each = threading.Event(), home.store.turns.each

    async with drive(home) as (app, pilot):

        def slow(turns: Sequence[int]) -> Iterator[Turn]:
            go_on.wait(20)
            yield from each(turns)

        monkeypatch.setattr(home.store.turns, "each", slow)
        await press(app, pilot, "D")
        await pilot.press("4")
        await pilot.pause(0.3)
        assert "reading turns" in text(app, "copies-job") and "esc cancels" in text(app, "copies-job")
        await pilot.press("escape")
        await pilot.pause()
        assert "stopping" in text(app, "copies-job")
        go_on.set()
        await settle(app, pilot)
        assert "Stopped. r looks again." in text(app, "copies-about")
        assert isinstance(app.screen, DatasetScreen) and not entries(app, "groups")
        await press(app, pilot, "r")
        assert len(entries(app, "groups")) == 2
        await press(app, pilot, "escape")
        assert isinstance(app.screen, ReviewScreen)


# Secrets


async def test_secrets_are_listed_and_hidden(home: Workspace, drive: Drive) -> None:
    async with drive(home) as (app, pilot):
        await press(app, pilot, "D", "5")
        assert "1 turn with secrets" in text(app, "private-about")
        await pilot.pause(0.1)
        await settle(app, pilot)
        assert MAIL in text(app, "private-found") and "token" in text(app, "private-found")
        await press(app, pilot, "h", "enter")
        assert len(home.store.journal.redactions(14)) == 2
        assert "No turn with secrets" in text(app, "private-about") and "2 hidden" in text(app, "status")
        await press(app, pilot, "u")
        assert "1 turn with secrets" in text(app, "private-about")
        await press(app, pilot, "enter")
        assert isinstance(app.screen, ReviewScreen) and app.screen.card.turn.id == 14


# Freezing


async def test_open_gates_refuse_in_words(home: Workspace, drive: Drive) -> None:
    async with drive(home) as (app, pilot):
        await press(app, pilot, "D", "f")
        assert isinstance(app.screen, FreezeScreen)
        assert "12 SFT rows, 0 preference pairs" in text(app, "ahead")
        await press(app, pilot, "enter")
        said = text(app, "freeze-said")
        assert "Not yet: 1 more row" in said and "no row yet: An answer to thanks" in said and "W" in said
        assert not all_datasets(home)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, DatasetScreen)


async def test_freeze_look_and_compare(sound: Workspace, drive: Drive) -> None:
    async with drive(sound) as (app, pilot):
        await press(app, pilot, "D", "6")
        assert "No frozen data set yet" in text(app, "frozen-about")
        await press(app, pilot, "f")
        app.screen.query_one("#name", Input).value = "no name!"
        await press(app, pilot, "enter")
        assert "no name for a data set" in text(app, "freeze-said")
        app.screen.query_one("#name", Input).value = "first"
        await press(app, pilot, "enter")
        assert "✓ frozen: first-v1" in text(app, "status")
        (first,) = all_datasets(sound)
        assert (first.id, first.created_by, first.rows("sft")) == ("first-v1", "ann", 12)
        assert "first-v1" in entries(app, "sets")[0] and first.sha256 in text(app, "frozen-text")
        await press(app, pilot, "f", *["backspace"] * 9, *"first", "enter")
        assert "the same rows were frozen before: first-v1" in text(app, "status")
        await press(app, pilot, "4", "x", "f", *["backspace"] * 9, *"first", "enter")
        assert [one.id for one in all_datasets(sound)] == ["first-v2", "first-v1"]
        assert app.screen.query_one("#sets", EntryList).chosen == "set:first-v2"
        await press(app, pilot, "enter")
        assert isinstance(app.screen, SetScreen) and "9 SFT rows" in text(app, "page-text")
        await press(app, pilot, "equals_sign", "enter")
        assert isinstance(app.screen, DifferenceScreen)
        assert "− 3 removed" in text(app, "page-text") and "+ 0 added" in text(app, "page-text")
        await press(app, pilot, "escape", "escape", "d", "enter")
        assert isinstance(app.screen, DifferenceScreen)


async def test_escape_cancels_the_freezing(
    sound: Workspace, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, gather = threading.Event(), freezing._gather

    def slow(*given: Any) -> Any:
        go_on.wait(20)
        return gather(*given)

    async with drive(sound) as (app, pilot):
        await press(app, pilot, "D", "f")
        monkeypatch.setattr(freezing, "_gather", slow)
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert app.screen.query_one("#freeze-job").display and app.screen.query_one("#name").disabled
        await pilot.press("escape")
        go_on.set()
        await settle(app, pilot)
        assert "Stopped" in text(app, "freeze-said") and not all_datasets(sound)
        assert not list((sound.folder / "datasets").iterdir())
        await press(app, pilot, "enter")
        assert [one.id for one in all_datasets(sound)] == ["demo-v1"]


async def test_a_query_narrows_what_is_frozen(sound: Workspace, drive: Drive) -> None:
    async with drive(sound) as (app, pilot):
        await press(app, pilot, "D", "f", "tab", *"calls:0")
        await pilot.pause(0.6)
        await settle(app, pilot)
        assert "5 SFT rows" in text(app, "ahead")
        app.screen.query_one("#only", Input).value = "nonsense:1"
        await pilot.pause(0.6)
        await settle(app, pilot)
        assert "There is no filter 'nonsense'" in text(app, "freeze-said")
        app.screen.query_one("#only", Input).value = "calls:0"
        await press(app, pilot, "enter")
        (frozen,) = all_datasets(sound)
        assert frozen.rows("sft") == 5 and frozen.query == "calls:0"


async def test_a_set_is_trained_from_its_card(
    sound: Workspace, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def launch(workspace: Workspace, **settings: Any) -> Path:
        asked.append(settings)
        return workspace.runs_dir / "2026-03-04-first-v1-sft-01"

    monkeypatch.setattr("curator.datasets.runs.launch_training", launch)
    async with drive(sound) as (app, pilot):
        await press(app, pilot, "D", "f", "enter", "enter", "T")
        assert asked[0]["frozen"].id == "demo-v1" and asked[0]["preset"] == "default"
        assert app.screen.AREA == "Train"


async def test_why_a_set_cannot_be_trained_is_said(sound: Workspace, drive: Drive) -> None:
    sound.save(type(sound.config)(profile=sound.config.profile, base="nowhere.gguf"))
    async with drive(sound) as (app, pilot):
        await press(app, pilot, "D", "f", "enter", "enter", "T")
        assert isinstance(app.screen, SetScreen) and "nowhere.gguf is not there" in text(app, "page-said")


# The screen


async def test_an_empty_workspace_says_what_to_do(tmp_path: Path, drive: Drive) -> None:
    home = make_workspace(tmp_path / "empty", [])
    async with drive(home) as (app, pilot):
        await app.action_go("dataset")
        await settle(app, pilot)
        assert "I reads the logs of your agent" in text(app, "notice")
        await press(app, pilot, "4", "tab", "x", "enter", "u", "escape")
        assert isinstance(app.screen, ReviewScreen)


async def test_a_workspace_without_rows_shows_every_section(tmp_path: Path, drive: Drive) -> None:
    home = make_workspace(tmp_path / "fresh", copied())
    async with drive(home, size=(80, 24)) as (app, pilot):
        await press(app, pilot, "D")
        assert "empty" in "\n".join(entries(app, "board"))
        await press(app, pilot, "tab")
        assert "No row yet" in text(app, "plots-text")
        await press(app, pilot, "tab", "tab")
        assert "no two are alike" in text(app, "copies-about")
        await press(app, pilot, "shift+tab", "3", "x")
        assert "That key is for: copies" in text(app, "status")


async def test_a_failed_write_is_told(home: Workspace, drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    async with drive(home) as (app, pilot):
        await press(app, pilot, "D", "4")

        def refuse(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(home.store.journal, "append", refuse)
        await press(app, pilot, "x")
        assert "not saved" in text(app, "status") and states(home, [8]) == ["correct"]
