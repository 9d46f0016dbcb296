from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from curator.model import Correction, Decision, Finding, Output, ToolCall, ToolSpec
from curator.review.draft_files import DraftShelf
from curator.review.drafts import Draft
from curator.tui.app import CuratorApp
from curator.tui.screens.editor import EditorScreen
from curator.tui.widgets.argument_form import ArgumentForm
from curator.tui.widgets.form_fields import FormLines
from curator.workspace import Workspace
from tests.tui.conftest import Drive, press, review, text
from tests.tui.workspaces import make_workspace, turn


def write(app: CuratorApp, id: str, new: str) -> None:
    """Replace what stands in a field, as typing would."""
    app.screen.query_one(f"#{id}", TextArea).text = new


def draft(app: CuratorApp) -> Draft:
    """Return what the editor holds."""
    assert isinstance(app.screen, EditorScreen)
    return app.screen.draft()


def arguments(app: CuratorApp, call: int = 0) -> dict[str, object]:
    """Return the arguments of a call in the editor."""
    return draft(app).calls[call].arguments()


def form(app: CuratorApp) -> str:
    """Return the lines of the form."""
    lines = app.screen.query_one(FormLines)
    return "\n".join(line.content.plain.rstrip() for line in lines._lines)


def saved(workspace: Workspace) -> Decision:
    """Return the one decision in the journal."""
    [decision] = workspace.store.journal.all()
    return decision


def shelf(workspace: Workspace) -> DraftShelf:
    """Return the drafts of the reviewer."""
    return DraftShelf(workspace.folder, "ann")


async def test_fixing_a_value_takes_the_keys_of_the_value(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "ctrl+o", "2", "2", "ctrl+s")
        assert "✎ corrected" in text(app, "status") and "2 of 6" in text(app, "header")
        assert "pairs 1" in text(app, "meters")
        correction = saved(workspace).correction
        assert correction is not None and correction.violations == ()
        assert correction.tool_calls == (ToolCall("heating.set", {"room": "bedroom", "celsius": 22}),)


async def test_a_wrong_value_is_typed_over(tmp_path: Path, drive: Drive) -> None:
    hot = ToolCall("heating.set", {"room": "hall", "celsius": 220})
    workspace = make_workspace(tmp_path / "hot", [(turn(0, "Warm.", Output("Warm.", None, (hot,))), ())])
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "2", "2", "ctrl+s")
        correction = saved(workspace).correction
        assert correction is not None
        assert correction.tool_calls == (ToolCall("heating.set", {"room": "hall", "celsius": 22}),)


