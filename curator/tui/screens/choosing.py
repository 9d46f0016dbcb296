"""A list in a box to choose one line from: orders, views, sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option


class Choice(NamedTuple):
    """A line to choose; ``id`` is what is given back."""

    id: str
    line: Content


class Chosen(NamedTuple):
    """What was chosen: a line, a new name that was typed, or a line to delete."""

    id: str = ""
    name: str = ""
    deleted: str = ""


class ChoiceScreen(ModalScreen[Chosen | None]):
    """Enter takes a line, escape none; with ``naming`` a new name can be typed, and delete removes a line."""

    CSS_PATH = "choosing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "back", show=False),
        Binding("delete", "delete", show=False),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], empty: str, naming: str = "") -> None:
        super().__init__()
        self._title, self._choices, self._empty, self._naming = title, choices, empty, naming

    def compose(self) -> ComposeResult:
        """The list, and under it the field for a new name."""
        with Vertical(id="choice-box"):
            if self._choices:
                yield OptionList(*(Option(one.line, id=one.id) for one in self._choices), markup=False)
            else:
                yield Static(Content.styled(self._empty, "$muted"), markup=False)
            if self._naming:
                yield Input(placeholder=self._naming, max_length=60)

    def on_mount(self) -> None:
        """Say which keys there are, and take the focus."""
        box = self.query_one("#choice-box")
        box.border_title = self._title
        deletes = "   delete  removes" if self._naming and self._choices else ""
        tab = "   tab  new name" if self._naming and self._choices else ""
        takes = "takes it" if self._choices else "keeps it"
        box.border_subtitle = f"⏎  {takes}{tab}{deletes}   esc  back"
        (
            self.query_one(OptionList) if self._choices else self.query_one(Input) if self._naming else box
        ).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the line."""
        self.dismiss(Chosen(id=event.option.id or ""))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the name."""
        if event.value.strip():
            self.dismiss(Chosen(name=event.value.strip()))

    def action_move(self, by: int) -> None:
        """Move the highlight."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if by > 0 else options.action_cursor_up)()

    def action_delete(self) -> None:
        """Remove the highlighted line."""
        options = self.query(OptionList).first() if self._choices and self._naming else None
        if options is not None and options.has_focus and options.highlighted is not None:
            self.dismiss(Chosen(deleted=options.get_option_at_index(options.highlighted).id or ""))
