"""Asks for one key in a box of the screen itself: a screen over the screen would be painted four times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Static

if TYPE_CHECKING:
    from curator.tui.app import CuratorApp


class Question(NamedTuple):
    """What is asked, and which key gives which answer."""

    title: str
    hint: str
    style: str
    """Name of the theme's colour for the frame."""
    table: Callable[[Size], Content]
    """The choices, for a size of the screen."""
    answers: Mapping[str, str]

    def frame(self, box: Static) -> None:
        """Put title, keys and colour on the box that asks."""
        box.border_title, box.border_subtitle = self.title, self.hint
        colour = box.app.theme_variables[self.style]
        box.styles.border = ("round", colour)
        box.styles.border_title_color = colour


class AskingScreen(Screen[None]):
    """Has a hidden box above everything else; while it is shown, every key is an answer."""

    app: CuratorApp

    def __init__(self, classes: str = "") -> None:
        super().__init__(classes=classes)
        self._question: Question | None = None
        self._then: Callable[[str | None], None] | None = None
        self._covered: dict[str, list[Binding]] = {}
        """Bindings of the screen that answers stand before."""

    @staticmethod
    def question_box() -> Static:
        """The box, to be composed."""
        return Static(id="question", markup=False)

    @property
    def is_asking(self) -> bool:
        """Whether the next key is an answer."""
        return self._question is not None

    def ask(self, question: Question, then: Callable[[str | None], None]) -> None:
        """Show the choices; ``then`` gets the answer, or ``None`` for escape."""
        if self._question is not None:
            self._unbind(self._question)
        self._question, self._then = question, then
        box = self.query_one("#question", Static)
        question.frame(box)
        box.update(question.table(self.size))
        box.display = True
        self._bind(question)

    def answered(self, event: events.Key) -> bool:
        """Take a key as the answer, where something is asked; no other key does anything then."""
        question, then = self._question, self._then
        if question is None or then is None:
            return False
        event.stop()
        key = event.character or ""
        if key in question.answers or event.key == "escape":
            self.action_answer(key)
        return True

    def action_answer(self, key: str) -> None:
        """Take the answer of a key; one that has none goes back."""
        question, then = self._question, self._then
        if question is None or then is None:
            return
        self._question = self._then = None
        self._unbind(question)
        self.query_one("#question").display = False
        then(question.answers.get(key))

    def _bind(self, question: Question) -> None:
        """Let answers come before the keys of the screen.

        Fast typists press the second key while the first one still opens the box. Such a key has passed
        the screen before the box stood, and then meets the bindings.
        """
        keys = self._bindings.key_to_bindings
        self._covered = {key: keys[key] for key in question.answers if key in keys}
        for key in question.answers:
            keys[key] = [Binding(key, f"answer({key!r})", show=False), *self._covered.get(key, ())]

    def _unbind(self, question: Question) -> None:
        keys = self._bindings.key_to_bindings
        for key in question.answers:
            del keys[key]
        keys.update(self._covered)

    def _resize_question(self) -> None:
        """Lay the choices out for another size."""
        if self._question is not None:
            self.query_one("#question", Static).update(self._question.table(self.size))
