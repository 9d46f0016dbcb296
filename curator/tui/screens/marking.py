"""Attaches to a turn what is no verdict: tags, notes, hidden texts. None of them goes on to the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from textual import work
from textual.content import Content

from curator.model import Redaction
from curator.text import one_line
from curator.tui.commands.base import UNDO, key_of
from curator.tui.marks import HIDDEN_MARK, TAG_MARK, hidden_words, stars
from curator.tui.problems import explain
from curator.tui.screens.reading import ReadingScreen

if TYPE_CHECKING:
    from curator.review import Card
    from curator.store import Change
    from curator.tui.screens.note import Note


class Waiting(NamedTuple):
    """A key that was pressed while the act before it was still being written."""

    turn: int | None
    run: Callable[[], None]


class Marked(NamedTuple):
    """What an act that marks a turn did, and the turn as it is now."""

    change: Change
    card: Card


class MarkingScreen(ReadingScreen):
    """Writes one act at a time; the turn that it marks stays on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.writing = False
        self._waiting: Waiting | None = None

    def _must_wait(self, run: Callable[[], None]) -> bool:
        """Hold one key back while the act before it is being written."""
        if not self.writing:
            return False
        if self._waiting is None:
            self._waiting = Waiting(self._flow.turn_id, run)
            self.say(Content.styled("saving the decision before …", "$warning"))
        return True

    def _run_waiting(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and waiting.turn == self._flow.turn_id:
            waiting.run()

    # Tags

    def action_tag(self) -> None:
        """Ask which tag, then give it or take it away."""
        if self.card is None:
            return
        from curator.tui.screens.tags import choices, tag_question

        tags = choices(self._flow.desk.profile, self.card.resolution.tags)
        if tags:
            self.ask(tag_question(tags), partial(self._tag, self.card))
        else:
            words = "the profile names no tags · a [tags] table in profile.toml gives them keys"
            self.say(Content.styled(words, "$muted"))

    def _tag(self, card: Card, tag: str | None) -> None:
        if tag is None:
            return
        removes = tag in card.resolution.tags
        word = f"{TAG_MARK} {'not ' if removes else ''}{one_line(tag, 40)}"
        self._mark(card, partial(self._flow.desk.tag, card.turn.id, tag, remove=removes), word)

    # Notes

    def action_note(self) -> None:
        """Ask for a note and a rating."""
        if self.card is None:
            return
        from curator.tui.screens.note import NoteScreen

        self.app.push_screen(NoteScreen(), partial(self._note, self.card))

    def _note(self, card: Card, note: Note | None) -> None:
        if note is not None:
            save = partial(self._flow.desk.note, card.turn.id, note.text, note.rating)
            self._mark(card, save, f"noted {stars(note.rating)}".strip())

    # Hiding

    def action_hide(self) -> None:
        """List what may have to be hidden."""
        if self.card is None:
            return
        from curator.tui.screens.hide import HideScreen

        self.app.push_screen(HideScreen(self.card), partial(self._hide, self.card))

    def _hide(self, card: Card, hidden: tuple[Redaction, ...] | None) -> None:
        if hidden is not None:
            save = partial(self._flow.desk.redact, card.turn.id, hidden)
            self._mark(card, save, f"{HIDDEN_MARK} {hidden_words(len(hidden))}")

    # Writing

    def _mark(self, card: Card, save: Callable[[], Change], word: str) -> None:
        """Write an act and show the turn with it; wait first for the one before."""
        if self._must_wait(lambda: self._mark(card, save, word)):
            return
        self.writing = True
        desk = self._flow.desk
        future = self._flow.write(lambda: Marked(save(), desk.card(card.turn.id)))
        self._marked(future, word)

    @work(group="write", exit_on_error=False)
    async def _marked(self, future: Future[Marked], word: str) -> None:
        [result] = await asyncio.gather(asyncio.wrap_future(future), return_exceptions=True)
        self.writing = False
        if isinstance(result, BaseException):
            self.say(Content.assemble(("✗ not saved", "bold $error"), " · the turn is as it was"))
            self.app.say(explain(result))
        else:
            self._show_marked(result, word)
        self._run_waiting()

    def _show_marked(self, marked: Marked, word: str) -> None:
        flow = self._flow
        flow.apply(marked.change)
        flow.keep(marked.card)
        if flow.turn_id == marked.card.turn.id:
            self.card = marked.card
            if marked.change.kind == "note":
                self._paint_columns()
        self._paint_lines()
        where = f" · #{marked.card.turn.id} · {key_of(UNDO)} undoes"
        self.say(Content.assemble((word, "bold $secondary"), (where, "$muted")))

    # Guidelines

    def action_guidelines(self) -> None:
        """Show the guidelines of the profile beside the turn."""
        if self.app.flow is None:
            return
        from curator.tui.screens.guidelines import GuidelinesScreen

        self.app.push_screen(GuidelinesScreen(self._flow.desk.profile))
