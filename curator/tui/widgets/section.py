"""One part of the Dataset screen: it draws itself, and says which commands mean something in it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual import work
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from curator.tui.flow import Flow
from curator.tui.problems import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from curator.store import Change
    from curator.tui.app import CuratorApp

T = TypeVar("T")


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


class CountedSection(Section, Generic[T]):
    """Reads from the store in a thread, one reading at a time, and anew where something has moved since."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._read_at: object = None
        """The meters by which it was read last."""
        self._is_reading = False

    def read(self) -> T:
        """Read what the meters do not know. Runs in a thread."""
        raise NotImplementedError

    def take(self, found: T) -> None:
        """Keep what was read, and draw it."""
        raise NotImplementedError

    def read_anew(self, is_asked: bool = False) -> None:
        """Read, unless nothing has moved since the last time."""
        if not self._is_reading and (is_asked or self._read_at is not self.flow.meters):
            self._is_reading = True
            self._reading()

    @work(group="reading", exit_on_error=False)
    async def _reading(self) -> None:
        self._read_at = self.flow.meters
        [found] = await asyncio.gather(asyncio.to_thread(self.read), return_exceptions=True)
        self._is_reading = False
        if isinstance(found, BaseException):
            self.app.say(explain(found))
            return
        self.take(found)
        if self.display:
            self.read_anew()
