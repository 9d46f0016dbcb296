"""The verb that shows the keys of the screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from curator.cli.context import as_json, print_json, say, settings, table, verb
from curator.settings import settings_path

if TYPE_CHECKING:
    from curator.tui.commands import Command


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("keys")(verb(keys))


def keys() -> None:
    """Show every key of the screens, by area, and where to change them."""
    # The other verbs need not wait for Textual.
    from curator.tui.commands import AREAS, commands, show_key
    from curator.tui.commands.keymap import checked_keymap, use

    use(checked_keymap(settings().keys))
    found = [command for area in AREAS for command in commands(area)]
    if as_json():
        rows = [
            {"id": c.id(), "area": c.area, "keys": c.current_keys(), "default": c.keys, "does": c.doc()}
            for c in found
        ]
        print_json({"settings": str(settings_path()), "keys": rows})
        return
    for area in AREAS:
        say(area)
        rows_of_area = [
            ["  " + " ".join(map(show_key, c.current_keys())), c.id(), "changed" if _is_changed(c) else ""]
            for c in commands(area)
        ]
        table([["  key", "name in settings", ""], *rows_of_area])
        say()
    say(f"To change one, write into {settings_path()}:")
    say()
    say('  [keys]\n  "review.mark-correct" = "a"\n  "review.skip-turn" = ["s", "f4"]')


def _is_changed(command: type[Command]) -> bool:
    return command.current_keys() != command.keys
