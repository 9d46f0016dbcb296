"""Tags, notes, hidden texts and guidelines: every one by keys, durable, undone like any decision."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.datasets import count
from curator.datasets.privacy import hideable
from curator.errors import WorkspaceError
from curator.model import Output, Redaction, ToolCall
from curator.tui.screens.tags import choices
from curator.workspace import Workspace
from tests.tui.conftest import Drive, press, text
from tests.tui.workspaces import RICH_PROFILE, house, make_workspace, turn

MAIL = "jane.roe@nordwind-kontor.de"


@pytest.fixture
def rich(tmp_path: Path) -> Workspace:
    """Return six turns under a profile with tags, coverage and guidelines."""
    return make_workspace(tmp_path / "rich", house(), rules=RICH_PROFILE)


@pytest.fixture
def private(tmp_path: Path) -> Workspace:
    """Return one turn that holds a mail address in its prompt and its arguments."""
    output = Output("I write to her.", None, (ToolCall("mail.send", {"to": MAIL}),))
    return make_workspace(tmp_path / "private", [(turn(0, f"[/] \x1b[2J {MAIL}, please.", output), ())])


async def test_one_key_tags_and_untags_and_u_undoes(rich: Workspace, drive: Drive) -> None:
    async with drive(rich) as (app, pilot):
        turn_id = app.flow.turn_id
        await press(app, pilot, "t")
        assert "Nothing to argue about" in text(app, "question")
        await press(app, pilot, "c")
        assert app.flow.turn_id == turn_id
        assert "⚑ clear_case" in text(app, "header") and "u undoes" in text(app, "status")
        assert rich.store.journal.resolution(turn_id).tags == ("clear_case",)
        await press(app, pilot, "t", "p", "t", "c")
        assert rich.store.journal.resolution(turn_id).tags == ("polite",)
        await press(app, pilot, "u")
        assert "↶ undone: tag clear_case" in text(app, "status")
        assert rich.store.journal.resolution(turn_id).tags == ("clear_case", "polite")
        await press(app, pilot, "t", "escape", "t", "9")
        assert len(list(rich.store.journal.all())) == 4


async def test_a_tag_moves_the_coverage_meter(rich: Workspace, drive: Drive) -> None:
    async with drive(rich) as (app, pilot):
        assert "coverage 0/1" in text(app, "meters")
        await press(app, pilot, "t", "p", "y")
        assert "coverage 1/1" in text(app, "meters")
        assert app.flow.meters == count(rich.store, profile=rich.profile)
        await press(app, pilot, "left", "t", "p")
        assert "coverage 0/1" in text(app, "meters")


def test_every_tag_gets_a_key_of_its_own(rich: Workspace) -> None:
    given = [f"polite_{n}" for n in range(40)]
    tags = choices(rich.profile, given)
    assert len({tag.key for tag in tags}) == len(tags) == 36
    assert {tag.id: tag.key for tag in tags}["polite"] == "p"
    assert [tag.is_given for tag in tags[:4]] == [False, False, False, True]


async def test_a_profile_without_tags_says_where_they_come_from(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "t")
        assert "[tags] table in profile.toml" in text(app, "status")


async def test_a_note_with_a_rating_stands_beside_the_calls(rich: Workspace, drive: Drive) -> None:
    async with drive(rich) as (app, pilot):
        await press(app, pilot, "N", "4", "up", "down", *"ok 5")
        assert text(app, "stars") == "★★★★☆"
        await press(app, pilot, "enter")
        [note] = rich.store.journal.all()
        assert (note.kind, note.note, note.rating) == ("note", "ok 5", 4)
        assert "ann ★★★★☆ ok 5" in text(app, "calls")
        await press(app, pilot, "N", "enter", "N", "x", "escape", "N", "3", "backspace", "enter")
        assert len(list(rich.store.journal.all())) == 1
        await press(app, pilot, "u")
        assert "undone: note" in text(app, "status") and "★" not in text(app, "calls")


async def test_what_is_found_is_hidden_by_two_keys(private: Workspace, drive: Drive) -> None:
    async with drive(private) as (app, pilot):
        await press(app, pilot, "h")
        assert "1 found" in str(app.screen.query_one("#hide-box").border_title)
        assert "\x1b" not in app.export_screenshot()
        await press(app, pilot, "enter")
        assert "▒ 1 hidden" in text(app, "status") and "▒ 1 hidden" in text(app, "header")
        assert private.store.journal.redactions(1) == (Redaction(MAIL, "[mail]"),)
        await press(app, pilot, "h", "space", "enter")
        assert "nothing to hide" in text(app, "header")
        assert private.store.journal.resolution(1).redactions == 0
        await press(app, pilot, "u")
        assert "▒ 1 hidden" in text(app, "header") and "undone: hiding" in text(app, "status")
        await press(app, pilot, "h", "n")
        assert private.store.journal.redactions(1) == ()
        await press(app, pilot, "h", "escape")
        assert len(list(private.store.journal.all())) == 4


def test_each_private_text_is_listed_once_with_its_places(private: Workspace) -> None:
    [one] = hideable(private.store.turns.get(1))
    assert (one.text, one.kind, one.places, one.times) == (MAIL, "mail", ("arguments", "user message"), 2)
    old = Redaction("Aunt May", "[name]")
    assert [h.redaction for h in hideable(private.store.turns.get(1), [old])] == [one.redaction, old]


async def test_a_turn_without_secrets_can_say_so(workspace: Workspace, drive: Drive) -> None:
    async with drive(workspace) as (app, pilot):
        await press(app, pilot, "h")
        assert "No secret" in text(app, "hide-about")
        await press(app, pilot, "enter")
        assert workspace.store.journal.resolution(app.flow.turn_id).redactions == 0


async def test_a_mark_that_fails_leaves_the_turn_as_it_was(
    rich: Workspace, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with drive(rich) as (app, pilot):

        def full(*_: object, remove: bool) -> None:
            raise WorkspaceError("The disk is full; free some space and decide again.")

        monkeypatch.setattr(app.flow.desk, "tag", full)
        await press(app, pilot, "t", "c")
        assert "not saved" in text(app, "status") and "⚑" not in text(app, "header")
        await press(app, pilot, "x")
        assert app.flow.meters.states["skipped"] == 1


async def test_the_guidelines_stand_beside_the_turn(rich: Workspace, drive: Drive) -> None:
    async with drive(rich, size=(80, 24)) as (app, pilot):
        await press(app, pilot, "G")
        shown = " ".join(text(app, "guidelines").split())
        assert "Does the thinking lead to the call?" in shown and "- Look at the room first." in shown
        assert "clear_case Nothing to argue about" in shown
        await press(app, pilot, "G")
        assert app.screen.query("#context")
