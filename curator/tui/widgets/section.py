"""One part of the Dataset screen: it draws itself, and says which commands mean something in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from curator.tui.flow import Flow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from curator.store import Change
    from curator.tui.app import CuratorApp


class Section(Vertical):
    """Painted when it is shown and whenever something was decided; nothing is read while it is hidden."""

    TITLE: ClassVar[str] = ""
    HINTS: ClassVar[dict[str, str]] = {}
    """Commands that mean something here, by what they do, with the word for the key line."""

    app: CuratorApp

    class Said(Message):
        """A sentence for the status line."""

        def __init__(self, content: Content) -> None:
            super().__init__()
            self.content = content

    class Wrote(Message):
        """An act of the desk that is to be written, with the words for it."""

        def __init__(self, save: Callable[[], Sequence[Change]], word: Content) -> None:
            super().__init__()
            self.save, self.word = save, word

    @property
    def flow(self) -> Flow:
        """The sitting; sections are shown once it is there."""
        flow = self.app.flow
        assert flow is not None
        return flow

    def focus_first(self) -> None:
        """Take the focus; its first part that can have it does."""
        for widget in self.query("*"):
            if widget.can_focus and widget.display:
                widget.focus()
                return

    def shown(self) -> None:
        """Be up to date: the section was switched to, or the screen is shown again."""
        raise NotImplementedError

    def moved(self) -> None:
        """Draw anew, for somebody decided something."""
        self.shown()

    def do(self, what: str) -> None:
        """Do what a command asks, one of ``HINTS``."""
        raise NotImplementedError

    def say(self, content: Content) -> None:
        """Say a sentence in the status line."""
        self.post_message(self.Said(content))

    def stop(self) -> bool:
        """Cancel what goes on in it; False where nothing does."""
        return False