async def test_the_cursor_begins_at_what_is_wrong(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e")
        assert "▸   state" in form(app)
        assert "✗ 220 is above the maximum 100" in form(app)
        await press(app, pilot, "right", "down")
        field = app.screen.query_one("#field", Input)
        assert field.has_focus and field.value == "220"
        await press(app, pilot, *"22")
        assert arguments(app) == {"room": "bedroom", "state": "on", "brightness": 22}
        await press(app, pilot, "ctrl+z")
        assert arguments(app)["brightness"] == 220 and field.value == "220"
        await press(app, pilot, "end", "backspace")
        await pilot.pause(0.1)
        assert "✓ fits" in text(app, "editor-status") and "maximum" not in form(app)


async def test_choices_are_stepped_through_and_typed(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "up", "right")
        assert arguments(app)["room"] == "hall"
        await press(app, pilot, *"ki")
        assert arguments(app)["room"] == "kitchen"
        await press(app, pilot, "ctrl+k")
        assert "room" not in arguments(app) and "missing" in form(app)


async def test_optional_arguments_are_added_by_name_and_removed(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "ctrl+n", *"timer", "enter", "5", "enter")
        assert app.screen.query_one("#field", Input).placeholder == "label"
        await press(app, pilot, *"lab", "tab", *"tea")
        assert arguments(app, 1) == {"minutes": 5, "label": "tea"}
        await press(app, pilot, "ctrl+k")
        assert arguments(app, 1) == {"minutes": 5}


NESTED = ToolSpec(
    "plan.write",
    "Write a plan.",
    {
        "type": "object",
        "properties": {
            "steps": {"type": "array", "items": {"type": "string"}},
            "done": {"type": "boolean"},
            "who": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        },
        "required": ["steps", "done", "who"],
    },
)


@pytest.fixture
def plan(tmp_path: Path) -> Workspace:
    call = ToolCall("plan.write", {"steps": ["look", "act"], "done": "yes", "who": {"name": "ann"}, "x": 1})
    made = turn(0, "Plan it.", Output("A plan.", None, (call,)), tools=(NESTED,))
    return make_workspace(tmp_path / "plan", [(made, ())])


async def test_lists_groups_and_switches(plan: Workspace, drive: Drive) -> None:
    async with drive(plan) as (app, pilot):
        await press(app, pilot, "e")
        app.screen.query_one(ArgumentForm).go(0, ("steps", 0))
        app.screen.query_one(ArgumentForm).take_focus()
        await press(app, pilot, "alt+down")
        assert arguments(app)["steps"] == ["act", "look"]
        await press(app, pilot, "enter", *"rest")
        assert arguments(app)["steps"] == ["act", "look", "rest"]
        await press(app, pilot, "ctrl+k")
        assert arguments(app)["steps"] == ["act", "look"]
        app.screen.query_one(ArgumentForm).go(0, ("who", "name"))
        app.screen.query_one(ArgumentForm).take_focus()
        await press(app, pilot, "end", *"ie")
        assert arguments(app)["who"] == {"name": "annie"}
        assert arguments(app)["done"] == "yes" and arguments(app)["x"] == 1


async def test_violations_need_a_second_key_and_mark_the_row(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "ctrl+s")
        assert "not saved · 2 problems · ctrl+y saves anyway" in text(app, "editor-status")
        assert list(workspace.store.journal.all()) == []
        await press(app, pilot, "ctrl+y")
        correction = saved(workspace).correction
        assert correction is not None and len(correction.violations) == 2


async def test_text_that_is_no_json_is_never_saved(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "ctrl+l")
        for wrong in ('{"room": }', "[1]", '{"room": NaN}', '{"a": 1, "a": 2}', '{"a": 1e999}'):
            write(app, "arguments", wrong)
            await press(app, pilot, "ctrl+s", "ctrl+y")
            assert "mend the arguments first" in text(app, "editor-status")
        assert list(workspace.store.journal.all()) == []


async def test_the_views_stay_in_step(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "ctrl+l")
        write(app, "arguments", '{"room": "hall", "state": "on"}')
        await press(app, pilot, "ctrl+l")
        target = app.screen.query_one("#target", TextArea)
        assert '"room": "hall"' in target.text and "<think>" in target.text
        target.text = target.text.replace("hall", "kitchen").replace("The user is cold", "It is dark")
        await pilot.pause(0.1)
        assert app.screen.query_one("#thinking", TextArea).text.startswith("It is dark")
        await press(app, pilot, "ctrl+l")
        assert "kitchen" in form(app)
        assert arguments(app) == {"room": "kitchen", "state": "on"}


async def test_a_view_that_does_not_read_leaves_the_others_as_they_were(
    workspace: Workspace, drive: Drive
) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "ctrl+l")
        write(app, "arguments", '{"room": "hall"')
        await press(app, pilot, "ctrl+l", "ctrl+l")
        assert "bedroom" in form(app) and "does not read; shown as it last was" in form(app)
        assert draft(app).calls[0].text == '{"room": "hall"'
        await press(app, pilot, "ctrl+z")
        await press(app, pilot, "ctrl+l", "ctrl+l")
        broken = app.screen.query_one("#target", TextArea).text.replace("</tool_call>", "")
        write(app, "target", broken)
        await pilot.pause(0.1)
        assert "mend the text in the target syntax first" in text(app, "editor-status")
        assert draft(app).target == broken


async def test_calls_are_added_moved_doubled_and_removed(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "ctrl+n", *"timer", "enter", "3")
        await press(app, pilot, "alt+up")
        assert [call.name for call in draft(app).calls] == ["timer.start", "light.set"]
        await press(app, pilot, "ctrl+d")
        assert [call.name for call in draft(app).calls] == ["timer.start", "timer.start", "light.set"]
        await press(app, pilot, "ctrl+r", "ctrl+r", "ctrl+r")
        assert draft(app).calls == ()
        assert "neither a call nor a text" in text(app, "wrong")
        write(app, "content", "It is warm now.")
        await press(app, pilot, "ctrl+s")
        correction = saved(workspace).correction
        assert correction is not None
        assert correction.tool_calls == () and correction.content == "It is warm now."


