"""What is missing before training, and the way to the turns that would help and back."""

from __future__ import annotations

import threading
from array import array
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette

from curator.datasets import GateState, advice
from curator.tui.lines import missing_line, most_useful
from curator.tui.screens.missing import MissingScreen
from curator.workspace import Workspace
from tests.tui.conftest import Drive, press, review, text
from tests.tui.workspaces import RICH_PROFILE, house, make_workspace


@pytest.fixture
def rich(tmp_path: Path) -> Workspace:
    """Return six turns under a profile with tags, coverage and guidelines."""
    return make_workspace(tmp_path / "rich", house(), rules=RICH_PROFILE)


def gate(id: str, missing: str = "", query: str = "verdict:none", state: str = "open") -> GateState:
    """Return a gate."""
    return GateState(id, id, state, missing, query)


def test_what_only_some_turns_bring_comes_first() -> None:
    rows, one = gate("sft_rows", "9 more SFT rows"), gate("band_one", "2 more rows", "calls:1 verdict:none")
    gates = [rows, gate("met", state="met"), one, gate("pairs", "some reason", state="waived")]
    assert most_useful(gates) == [one, rows]
    line = missing_line(gates, 100).plain
    assert line == "to train: 2 more rows · 9 more SFT rows · ~1 waived · w"
    assert missing_line(gates, 50).plain == "to train: 2 more rows · +1 more · ~1 waived · w"
    assert missing_line(gates, 40).cell_length == 40
    assert missing_line(gates[1:2], 80).plain == "✓ ready to train · T"
    assert missing_line([gates[3]], 80).plain == "✓ ready to train · ~1 waived · T"


async def test_enter_narrows_the_queue_and_escape_returns(rich: Workspace, drive: Drive) -> None:
    async with drive(rich) as (app, pilot):
        await press(app, pilot, "right", "right", "right")
        left = app.flow.turn_id
        await press(app, pilot, "w")
        options = app.screen.query_one("#missing-list")
        assert "rows with no call" in options.get_option_at_index(0).prompt.plain
        await press(app, pilot, "enter")
        assert "helping: rows with no call" in text(app, "header") and "1 of 2" in text(app, "header")
        assert {len(rich.store.turns.get(turn).output.tool_calls) for turn in app.flow.ids} == {0}
        await press(app, pilot, "y")
        assert "2 of 2" in text(app, "header") and "SFT 1/320" in text(app, "meters")
        await press(app, pilot, "escape")
        assert app.flow.turn_id == left and "4 of 6" in text(app, "header")
        assert "helping" not in text(app, "header")


async def test_the_same_key_returns_and_a_finished_search_says_so(rich: Workspace, drive: Drive) -> None:
    async with drive(rich) as (app, pilot):
        await press(app, pilot, "w", "enter", "x", "x")
        assert "found to help is decided" in text(app, "notice")
        await press(app, pilot, "u")
        assert "helping:" in text(app, "header")
        await press(app, pilot, "w")
        assert "1 of 6" in text(app, "header") and "helping" not in text(app, "header")


async def test_a_gate_that_nothing_helps_says_so(rich: Workspace, drive: Drive) -> None:
    async with drive(rich) as (app, pilot):
        await press(app, pilot, "w")
        options = app.screen.query_one("#missing-list")
        options.highlighted = options.get_option_index("gate:coverage_polite")
        await press(app, pilot, "enter")
        assert "No turn of this workspace is known to help" in text(app, "missing-said")
        await press(app, pilot, "escape")
        assert app.flow.queue.helps is None


async def test_advice_stands_beside_the_bands(rich: Workspace, drive: Drive) -> None:
    async with drive(rich, size=(80, 24)) as (app, pilot):
        await press(app, pilot, "w")
        options = app.screen.query_one("#missing-list")
        band = options.get_option("band:one")
        assert "would bring one call to 45%" in band.prompt.plain
        options.highlighted = options.get_option_index("band:one")
        await press(app, pilot, "enter")
        assert app.flow.queue.ids == array("q", [app.flow.turn_id])
        assert "helping: 1 of 1 undecided turns" in text(app, "header")


async def test_a_waived_gate_passes_with_its_reason(rich: Workspace, drive: Drive) -> None:
    rich.store.waivers.give("pairs", "a first try", "ann")
    async with drive(rich) as (app, pilot):
        assert "~1 waived" in text(app, "meters")
        await press(app, pilot, "w")
        options = app.screen.query_one("#missing-list")
        shown = "\n".join(option.prompt.plain for option in options.options)
        assert "~ 100 preference pairs   a first try (ann," in shown
        await press(app, pilot, "escape", "T")
        await press(app, pilot)
        assert "waived: a first try (ann" in text(app, "head")


async def test_a_search_that_ends_under_the_palette_closes_nothing_else(
    workspace: Workspace, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, original = threading.Event(), advice.helping

    def slow(*arguments: Any) -> Any:
        go_on.wait(20)
        return original(*arguments)

    monkeypatch.setattr(advice, "helping", slow)
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "w")
        assert isinstance(app.screen, MissingScreen)
        await pilot.press("enter")
        await pilot.pause(0.1)
        await pilot.press("ctrl+p")
        await pilot.pause(0.1)
        assert isinstance(app.screen, CommandPalette)
        go_on.set()
        await pilot.pause(0.3)
        assert isinstance(app.screen, CommandPalette)
        await press(app, pilot, "escape")
        assert app.screen is review(app)
        assert "helping" in text(app, "header")
