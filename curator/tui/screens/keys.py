"""Every key, from the same classes that make the keys work: grouped by area, those of this screen first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from curator.tui.blocks import BLANK, Block
from curator.tui.commands import AREAS, Command, commands, show_key
from curator.tui.widgets.pane import Pane

_KEYS_WIDTH = 14
_TITLE_WIDTH = 24
_NARROW = 100


class KeysScreen(ModalScreen[None]):
    """Every key. ``/`` looks for one; escape, ? and q close it."""

    CSS_PATH = "keys.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "close", show=False),
        Binding("question_mark,f1,q,enter", "dismiss", "close", show=False),
        Binding("slash", "search", "search", show=False),
    ]

    def __init__(self, area: str = "") -> None:
        super().__init__()
        self._areas = sorted(AREAS, key=lambda other: other != area)

    def compose(self) -> ComposeResult:
        """A line to search in, over one scrolling box."""
        yield Input(id="key-search", placeholder="find a key or what it does · ⏎ keeps · esc shows all")
        own = f"   {_own_keys()}" if self.app.size.width >= _NARROW else ""
        yield Pane("KEYS", "key-list", f"/  finds   esc  closes   ctrl+p  runs any{own}")

    def on_mount(self) -> None:
        """Write the list."""
        self._write("")
        self.query_one(Pane).focus()

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self._write(self.query_one(Input).value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep what fits the words."""
        self._write(event.value)

    def on_input_submitted(self) -> None:
        """Go into the list of what was found."""
        self.query_one(Pane).focus()

    def action_search(self) -> None:
        """Open the line to search in."""
        self.add_class("-searching")
        self.query_one(Input).focus()

    def action_back(self) -> None:
        """Show every key again, or close."""
        if not self.has_class("-searching"):
            self.dismiss()
            return
        self.query_one(Input).value = ""
        self.remove_class("-searching")
        self.query_one(Pane).focus()

    def _write(self, words: str) -> None:
        narrow = self.size.width < _NARROW
        found = [block for area in self._areas for block in _area(area, words.lower().split(), narrow)]
        nothing = Block(Content.styled("No key fits. esc shows all of them.", "$muted"))
        self.query_one(Pane).show(found or [nothing])


def _own_keys() -> str:
    return "curator keys  changes them" if not Command.remapped else f"{len(Command.remapped)} changed by you"


def _area(area: str, words: list[str], narrow: bool) -> Iterator[Block]:
    found = [command for command in commands(area) if _fits(command, words)]
    if found:
        yield Block(Content.styled(area.upper(), "bold $primary"))
        for command in found:
            yield _row(command, narrow)
        yield BLANK


def _fits(command: type[Command], words: list[str]) -> bool:
    keys = " ".join(map(show_key, command.current_keys()))
    text = f"{command.area} {keys} {command.title()} {command.doc()}".lower()
    return all(word in text for word in words)


def _row(command: type[Command], narrow: bool) -> Block:
    current = command.current_keys()
    keys = "1…9 0" if len(current) > 4 else " ".join(map(show_key, current))
    # Where room is short the sentence matters more than the name, which it repeats.
    title = "" if narrow else command.title().ljust(_TITLE_WIDTH)
    lead = Content.assemble((f"  {keys.ljust(_KEYS_WIDTH)}", "bold $accent"), title)
    was = f" (yours; was {' '.join(map(show_key, command.keys))})" if current != command.keys else ""
    return Block(Content.assemble((command.doc(), "$muted"), (was, "$warning")), lead)
