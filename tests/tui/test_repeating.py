"""Saying again, similar turns and orders: by keys, durable, one act each."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from curator.errors import WorkspaceError
from curator.model import Output, ToolCall
from curator.review import Plan, remembered_plan
from curator.stopwatch import Stopwatch
from curator.tui.screens.repeating import Act
from curator.workspace import Workspace
from tests.tui.conftest import Drive, press, review, settle, text
from tests.tui.workspaces import RICH_PROFILE, house, make_workspace, turn


@pytest.fixture
def lamps(tmp_path: Path) -> Workspace:
    """Return five turns with one call each: three that ask nearly the same, two that ask something else."""
    requests = [
        "Lamp 1 on, please.",
        "Lamp 2 on, please.",
        "Lamp 3 on, please.",
        "Sing a song!",
        "What is up?",
    ]
    call = ToolCall("light.set", {"room": "hall", "state": "on"})
    turns = [(turn(n, request, Output("t", None, (call,))), ()) for n, request in enumerate(requests)]
    return make_workspace(tmp_path / "lamps", turns)


def states(workspace: Workspace, *turns: int) -> list[str]:
    return [workspace.store.journal.resolution(turn_id).state for turn_id in turns]


async def test_a_dot_says_a_verdict_again_with_its_reason(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "full_stop")
        assert "nothing to say again yet" in text(app, "status")
        await press(app, pilot, "n", "w", "full_stop", "y", "full_stop")
        decisions = list(workspace.store.journal.all())
        said = [(decision.verdict, decision.reason) for decision in decisions]
        assert said == [("incorrect", "wrong_tool")] * 2 + [("correct", None)] * 2
        assert len({decision.turn for decision in decisions}) == 4


async def test_a_dot_says_a_tag_again_and_never_takes_it_away(tmp_path: Path, drive: Drive) -> None:
    workspace = make_workspace(tmp_path / "rich", house(), rules=RICH_PROFILE)
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "t", "c", "full_stop")
        assert "this turn has it already" in text(app, "status")
        first = app.flow.turn_id
        await press(app, pilot, "right", "full_stop")
        assert app.flow.turn_id != first
        assert workspace.store.journal.resolution(app.flow.turn_id).tags == ("clear_case",)
        assert review(app).last == Act(tag="clear_case")


async def test_a_count_before_the_dot_is_one_act(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "x", "3", "full_stop")
        assert "– 3 turns skipped · one act" in text(app, "status")
        assert "decided 4 of 6" in text(app, "meters")
        assert len({decision.act for decision in workspace.store.journal.all()}) == 2
        await press(app, pilot, "u")
        assert "undone: 3 turns" in text(app, "status") and "decided 1 of 6" in text(app, "meters")


async def test_similar_turns_are_decided_at_once_and_undone_at_once(lamps: Workspace, drive: Drive) -> None:
    async with drive(lamps) as (app, pilot):
        await press(app, pilot, "z")
        assert "2 of 4 chosen and this one" in str(app.screen.query_one("#similar-box").border_title)
        assert "Lamp 2 on, please." in text(app, "similar-preview")
        await press(app, pilot, "down", "space", "n", "w")
        assert states(lamps, 1, 2, 3, 4, 5) == [
            "incorrect",
            "incorrect",
            "undecided",
            "undecided",
            "undecided",
        ]
        assert "✗ 2 turns incorrect" in text(app, "status") and app.flow.turn_id == 3
        assert review(app).last == Act("incorrect", "wrong_tool")
        await press(app, pilot, "u")
        assert states(lamps, 1, 2) == ["undecided", "undecided"]
        assert app.flow.meters.decided == 0


async def test_enter_gives_similar_turns_the_last_verdict(lamps: Workspace, drive: Drive) -> None:
    async with drive(lamps) as (app, pilot):
        await press(app, pilot, "y", "z", "a", "enter")
        assert states(lamps, 1, 2, 3, 4, 5) == ["correct"] * 5
        assert "Every turn of this queue is decided" in text(app, "notice")


async def test_similar_turns_can_be_left_and_may_be_none(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "z")
        assert "No undecided turn nearby" in text(app, "about")
        await press(app, pilot, "space", "enter", "escape")
        assert app.screen is review(app) and list(workspace.store.journal.all()) == []


async def test_many_that_are_not_saved_change_nothing(
    lamps: Workspace, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with drive(lamps) as (app, pilot):
        before = app.flow.meters

        def full(*_: object) -> None:
            raise WorkspaceError("The disk is full.")

        monkeypatch.setattr(app.flow.desk, "decide_all", full)
        await press(app, pilot, "z", "x")
        assert "not saved" in text(app, "status") and app.flow.meters == before
        monkeypatch.undo()
        await press(app, pilot, "x")
        assert states(lamps, 1) == ["skipped"]


async def test_an_order_is_chosen_explained_and_remembered(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "o")
        assert "✓ failure first" in text(app, "question")
        await press(app, pilot, "u")
        assert "nearest to suspicion" in text(app, "status")
        assert "why here: borderline" in text(app, "strip")
        assert remembered_plan(workspace, "ann") == Plan("uncertainty")
    async with drive(Workspace.open(workspace.folder)) as (app, pilot):
        assert "why here: borderline" in text(app, "strip")
        await press(app, pilot, "o", "escape", "o", "9", "f")
        assert "why here: error · think ≠ call" in text(app, "strip")


async def test_a_sample_ends_and_another_can_be_drawn(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "o", "a")
        assert "A random sample of 1 turns" in text(app, "status") and "1 of 1" in text(app, "header")
        await press(app, pilot, "x")
        assert "another order" in text(app, "notice")
        await press(app, pilot, "o", "a")
        assert "seed 1" in text(app, "status")


async def test_the_time_of_a_turn_stands_with_its_decision(
    workspace: Workspace, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("curator.tui.screens.sitting.Stopwatch", lambda: Stopwatch(lambda: now))
    async with drive(workspace) as (app, pilot):
        now += 12
        await press(app, pilot, "t", "y")
        now += 25
        assert "10 s" not in text(app, "status")
        await press(app, pilot, "right_square_bracket")
        assert "25 s" in text(app, "status")
        await press(app, pilot, "question_mark")
        now += 500
        await press(app, pilot, "escape")
        now += 3
        await press(app, pilot, "x")
        assert [decision.seconds for decision in workspace.store.journal.all()] == [12.0, 28.0]


async def test_keys_typed_faster_than_a_menu_opens_are_not_lost(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        for key in "nw":
            app.post_message(events.Key(key, key))
        await settle(app, pilot)
        [decision] = workspace.store.journal.all()
        assert (decision.turn, decision.reason) == (1, "wrong_tool")
        for key in "ou":
            app.post_message(events.Key(key, key))
        await settle(app, pilot)
        assert "nearest to suspicion" in text(app, "status")
