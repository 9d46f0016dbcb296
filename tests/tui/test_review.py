from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from curator.datasets import count
from curator.errors import WorkspaceError
from curator.model import Correction, Finding, Output, Problem, ToolCall
from curator.store import Store
from curator.tui.app import CuratorApp
from curator.workspace import Workspace
from tests.tui.conftest import Drive, press, review, settle, text
from tests.tui.workspaces import make_workspace, turn


def states(workspace: Workspace) -> dict[int, str]:
    """Read the states anew from the database file, as another process would."""
    with sqlite3.connect(workspace.folder / ".curator" / "curator.db") as db:
        return dict(db.execute("select id, state from turn where state != 'undecided'"))


async def test_the_most_suspicious_turn_comes_first(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, _):
        header = text(app, "header")
        assert "1 of 6" in header and "turn 1 of 6" in header and "think ≠ call" in header
        assert "▌heating.set▐" in text(app, "think")
        calls = text(app, "calls")
        assert "1 light.set" in calls and "brightness  220" in calls and '"bedroom"' in calls
        assert "✗ The thinking names heating.set" in calls and "→ error" in calls


async def test_context_folds_the_system_prompt_until_space(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        assert "system · 2\u202f376 chars" in text(app, "context")
        assert "You are the agent" not in text(app, "context")
        await press(app, pilot, "space")
        assert "You are the agent" in text(app, "context")


async def test_every_decision_advances_and_moves_the_meters(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        first = app.flow.turn_id
        await press(app, pilot, "y")
        assert app.flow.turn_id != first
        assert "✓ correct" in text(app, "status")
        assert "SFT 1/320" in text(app, "meters") and "decided 1 of 6" in text(app, "meters")
        await press(app, pilot, "x")
        assert list(states(workspace).values()) == ["correct", "skipped"]
        assert app.flow.meters.states == {"undecided": 4, "correct": 1, "skipped": 1}
        assert app.flow.meters == count(workspace.store, profile=workspace.profile)


async def test_the_meters_move_in_the_same_frame(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        review(app).action_decide("correct")
        assert "SFT 1/320" in text(app, "meters") and "2 of 6" in text(app, "header")
        await settle(app, pilot)


async def test_incorrect_asks_why_and_escape_decides_nothing(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "n", "escape")
        assert states(workspace) == {}
        await press(app, pilot, "n", "w")
        [decision] = workspace.store.journal.all()
        assert (decision.verdict, decision.reason) == ("incorrect", "wrong_tool")
        await press(app, pilot, "left")
        assert "✗ incorrect by ann: wrong tool" in text(app, "header")


async def test_undo_jumps_back_and_redo_brings_back_after_a_restart(
    workspace: Workspace, drive: Drive, tmp_path: Path
) -> None:
    async with drive(workspace) as (app, pilot):
        first = app.flow.turn_id
        await press(app, pilot, "y", "y")
    workspace.close()
    again = Workspace.open(workspace.folder)
    async with drive(again) as (app, pilot):
        await press(app, pilot, "u", "u")
        assert app.flow.turn_id == first
        assert "↶ undone: correct" in text(app, "status")
        assert "decided 0 of 6" in text(app, "meters")
        await press(app, pilot, "u")
        assert "nothing to undo" in text(app, "status")
    again.close()
    third = Workspace.open(workspace.folder)
    async with drive(third) as (app, pilot):
        await press(app, pilot, "U", "ctrl+r", "U")
        assert "nothing to redo" in text(app, "status")
        assert sorted(states(third).values()) == ["correct", "correct"]


async def test_a_failed_write_reverts_and_says_so(
    workspace: Workspace, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with drive(workspace) as (app, pilot):
        first, before = app.flow.turn_id, app.flow.meters

        def full(*_: object) -> None:
            raise WorkspaceError("The disk is full; free some space and decide again.")

        monkeypatch.setattr(app.flow.desk, "verdict", full)
        await press(app, pilot, "y")
        assert app.flow.turn_id == first and app.flow.meters == before
        assert "not saved" in text(app, "status")
        [toast] = app._notifications
        assert "✗ Workspace problem: " in toast.message and "disk is full" in toast.message
        monkeypatch.undo()
        await press(app, pilot, "y")
        assert list(states(workspace).values()) == ["correct"]


async def test_the_second_decision_waits_for_the_first_write(
    workspace: Workspace, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with drive(workspace) as (app, pilot):
        gate, real = threading.Event(), app.flow.desk.verdict

        def slow(*arguments: object) -> object:
            gate.wait(10)
            return real(*arguments)

        monkeypatch.setattr(app.flow.desk, "verdict", slow)
        await pilot.press("y")
        second = app.flow.turn_id
        await pilot.press("x")
        await pilot.press("y")
        assert app.flow.turn_id == second and "saving" in text(app, "status")
        gate.set()
        await settle(app, pilot)
        assert list(states(workspace).values()) == ["correct", "skipped"]


async def test_looking_about_decides_nothing(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        first = app.flow.turn_id
        await press(app, pilot, "right", "j", "k", "g")
        assert app.flow.turn_id == first
        await press(app, pilot, "left")
        assert "starts here" in text(app, "status")
        assert states(workspace) == {}


async def test_a_finished_queue_says_what_next_and_undo_leads_back(
    workspace: Workspace, drive: Drive
) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, *"yyyyyy")
        assert "Every turn of this queue is decided" in text(app, "notice")
        await press(app, pilot, "y", "e", "n")
        assert len(states(workspace)) == 6
        await press(app, pilot, "u")
        assert not app.screen.has_class("-notice") and "6 of 6" in text(app, "header")


async def test_an_empty_workspace_asks_for_logs(tmp_path: Path, drive: Drive) -> None:
    workspace = Workspace.open(tmp_path / "empty", create=True)
    async with drive(workspace) as (app, pilot):
        assert "Nothing ingested yet in empty" in text(app, "greeting")
        await app.action_go("review")
        await settle(app, pilot)
        assert "I reads the logs of your agent" in text(app, "notice")
        await press(app, pilot, "y", "u", "left", "g", "space", "tab")
        assert app.is_running


async def test_a_broken_database_is_an_error_state(workspace: Workspace, drive: Drive) -> None:
    workspace.close()
    for file in (workspace.folder / ".curator").glob("curator.db*"):
        file.unlink()
    (workspace.folder / ".curator" / "curator.db").write_bytes(b"no database" * 500)
    async with drive(Workspace.open(workspace.folder)) as (app, pilot):
        assert "Workspace problem" in text(app, "notice")
        await press(app, pilot, "y", "u", "e")
        assert app.is_running


async def test_narrow_terminals_get_tabs(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace, size=(80, 24)) as (app, pilot):
        assert "far too cold" in text(app, "all") and "▌heating.set▐" in text(app, "all")
        await press(app, pilot, "tab")
        assert "[CONTEXT]" in text(app, "tabs") and "Good evening" in text(app, "context")
        await press(app, pilot, "tab", "tab")
        assert "1 light.set" in text(app, "calls")
        await pilot.resize_terminal(160, 48)
        await settle(app, pilot)
        assert "▌heating.set▐" in text(app, "think")


HOSTILE = "[/] [red]x[/red] [@click=app.quit]press[/] \x1b]0;owned\x07\x1b[2J \u202egnp.exe \u200bz \x9b31m"


async def test_hostile_text_is_shown_and_never_obeyed(tmp_path: Path, drive: Drive) -> None:
    call = ToolCall(HOSTILE, {HOSTILE: HOSTILE, "n": [HOSTILE]}, status="unknown_tool")
    output = Output(HOSTILE, HOSTILE, (call,), (Problem("broken", HOSTILE, (0, 40)),))
    finding = Finding("coherence", "error", HOSTILE, suggestion=HOSTILE)
    workspace = make_workspace(tmp_path / "ws", [(turn(0, HOSTILE, output, raw=HOSTILE), (finding,))])
    async with drive(workspace) as (app, pilot):
        for id in ("context", "think", "calls"):
            shown = text(app, id)
            assert "[/] [red]x[/red]" in shown.replace("\n", " ")
        await press(app, pilot, "space", "e")
        frame = app.export_screenshot()
        assert not any(c in frame for c in "\x1b\x07\x9b\u202e\u200b")
        await press(app, pilot, "escape", "n", "z")
        assert states(workspace) == {1: "incorrect"}


async def test_an_undisturbed_correction_round_trip_keeps_hostile_characters(
    tmp_path: Path, drive: Drive
) -> None:
    output = Output(HOSTILE, None, (ToolCall("light.set", {"room": "hall", "state": "on", "x": HOSTILE}),))
    workspace = make_workspace(tmp_path / "ws", [(turn(0, "hi", output), ())])
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "ctrl+y")
        [decision] = workspace.store.journal.all()
        assert isinstance(decision.correction, Correction)
        assert decision.correction.thinking == HOSTILE
        assert decision.correction.tool_calls[0].arguments["x"] == HOSTILE


async def test_a_huge_turn_is_cut_and_says_so(tmp_path: Path, drive: Drive) -> None:
    output = Output("x" * 3_000_000, None, tuple(ToolCall("light.set", {"room": "r"}) for _ in range(300)))
    workspace = make_workspace(tmp_path / "ws", [(turn(0, "y" * 3_000_000, output), ())])
    async with drive(workspace) as (app, _):
        assert "… 2\u202f980\u202f000 more chars" in text(app, "think")
        assert "space expands" in text(app, "context")
        assert "100 light.set" in text(app, "calls") and "200 more calls" in text(app, "calls")


async def test_deciding_again_is_allowed(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "y", "left")
        assert "✓ correct by ann" in text(app, "header")
        await press(app, pilot, "x")
        assert list(states(workspace).values()) == ["skipped"]
        assert "decided 1 of 6" in text(app, "meters")


async def test_two_reviewers_see_the_same_database(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "y")
        other = Store.open(workspace.folder / ".curator" / "curator.db")
        assert other.totals().states["correct"] == 1
        other.close()


async def test_keys_screen_lists_every_command_and_closes(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "question_mark")
        shown = text(app, "key-list")
        assert "Mark correct" in shown and "Save anyway" in shown and "Open train" in shown
        await press(app, pilot, "escape")
        assert app.screen is review(app)


async def test_the_palette_runs_commands(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "ctrl+p", *"mark correct".replace(" ", ""), "enter")
        await settle(app, pilot)
        assert list(states(workspace).values()) == ["correct"]


async def test_no_color_is_obeyed(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = CuratorApp(workspace, "ann")
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(app, pilot)
        assert app.no_color
        assert "▌heating.set▐" in text(app, "think")


async def test_a_locked_database_says_who_may_hold_it(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        first = app.flow.turn_id

        def locked(*_: object) -> None:
            raise OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked"))

        app.flow.desk.verdict = locked
        await press(app, pilot, "y")
        [toast] = app._notifications
        assert app.flow.turn_id == first
        assert "✗ The database refused: " in toast.message and "database is locked" in toast.message


async def test_expanding_at_the_top_shows_the_top(tmp_path: Path, drive: Drive) -> None:
    long = turn(0, "hi", Output("t", "hello"))
    workspace = make_workspace(tmp_path / "ws", [(long, ())])
    async with drive(workspace, size=(120, 30)) as (app, pilot):
        context = app.screen.query_one("#context")
        await press(app, pilot, "space")
        assert context.scroll_offset.y == 0 and context.max_scroll_y > 0
        await press(app, pilot, "space")
        assert context.max_scroll_y == 0


async def test_keys_scroll_in_a_narrow_terminal(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace, size=(80, 24)) as (app, pilot):
        pane = app.screen.query_one("#all")
        assert pane.has_focus
        await press(app, pilot, "J")
        assert pane.scroll_offset.y == 1 and "[ALL]" in text(app, "tabs")
        await press(app, pilot, "J", "K", "K")
        assert pane.scroll_offset.y == 0


async def test_training_is_one_key_away_and_back(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "y", "T")
        assert app.current_mode == "train"
        await press(app, pilot, "R")
        assert app.current_mode == "review" and "2 of 6" in text(app, "header")


async def test_a_resize_fills_the_tabs_and_the_columns(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "x")
        await pilot.resize_terminal(80, 24)
        await settle(app, pilot)
        assert "Tea, five minutes" in text(app, "all") and app.screen.query_one("#all").has_focus
        await press(app, pilot, "right")
        await pilot.resize_terminal(140, 40)
        await settle(app, pilot)
        assert "Thank you!" in text(app, "context")


async def test_a_long_way_to_a_call_does_not_hide_it(tmp_path: Path, drive: Drive) -> None:
    output = Output("I think. " * 200, None, (ToolCall("timer.start", {"minutes": 1}),))
    workspace = make_workspace(tmp_path / "ws", [(turn(0, "hi", output), ())])
    async with drive(workspace, size=(80, 24)) as (app, _):
        shown = text(app, "all")
        assert shown.index("timer.start") < shown.index("I think")
        assert "more" in str(app.screen.query_one("#all").border_subtitle)


async def test_the_answer_stands_beside_no_call(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "x", "x")
        assert "no call · plain text" in text(app, "calls") and "You are welcome." in text(app, "calls")


async def test_an_error_in_a_worker_is_said(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        review(app).run_worker(_divide(), exit_on_error=False)
        await settle(app, pilot)
        [toast] = app._notifications
        assert "ZeroDivisionError" in toast.message


async def _divide() -> None:
    raise ZeroDivisionError
