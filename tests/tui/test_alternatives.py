"""Other answers to the prompt of a turn: drawn, listed with their faults, taken, edited, undone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from curator.errors import MissingExtraError, RunError
from curator.model import Taken, ToolCall
from curator.store import Answer
from curator.tui.app import CuratorApp
from curator.tui.screens.alternatives import AlternativesScreen
from curator.tui.screens.editor import EditorScreen
from curator.tui.screens.pairs import PairsScreen
from curator.workspace import Workspace
from tests.tui.answering import TALK, WARM, FakeModel, model
from tests.tui.conftest import Drive, press, settle, text

__all__ = ["model"]

WARM_CALL = ToolCall("heating.set", {"room": "bedroom", "celsius": 22})


def listed(app: CuratorApp) -> list[str]:
    options = app.screen.query_one("#alternatives-list", OptionList)
    return [option.prompt.plain for option in options.options]


def corrected(workspace: Workspace, turn: int = 1) -> Any:
    resolution = workspace.store.journal.resolution(turn)
    assert resolution.decision is not None
    return workspace.store.journal.decision(resolution.decision).correction


async def test_answers_are_drawn_and_the_best_comes_first(
    workspace: Workspace, drive: Drive, model: FakeModel
) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "a")
        assert "no other answer yet" in text(app, "goes-on") and MODEL_NAME in text(app, "goes-on")
        await press(app, pilot, "g")
        assert "4 new" in text(app, "goes-on")
        lines = listed(app)
        assert lines[0].startswith("✓ no fault  heating.set  room bedroom, celsius 22")
        assert f"generated · {MODEL_NAME} · seed 3" in lines[0]
        assert all(line.startswith("✗") for line in lines[2:])
        await pilot.pause(0.1)
        shown = text(app, "alternative")
        assert "- call 1: light.set" in shown and "+ call 1: heating.set" in shown and "It is cold" in shown


async def test_enter_makes_it_the_correction_and_undo_takes_it_back(
    workspace: Workspace, drive: Drive, model: FakeModel
) -> None:
    async with drive(workspace) as (app, pilot):
        first = app.flow.turn_id
        await press(app, pilot, "a", "g", "enter")
        assert not isinstance(app.screen, AlternativesScreen)
        assert app.flow.turn_id != first and "corrected" in text(app, "status")
        correction = corrected(workspace)
        assert correction.tool_calls == (WARM_CALL,)
        assert correction.taken == Taken(answer=4, model=MODEL_NAME, seed=3)
        assert "pairs 1" in text(app, "meters")
        await press(app, pilot, "u")
        assert app.flow.turn_id == first
        assert workspace.store.journal.resolution(1).state == "undecided"
        await press(app, pilot, "a")
        assert len(listed(app)) == 4 and model.asked == 1


async def test_what_breaks_a_rule_is_only_taken_by_way_of_the_editor(
    workspace: Workspace, drive: Drive, model: FakeModel
) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "a", "g", "end", "enter")
        assert isinstance(app.screen, AlternativesScreen)
        assert "cannot be saved as it stands" in text(app, "goes-on")
        await press(app, pilot, "home", "e")
        assert isinstance(app.screen, EditorScreen)
        assert app.screen.draft().correction().tool_calls == (WARM_CALL,)
        app.screen.query_one("#thinking").focus()
        await press(app, pilot, "x", "ctrl+s")
        taken = corrected(workspace).taken
        assert taken == Taken(answer=4, model=MODEL_NAME, seed=3, edited=True)


async def test_a_draft_that_is_kept_is_not_replaced_unasked(
    workspace: Workspace, drive: Drive, model: FakeModel
) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e")
        app.screen.query_one("#thinking").focus()
        await press(app, pilot, "x", "escape", "a", "g", "e")
        assert isinstance(app.screen, AlternativesScreen)
        assert "again replaces it" in text(app, "goes-on")
        await press(app, pilot, "e")
        assert isinstance(app.screen, EditorScreen)


async def test_escape_stops_and_what_was_finished_is_kept(
    workspace: Workspace, drive: Drive, model: FakeModel
) -> None:
    model.may_end.clear()
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "a")
        await pilot.press("g")
        await until(pilot, lambda: len(listed(app)) == 3 and "3 of 4" in text(app, "goes-on"))
        assert "stops" in text(app, "goes-on")
        await press(app, pilot, "escape")
        assert isinstance(app.screen, AlternativesScreen)
        assert "stopped: 3 new" in text(app, "goes-on")
        await press(app, pilot, "escape")
        assert not isinstance(app.screen, AlternativesScreen)
        assert len(workspace.store.answers.of(1)) == 3


async def test_closing_while_it_draws_loses_nothing(
    workspace: Workspace, drive: Drive, model: FakeModel
) -> None:
    model.may_end.clear()
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "a")
        await pilot.press("g")
        await until(pilot, lambda: len(listed(app)) == 3)
        await press(app, pilot, "e")
        assert isinstance(app.screen, EditorScreen)
        assert len(workspace.store.answers.of(1)) == 3


async def test_p_goes_on_to_compare_them(workspace: Workspace, drive: Drive, model: FakeModel) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "a", "p")
        assert isinstance(app.screen, AlternativesScreen)
        await press(app, pilot, "g", "p")
        assert isinstance(app.screen, PairsScreen)
        assert app.screen.bouts is not None and app.screen.bouts.current is not None
        assert 1 in app.screen.bouts.current.duel.sheet.turns
        await press(app, pilot, "escape")
        assert app.screen is app.screen_stack[0] and app.current_mode == "review"


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (RunError("The prompt turn-1 has 9000 tokens."), "has 9000 tokens"),
        (MissingExtraError("pip install 'curator-workbench[train]'"), "curator-workbench[train]"),
    ],
)
async def test_a_failure_is_told_with_its_reason(
    problem: Exception, says: str, workspace: Workspace, drive: Drive, model: FakeModel
) -> None:
    model.problem = problem
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "a", "g")
        assert says in text(app, "goes-on")
        await press(app, pilot, "escape")
        assert not isinstance(app.screen, AlternativesScreen)


async def test_without_a_model_the_way_to_one_is_told(
    workspace: Workspace, drive: Drive, model: FakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("curator.trainer_process.find_spec", lambda name: None)
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "a")
        assert "pip install 'curator-workbench[train]'" in text(app, "goes-on")
        await press(app, pilot, "g", "enter", "e")
        assert isinstance(app.screen, AlternativesScreen) and model.asked == 0


async def test_answers_that_say_what_was_logged_are_counted_not_listed(
    workspace: Workspace, drive: Drive, model: FakeModel
) -> None:
    model.raws = ("<think>\nNothing to do.\n</think>\n\nYou are welcome.",)
    async with drive(workspace) as (app, pilot):
        app.screen_stack[0].look_at(2)
        await press(app, pilot, "a", "g")
        assert listed(app) == [] and "1 as logged" in text(app, "goes-on")
        await press(app, pilot, "enter")
        assert "no other answer differs" in text(app, "goes-on")


async def until(pilot: Pilot[None], is_so: Any) -> None:
    """Wait until something is so, for ten seconds at most."""
    for _ in range(500):
        await asyncio.sleep(0.02)
        await pilot.pause()
        if is_so():
            return
    raise AssertionError("it never came so")


MODEL_NAME = "small + 2026-03-04-home-sft-01"


@pytest.mark.parametrize(
    ("name", "size", "theme", "keys"),
    [
        ("wide", (150, 44), "curator-dark", ["a", "down"]),
        ("narrow-light", (80, 30), "curator-light", ["a"]),
    ],
)
def test_alternatives(
    name: str, size: tuple[int, int], theme: str, keys: list[str],
    workspace: Workspace, model: FakeModel, snap_compare: Any,
) -> None:  # fmt: skip
    settings = {"seed": 3, "temperature": 0.8, "top_p": 0.95, "max_tokens": 256, "engine": "llama"}
    for seed, raw in enumerate((*model.raws, WARM + " ", TALK.replace("cold", "warm")), 3):
        workspace.store.answers.add([Answer(1, raw, MODEL_NAME, settings | {"seed": seed})])
    app = CuratorApp(workspace, "ann", theme=theme)

    async def drive(pilot: Pilot[None]) -> None:
        await settle(app, pilot)
        await press(app, pilot, *keys)
        await pilot.pause(0.1)

    assert snap_compare(app, run_before=drive, terminal_size=size)
