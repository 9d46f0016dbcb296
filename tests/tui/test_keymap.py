"""Keys that the user chose: checked, heard, and shown wherever a key is shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from curator.tui.app import CuratorApp
from curator.tui.commands import AREAS, Command, commands
from curator.tui.commands.keymap import KeymapError, checked_keymap, use
from curator.tui.screens.keys import KeysScreen
from curator.tui.screens.missing import MissingScreen
from curator.workspace import Workspace
from tests.tui.conftest import press, settle, text


@pytest.fixture(autouse=True)
def default_keys() -> Iterator[None]:
    yield
    use({})


def test_ids_are_unique_and_no_default_clashes_with_one_heard_everywhere() -> None:
    ids = [command.id() for area in AREAS for command in commands(area)]
    assert len(ids) == len(set(ids))
    everywhere = {key for command in commands("Everywhere") for key in command.keys}
    for area in AREAS[:-1]:
        assert not everywhere & {key for command in commands(area) for key in command.keys}, area


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({"review.mark-corect": "c"}, "nearest is review.mark-correct"),
        ({"review.mark-correct": "x"}, "review.mark-correct and review.skip-turn"),
        ({"review.mark-correct": "T"}, "everywhere.open-train"),
        ({"everywhere.open-train": "y"}, "review.mark-correct"),
        ({"review.mark-correct": "c", "review.skip-turn": "c"}, "cannot be both"),
        ({"review.mark-correct": "crtl+a"}, "no key"),
        ({"review.mark-correct": ""}, "no key"),
        ({"review.mark-correct": []}, "give it a key"),
        ({"review.mark-correct": "ctrl+p"}, "palette"),
        ({"review.mark-correct": "5"}, "count"),
        ({"review.count-first": "c"}, "keeps its keys"),
        ({"correction-editor.save-correction": "s"}, "types in the editor"),
    ],
)
def test_what_cannot_be_used_is_named(chosen: dict[str, str | list[str]], says: str) -> None:
    with pytest.raises(KeymapError, match=says):
        checked_keymap(chosen)


def test_two_commands_may_change_places_and_signs_get_their_names() -> None:
    keymap = checked_keymap({"review.mark-correct": "x", "review.skip-turn": ["y", "?"][:1]})
    assert keymap == {"review.mark-correct": ("x",), "review.skip-turn": ("y",)}
    assert checked_keymap({"review.mark-correct": [",", "alt+up", "f12"]}) == {
        "review.mark-correct": ("comma", "alt+up", "f12")
    }


async def test_changed_keys_are_heard_and_shown(workspace: Workspace) -> None:
    keymap = checked_keymap({"review.mark-correct": "c", "review.undo-decision": ["b", "f9"]})
    app = CuratorApp(workspace, "ann", chosen_keys=keymap)
    async with app.run_test(size=(160, 48), notifications=True) as pilot:
        await settle(app, pilot)
        assert "c correct" in text(app, "keys")
        assert "b undo" in text(app, "keys")
        await press(app, pilot, "y")
        assert app.flow is not None and app.flow.meters.decided == 0
        await press(app, pilot, "c")
        assert app.flow.meters.decided == 1
        assert "b undoes" in text(app, "status")
        await press(app, pilot, "f9")
        assert app.flow.meters.decided == 0
        titles = [entry.title for entry in app.get_system_commands(app.screen)]
        assert "Mark correct  (c)" in titles
        await press(app, pilot, "question_mark")
        assert "(yours; was y)" in text(app, "key-list")


async def test_a_key_that_two_commands_share_stays_with_the_other(workspace: Workspace) -> None:
    app = CuratorApp(workspace, "ann", chosen_keys=checked_keymap({"review.mark-incorrect": "c"}))
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        assert app.screen.active_bindings["c"].binding.action == "reject"
        await press(app, pilot, "slash", *"the", "enter")
        assert app.screen.active_bindings["n"].binding.action == "match(1)"
        assert app.screen.active_bindings["N"].binding.action == "match(-1)"


async def test_keys_are_found_by_words(workspace: Workspace) -> None:
    app = CuratorApp(workspace, "ann")
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        await press(app, pilot, "question_mark", "slash", *"undo")
        shown = text(app, "key-list")
        assert "Undo decision" in shown
        assert "Skip turn" not in shown
        await press(app, pilot, *"zzz")
        assert "No key fits" in text(app, "key-list")
        await press(app, pilot, "escape")
        assert "Skip turn" in text(app, "key-list")
        await press(app, pilot, "escape")
        assert not isinstance(app.screen, KeysScreen)


def test_the_map_is_one_for_all_commands() -> None:
    use({"review.mark-correct": ("c",)})
    assert {command.remapped["review.mark-correct"] for command in Command.__subclasses__()} == {("c",)}


MOVED = {
    "review.correct-turn": "f6",
    "review.what-is-missing": "f7",
    "review.go-back": "f8",
    "everywhere.open-train": "f9",
    "everywhere.open-review": "f10",
    "correction-editor.show-side": "f11",
    "correction-editor.choose-suggestion": "f12",
    "train.launch-training": "ctrl+t",
}


async def test_sentences_name_the_keys_that_the_user_chose(workspace: Workspace) -> None:
    app = CuratorApp(workspace, "ann", chosen_keys=checked_keymap(MOVED))
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        assert " · f7" in text(app, "meters") and " · w" not in text(app, "meters")
        await press(app, pilot, "down")
        assert "f8 goes back" in text(app, "strip")
        await press(app, pilot, "f8", "f7")
        assert isinstance(app.screen, MissingScreen)
        await press(app, pilot, "f7")
        assert not isinstance(app.screen, MissingScreen)
        await press(app, pilot, "f6")
        assert "f12" in text(app, "editor-header")
        assert "f11 rows" in str(app.screen.query_one("#diff").border_subtitle)
        await press(app, pilot, "escape", "f9")
        await pilot.pause(0.2)
        assert "f10 review more" in text(app, "head")
        await press(app, pilot, "ctrl+t")
        assert "f10, and f7 finds" in text(app, "message")
