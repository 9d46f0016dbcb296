"""The screen that compares answers, driven by keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.datasets import count
from curator.errors import WorkspaceError
from curator.exporters import decided_rows
from curator.model import Correction, Decision
from curator.review import Desk
from curator.store import Answer
from curator.tui.app import CuratorApp
from curator.tui.screens.pairs import PairsScreen
from curator.workspace import Workspace
from tests.tui.conftest import Drive, press, settle, text
from tests.tui.workspaces import RICH_PROFILE, house, make_workspace

THANKS = "<think>\nNothing to do.\n</think>\n\n"
LIGHT = (
    "<think>\nSimple.\n</think>\n\n<tool_call>\n"
    '{"name": "light.set", "arguments": {"room": "kitchen", "state": "on", "brightness": 80}}\n</tool_call>'
)


@pytest.fixture
def several(tmp_path: Path) -> Workspace:
    """Three answers to the prompt of turn 2, two to that of turn 5."""
    workspace = make_workspace(tmp_path / "several", house())
    workspace.store.answers.add(
        [
            Answer(2, THANKS + "You are most welcome. Good night!", "base"),
            Answer(2, THANKS + "Bye.", "base+adapter"),
            Answer(5, LIGHT, "base"),
        ]
    )
    return workspace


def pairs(app: CuratorApp) -> PairsScreen:
    assert isinstance(app.screen, PairsScreen)
    return app.screen


def preferences(workspace: Workspace) -> list[Decision]:
    return list(workspace.store.journal.preferences())


def sides(app: CuratorApp) -> tuple[str, str]:
    return text(app, "left"), text(app, "right")


async def test_without_two_answers_it_says_what_to_press(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "B", "p")
        assert "No prompt has two answers" in text(app, "notice")
        assert "generates alternatives" in text(app, "notice")
        await press(app, pilot, "left", "space", "right_square_bracket", "left_square_bracket", "u", "escape")
        assert app.current_mode == "browse" and preferences(workspace) == []


async def test_a_key_says_which_is_better_and_goes_on(several: Workspace, drive: Drive) -> None:
    async with drive(several) as (app, pilot):
        await press(app, pilot, "B", "p")
        assert "#2" in text(app, "header") and "2 comparisons of this prompt left" in text(app, "header")
        assert "3 in 2 prompts" in text(app, "meters") and "gives one pair" in text(app, "meters")
        shown = sides(app)
        await press(app, pilot, "left")
        [decision] = preferences(several)
        better = decision.preference
        assert better is not None and better.better == better.left
        assert decision.seconds is not None and decision.turn == 2
        assert "✓ left is better" in text(app, "status") and "u undoes" in text(app, "status")
        assert "1 comparison of this prompt left" in text(app, "header")
        assert "pairs 1/100" in text(app, "meters") and "2 in 2 prompts" in text(app, "meters")
        assert sides(app) != shown
        await press(app, pilot, "right")
        assert "#5" in text(app, "header") and "≠ brightness" in "".join(sides(app))
        await press(app, pilot, "equals_sign")
        assert "Every pair is compared" in text(app, "notice")
        assert app.flow is not None and app.flow.meters == count(several.store, profile=several.profile)
        assert app.flow.meters.preferences == 3 and app.flow.meters.pairs == 2
        assert len([pair for _, pair in decided_rows(several.store, several.profile) if pair]) == 2


async def test_sources_are_hidden_until_it_is_decided(several: Workspace, drive: Drive) -> None:
    async with drive(several) as (app, pilot):
        await press(app, pilot, "B", "p")

        def everything() -> str:
            ids = ("header", "mark", "left", "right", "status", "meters", "prompt")
            return " ".join(text(app, id) for id in ids)

        told = everything()
        assert "generated" not in told and "logged" not in told and "base" not in told
        await press(app, pilot, "x")
        # One of the two meets another answer now: to tell where it came from would spoil that.
        assert "✗ neither is good" in text(app, "status") and "generated" not in everything()
        await press(app, pilot, "x")
        assert "generated · base" in text(app, "status")
        await press(app, pilot, "left_square_bracket")
        assert "neither is good" in text(app, "header") and "generated · base" in text(app, "header")
        await press(app, pilot, "left_square_bracket")
        assert "neither is good" in text(app, "header") and "logged" in text(app, "header")
        assert "deciding again replaces it" in text(app, "meters")


async def test_sides_stay_where_they_were_drawn(several: Workspace, drive: Drive) -> None:
    async with drive(several) as (app, pilot):
        await press(app, pilot, "B", "p")
        before = sides(app)
    async with drive(Workspace.open(several.folder)) as (app, pilot):
        await press(app, pilot, "B", "p")
        assert sides(app) == before


async def test_undo_goes_back_to_the_pair_and_redo_decides_it_again(several: Workspace, drive: Drive) -> None:
    async with drive(several) as (app, pilot):
        await press(app, pilot, "B", "p")
        shown = sides(app)
        await press(app, pilot, "left", "left", "right")
        assert "Every pair" in text(app, "notice")
        await press(app, pilot, "u", "u", "u")
        assert sides(app) == shown and "↶ undone: preference" in text(app, "status")
        assert preferences(several) == [] and "3 in 2 prompts" in text(app, "meters")
        assert "2 comparisons of this prompt left" in text(app, "header")
        await press(app, pilot, "u")
        assert "nothing to undo" in text(app, "status")
        await press(app, pilot, "U")
        assert "✓ left is better" in text(app, "header")
        await press(app, pilot, "ctrl+r", "U")
        assert len(preferences(several)) == 3
        assert app.flow is not None and app.flow.meters == count(several.store, profile=several.profile)


async def test_a_pair_may_be_passed_over_and_decided_anew(several: Workspace, drive: Drive) -> None:
    async with drive(several) as (app, pilot):
        await press(app, pilot, "B", "p", "right_square_bracket")
        assert "#5" in text(app, "header")
        await press(app, pilot, "right_square_bracket")
        assert "2 passed over" in text(app, "notice")
        await press(app, pilot, "left_square_bracket", "left_square_bracket")
        assert "#2" in text(app, "header")
        await press(app, pilot, "left", "left_square_bracket", "right")
        [first, second] = preferences(several)
        assert first.preference is not None and second.preference is not None
        assert first.preference.better != second.preference.better
        assert several.store.journal.resolution(2).pairs == 1
        assert app.flow is not None and app.flow.meters == count(several.store, profile=several.profile)


async def test_in_review_the_turn_comes_first(several: Workspace, drive: Drive) -> None:
    async with drive(several) as (app, pilot):
        await app.look_at(5)
        await settle(app, pilot)
        await press(app, pilot, "p")
        assert "#5" in text(app, "header")
        await press(app, pilot, "left")
        assert "#2" in text(app, "header")
        await press(app, pilot, "escape")
        assert app.current_mode == "review"
        await press(app, pilot, "p")
        assert "#5: all its answers are compared" in text(app, "status") and "#2" in text(app, "header")
        await press(app, pilot, "escape")
        await app.look_at(1)
        await settle(app, pilot)
        await press(app, pilot, "p")
        assert "#1: it has one answer only" in text(app, "status")


async def test_the_prompt_unfolds_and_escape_folds_it(several: Workspace, drive: Drive) -> None:
    async with drive(several) as (app, pilot):
        await press(app, pilot, "B", "p")
        assert "Thank you!" in text(app, "prompt") and "You are the agent" not in text(app, "prompt")
        await press(app, pilot, "space")
        assert "You are the agent" in text(app, "prompt")
        await press(app, pilot, "pagedown", "j", "k", "escape")
        assert "You are the agent" not in text(app, "prompt") and isinstance(app.screen, PairsScreen)


async def test_a_failed_write_reverts_and_says_so(
    several: Workspace, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with drive(several) as (app, pilot):
        await press(app, pilot, "B", "p")
        shown, before = sides(app), app.flow.meters if app.flow else None

        def full(*_: object, **__: object) -> None:
            raise WorkspaceError("The disk is full; free some space and decide again.")

        monkeypatch.setattr("curator.review.preferring.prefer", full)
        await press(app, pilot, "left")
        assert "not saved" in text(app, "status") and sides(app) == shown
        pairs(app).bouts.current.after.clear()  # type: ignore[union-attr]
        await press(app, pilot, "right")
        assert "not saved" in text(app, "status") and sides(app) == shown
        assert app.flow is not None and app.flow.meters == before
        assert "3 in 2 prompts" in text(app, "meters")
        monkeypatch.undo()
        await press(app, pilot, "left")
        assert len(preferences(several)) == 1


async def test_the_next_pair_is_there_in_the_same_frame(several: Workspace, drive: Drive) -> None:
    async with drive(several) as (app, pilot):
        await press(app, pilot, "B", "p")
        shown = sides(app)
        pairs(app).action_prefer("right")
        assert sides(app) != shown and "pairs 1/100" in text(app, "meters")
        # The second key waits for the first write and is not lost.
        pairs(app).action_prefer("right")
        await settle(app, pilot)
        assert len(preferences(several)) == 2


async def test_no_key_is_for_a_pair_that_is_not_shown_yet(several: Workspace, drive: Drive) -> None:
    async with drive(several) as (app, pilot):
        await press(app, pilot, "B", "p")
        current = pairs(app).bouts.current  # type: ignore[union-attr]
        assert current is not None
        current.after.clear()
        pairs(app).action_prefer("right")
        shown = sides(app)
        pairs(app).action_prefer("left")
        await settle(app, pilot)
        assert sides(app) != shown
        [decision] = preferences(several)
        assert decision.preference is not None and decision.preference.better != decision.preference.left


async def test_what_others_correct_is_heard(several: Workspace, drive: Drive) -> None:
    async with drive(several) as (app, pilot):
        await press(app, pilot, "B", "p")
        Desk(several.store, several.profile, "ben").correct(2, Correction("Hm.", "It was a pleasure."))
        await pilot.pause(0.6)
        await settle(app, pilot)
        assert len(pairs(app).bouts.current.duel.sheet.contenders) == 4  # type: ignore[union-attr]
        assert "pairs 1/100" in text(app, "meters")


async def test_marks_and_a_profile_without_pairs(tmp_path: Path, drive: Drive) -> None:
    rules = RICH_PROFILE.replace("min_pairs = 100\n", "")
    rules = 'preferences = "forbidden"\n' + rules
    workspace = make_workspace(tmp_path / "none", house(), rules=rules)
    workspace.store.answers.add([Answer(2, THANKS + "You are **welcome**.", "base")])
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "B", "p")
        assert "! they differ only in format" in text(app, "mark")
        assert "the profile forbids pairs" in text(app, "meters")
        await press(app, pilot, "left")
        assert list(decided_rows(workspace.store, workspace.profile)) == []


async def test_hostile_text_is_drawn_as_text(tmp_path: Path, drive: Drive) -> None:
    workspace = make_workspace(tmp_path / "evil", house())
    workspace.store.answers.add([Answer(2, "[red]x[/red] [/] \x1b[31m [@click=app.quit]y[/]", "[b]m[/b]")])
    async with drive(workspace, (80, 24)) as (app, pilot):
        await press(app, pilot, "B", "p")
        assert "[red]x[/red] [/] ␛[31m" in "".join(sides(app))
        await press(app, pilot, "left")
        assert "[b]m[/b]" in text(app, "status") or "…" in text(app, "status")
