"""A list of lines that are drawn anew in place; headings cannot be chosen. Enter belongs to the screen."""

from __future__ import annotations

from textual.binding import Binding

from curator.tui.widgets.run_list import Entry, RunList

__all__ = ["Entry", "EntryList"]


class EntryList(RunList, inherit_bindings=False):
    """Moves by lines and pages itself; what a line does is a command of the screen."""

    BINDINGS = [
        Binding("down,j", "cursor_down", show=False),
        Binding("up,k", "cursor_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("home,g", "first", show=False),
        Binding("end,G", "last", show=False),
    ]

    def show_first(self) -> None:
        """Highlight the first line that can be chosen, where none is highlighted."""
        if self.highlighted is None:
            self.action_first()
