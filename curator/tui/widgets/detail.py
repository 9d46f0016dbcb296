"""What stands beside a list: it scrolls, and says when its size changed."""

from __future__ import annotations

from textual import events
from textual.containers import VerticalScroll
from textual.message import Message


class Detail(VerticalScroll, can_focus=False):
    """What is chosen; it says when its width changes, for its lines are made to measure."""

    class Measured(Message):
        """The size is another one."""

    def on_resize(self, event: events.Resize) -> None:
        """Tell the screen."""
        self.post_message(self.Measured())
