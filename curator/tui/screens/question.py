"""A question as a screen of its own, for screens that have no box for it."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Static

from curator.tui.screens.asking import Question


class QuestionScreen(ModalScreen[str | None]):
    """One key gives the answer; escape goes back without one."""

    CSS_PATH = "question.tcss"

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question
        # Fast typists press the second key while the first one still opens the menu. Such a key was sent
        # to the screen below, which hands it to the bindings of the menu that stands by then.
        for key in question.answers:
            self._bindings.bind(key, f"take({key!r})", show=False)

    def compose(self) -> ComposeResult:
        """One box at the bottom, so that what it is about stays in view."""
        box = Static(self._question.table(self.app.size), id="question", markup=False)
        self._question.frame(box)
        yield box

    def on_resize(self, event: events.Resize) -> None:
        """Lay the choices out for another size."""
        self.call_later(self.query_one("#question", Static).update, self._question.table(event.size))

    def on_key(self, event: events.Key) -> None:
        """Take the answer that the key gives; no other key does anything."""
        event.stop()
        if event.key == "escape":
            self.dismiss(None)
        elif (event.character or "") in self._question.answers:
            self.action_take(event.character or "")

    def action_take(self, key: str) -> None:
        """Take the answer of a key."""
        self.dismiss(self._question.answers[key])
