"""Asks which suggestion to take: one digit, or the highlighted one."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from curator.review.suggestions import Suggestion
from curator.text import one_line
from curator.tui.blocks import styled


class SuggestionMenu(ModalScreen[Suggestion | None]):
    """Lists what each suggestion does, and why."""

    CSS_PATH = "suggesting.tcss"
    BINDINGS = [Binding("escape", "dismiss", "back", show=False)]

    def __init__(self, found: Sequence[Suggestion]) -> None:
        super().__init__()
        self._found = found

    def compose(self) -> ComposeResult:
        """A list; digits choose at once."""
        yield OptionList(
            *(Option(_line(n, one)) for n, one in enumerate(self._found, 1)), id="suggestions", markup=False
        )

    def on_mount(self) -> None:
        """Highlight the likeliest."""
        box = self.query_one(OptionList)
        box.border_title = "SUGGESTIONS"
        box.border_subtitle = "a digit or ⏎ takes one   esc back"
        box.highlighted = 0

    def on_key(self, event: events.Key) -> None:
        """Take the suggestion with the digit."""
        if event.key.isdecimal() and 1 <= int(event.key) <= len(self._found):
            event.stop()
            self.dismiss(self._found[int(event.key) - 1])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the highlighted one."""
        self.dismiss(self._found[event.option_index])


def _line(position: int, one: Suggestion) -> Content:
    title = styled(one_line(one.title, 90), "bold")
    why = styled(one_line(one.why, 90), "$muted")
    return Content.assemble((f"{position} ", "bold $accent"), title, "\n  ", why)
