"""Asks for one or two lines of text, below a sentence on what they are for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class Field(NamedTuple):
    """One line to write."""

    placeholder: str
    value: str = ""
    needed: bool = False


class NamingScreen(ModalScreen[tuple[str, ...] | None]):
    """Enter takes the lines, once those that are needed hold something; escape takes none."""

    CSS_PATH = "naming.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "back", show=False)]

    def __init__(self, title: str, about: Content, fields: Sequence[Field], does: str) -> None:
        super().__init__()
        self._title, self._about, self._fields, self._does = title, about, fields, does

    def compose(self) -> ComposeResult:
        """What it is about above the fields."""
        with Vertical(id="naming-box"):
            yield Static(self._about, id="naming-about", markup=False)
            for field in self._fields:
                yield Input(field.value, placeholder=field.placeholder, max_length=400)

    def on_mount(self) -> None:
        """Say which keys there are, and take the focus."""
        box = self.query_one("#naming-box")
        box.border_title = self._title
        tab = "   tab  next line" if len(self._fields) > 1 else ""
        box.border_subtitle = f"⏎  {self._does}{tab}   esc  back"
        self.query(Input).first().focus()

    def on_input_submitted(self) -> None:
        """Take the lines."""
        lines = self.query(Input)
        given = tuple(line.value.strip() for line in lines)
        for line, text, field in zip(lines, given, self._fields, strict=True):
            if field.needed and not text:
                line.focus()
                return
        self.dismiss(given)
