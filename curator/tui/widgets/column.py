"""A column of the turn: its arrows belong to the screen, which walks through the session with them."""

from __future__ import annotations

from textual.binding import Binding

from curator.tui.widgets.pane import Pane


class Column(Pane, can_focus=True, inherit_bindings=False):
    """Scrolls by pages and to its ends; lines and half pages are commands of the screen."""

    BINDINGS = [
        Binding("pagedown", "page_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("home", "scroll_home", show=False),
        Binding("end", "scroll_end", show=False),
    ]
