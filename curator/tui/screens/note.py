"""Asks for a note on a turn, and for a rating."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from curator.tui.marks import stars

_WORST, _BEST = 1, 5


class Note(NamedTuple):
    """What somebody says about a turn beside any verdict."""

    text: str
    rating: int | None
    """1 (bad) to 5 (good)."""


class NoteInput(Input):
    """A line of text; a digit at its beginning rates instead of being written."""

    async def _on_key(self, event: events.Key) -> None:
        screen = self.screen
        if isinstance(screen, NoteScreen) and not self.value and screen.rate(event.key):
            event.stop()
            event.prevent_default()
            return
        await super()._on_key(event)


class NoteScreen(ModalScreen[Note | None]):
    """One line; enter saves it, escape goes back."""

    CSS_PATH = "note.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "back", show=False),
        Binding("up", "change(1)", show=False, priority=True),
        Binding("down", "change(-1)", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.rating: int | None = None

    def compose(self) -> ComposeResult:
        """The rating before the line."""
        with Horizontal(id="note-box"):
            yield Static(id="stars", markup=False)
            yield NoteInput(placeholder="what should be known about this turn", id="note-line")

    def on_mount(self) -> None:
        """Say which keys rate."""
        box = self.query_one("#note-box")
        box.border_title = "Note"
        box.border_subtitle = "1–5 or ↑ ↓  rates   ⏎  saves   esc  back"
        self._paint()

    def rate(self, key: str) -> bool:
        """Take a digit as the rating, backspace as none; False for any other key."""
        if key == "backspace":
            self.rating = None
        elif key.isdecimal() and _WORST <= int(key) <= _BEST:
            self.rating = int(key)
        else:
            return False
        self._paint()
        return True

    def action_change(self, by: int) -> None:
        """Rate one better or worse; below the worst there is no rating."""
        rating = min(_BEST, (self.rating or 0) + by)
        self.rating = rating if rating >= _WORST else None
        self._paint()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Save, if there is something to save."""
        text = event.value.strip()
        self.dismiss(Note(text, self.rating) if text or self.rating else None)

    def _paint(self) -> None:
        shown = stars(self.rating) or "☆" * _BEST
        style = "$warning" if self.rating else "$faint"
        self.query_one("#stars", Static).update(Content.styled(shown, style))