async def test_every_change_of_calls_can_be_taken_back(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e")
        before = draft(app)
        await press(app, pilot, "ctrl+d", "f5", "ctrl+r", "ctrl+b")
        assert draft(app) != before
        await press(app, pilot, "ctrl+z", "ctrl+z", "ctrl+z", "ctrl+z")
        assert draft(app) == before


async def test_a_call_becomes_text_and_a_call_again(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "ctrl+b")
        assert draft(app).calls == () and "light.set(room='bedroom'" in draft(app).content
        await press(app, pilot, "ctrl+b")
        assert arguments(app) == {"room": "bedroom", "brightness": 220} and draft(app).content == ""


async def test_selecting_a_call_selects_its_arguments(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        while app.flow.desk.card(app.flow.turn_id).turn.index != 2:
            await press(app, pilot, "right")
        await press(app, pilot, "e", "down", "down", "down", "down", "ctrl+l")
        assert '"minutes": 10' in app.screen.query_one("#arguments", TextArea).text


async def test_leaving_keeps_a_draft(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "escape")
        assert shelf(workspace).turn_keys() == []
        await press(app, pilot, "e")
        write(app, "thinking", "I raise the heating.")
        await press(app, pilot, "escape")
        assert "draft kept" in text(app, "status") and app.screen is review(app)
        assert "✎ draft" in text(app, "header")
    async with drive(workspace) as (app, pilot):
        assert "✎ draft" in text(app, "header")
        await press(app, pilot, "e")
        assert app.screen.query_one("#thinking", TextArea).text == "I raise the heating."
        assert "your draft · ctrl+z begins anew" in text(app, "editor-header")
        await press(app, pilot, "ctrl+z")
        assert draft(app).thinking.startswith("The user is cold")
        await press(app, pilot, "escape")
        assert shelf(workspace).turn_keys() == [] and "draft" not in text(app, "header")


async def test_a_draft_is_written_while_it_is_typed_and_goes_when_it_is_saved(
    workspace: Workspace, drive: Drive
) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "ctrl+o", "2")
        await pilot.pause(0.8)
        [key] = shelf(workspace).turn_keys()
        kept = shelf(workspace).load(key)
        assert kept is not None and kept.calls[0].arguments() == {"room": "bedroom", "celsius": 2}
        await press(app, pilot, "2", "ctrl+s")
        assert shelf(workspace).turn_keys() == [] and saved(workspace).kind == "correction"


async def test_a_standing_correction_is_edited_further(workspace: Workspace, drive: Drive) -> None:
    light = ToolCall("light.set", {"room": "hall", "state": "on"})
    workspace_turn = 2
    async with drive(workspace) as (app, pilot):
        desk = app.flow.desk
        desk.correct(workspace_turn, Correction("Thanks.", "Welcome!", (light,)))
        app.flow.forget(workspace_turn)
        while app.flow.turn_id != workspace_turn:
            await press(app, pilot, "right")
        await press(app, pilot, "e")
        assert app.screen.query_one("#content", TextArea).text == "Welcome!"
        assert draft(app).calls[0].name == "light.set"


async def test_the_narrow_editor_shows_its_side_on_a_key(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace, size=(80, 24)) as (app, pilot):
        await press(app, pilot, "e", "ctrl+o", "2", "2")
        assert not app.screen.query_one("#side").display
        await press(app, pilot, "ctrl+g")
        assert "+ call 1: heating.set" in text(app, "diff")
        await press(app, pilot, "ctrl+g")
        assert '"completion":[{"role":"assistant"' in text(app, "rows")
        await press(app, pilot, "ctrl+g")
        assert not app.screen.query_one("#side").display


async def test_every_letter_can_be_typed(workspace: Workspace, drive: Drive, tmp_path: Path) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "tab")
        area = app.screen.query_one("#thinking", TextArea)
        assert area.has_focus
        await pilot.press(*"qTRyneux", "question_mark")
        assert area.text.startswith("qTRyneux?")


async def test_the_logged_thinking_comes_back(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e")
        write(app, "thinking", "Nothing.")
        await press(app, pilot, "f4")
        assert draft(app).thinking.startswith("The user is cold")


async def test_a_tool_that_was_not_offered_can_be_named(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "ctrl+t", *"zzz", "enter")
        assert draft(app).calls[0].name == "zzz"
        assert "not offered" in form(app)


async def test_problems_of_several_calls_say_which(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "ctrl+n", *"timer", "enter", "ctrl+l")
        await pilot.pause(0.1)
        assert "✗ call 1: state: missing" in text(app, "wrong")
        assert "✗ call 2: minutes" in text(app, "wrong")


async def test_several_suggestions_are_chosen_by_a_digit(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "ctrl+l")
        write(app, "arguments", '{"room": "bedroom", "state": "ON"}')
        await press(app, pilot, "ctrl+o", "2")
        assert arguments(app)["state"] == "on" and draft(app).calls[0].name == "light.set"


async def test_completion_offers_what_was_seen(tmp_path: Path, drive: Drive) -> None:
    heating = [
        (
            turn(
                n, "Warm.", Output("Warm.", None, (ToolCall("heating.set", {"room": room, "celsius": 20}),))
            ),
            (),
        )
        for n, room in enumerate(("attic", "attic", "cellar"))
    ]
    workspace = make_workspace(tmp_path / "seen", heating)
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "ctrl+space")
        assert "attic  seen 2×" in text(app, "completions")
        await press(app, pilot, *"cel")
        assert "cellar" in text(app, "completions")
        await press(app, pilot, "tab")
        assert arguments(app)["room"] == "cellar"
        await press(app, pilot, "home", "a", "escape")
        assert isinstance(app.screen, EditorScreen) and not app.screen.query_one("#completions").display


async def test_without_an_editor_the_key_says_so(
    workspace: Workspace, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "ctrl+e")
        assert any("EDITOR" in n.message or "terminal" in n.message for n in app._notifications)


async def test_ten_thousand_calls_open_and_are_edited(tmp_path: Path, drive: Drive) -> None:
    calls = tuple(ToolCall("timer.start", {"minutes": n}) for n in range(10_000))
    many = turn(0, "Timers.", Output("Many.", None, calls))
    workspace = make_workspace(tmp_path / "many", [(many, (Finding("x", "error", "too many"),))])
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "e", "down", "down", "7")
        assert len(draft(app).calls) == 10_000
