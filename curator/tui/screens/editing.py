"""Opens the correction editor on a turn, and keeps what was not finished there over crashes and restarts."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING

from textual import work
from textual.content import Content

from curator.errors import WorkspaceError
from curator.model import Correction
from curator.tui.commands.base import key_of
from curator.tui.problems import explain
from curator.tui.screens.sitting import SittingScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from curator.review import Card
    from curator.review.completion import ValuesSeen
    from curator.review.draft_files import DraftShelf
    from curator.review.drafts import Draft, Saved
    from curator.store import Change
    from curator.tui.screens.alternatives import Chosen
    from curator.tui.screens.editor import EditorScreen


class EditingScreen(SittingScreen):
    """Corrects the turn that is shown. The draft goes once the decision is on disk, not before."""

    def _decide(self, card: Card, change: Change, save: Callable[[], Change]) -> None:
        """Take a decision; the review screen says how."""
        raise NotImplementedError

    @cached_property
    def drafts(self) -> DraftShelf:
        """The unfinished corrections of this reviewer."""
        from curator.review.draft_files import DraftShelf

        return DraftShelf(self.app.workspace.folder, self.app.reviewer)

    @cached_property
    def _values(self) -> ValuesSeen:
        from curator.review.completion import ValuesSeen

        return ValuesSeen(self._flow.desk.store)

    @cached_property
    def _editor(self) -> EditorScreen:
        """The editor. Installed, it outlives its use: a new one takes three times as long to open."""
        from curator.tui.screens.editor import EditorScreen

        editor = EditorScreen()
        self.app.install_screen(editor, "editor")
        return editor

    def has_draft(self, card: Card) -> bool:
        """Whether an unfinished correction of the turn is kept."""
        return self.drafts.has(card.turn.key)

    def action_edit(self) -> None:
        """Open the correction editor on the turn that is shown, with the draft of it if there is one."""
        if self.card is not None:
            self._edit(self.card, self.drafts.load(self.card.turn.key))

    def _edit(self, card: Card, draft: Draft | None) -> None:
        editor = self._editor
        editor.open(self._flow.desk, card, self._values, draft, partial(self._keep_draft, card.turn.key))
        self.app.push_screen(editor, partial(self._edited, card))

    def action_alternatives(self) -> None:
        """Show other answers to the prompt of the turn that is shown."""
        if self.card is None:
            return
        from curator.tui.screens.alternatives import AlternativesScreen

        screen = AlternativesScreen(self._flow.desk, self.card, self.has_draft(self.card))
        self.app.push_screen(screen, partial(self._chose, self.card))

    def _chose(self, card: Card, chosen: Chosen | None) -> None:
        if chosen is None:
            return
        if not chosen.edit:
            self._correct(card, chosen.alternative.correction, False)
            return
        from curator.review.drafts import draft_of

        self._edit(card, draft_of(chosen.alternative.correction))

    def _edited(self, card: Card, result: Saved | Draft | None) -> None:
        from curator.review.drafts import Saved

        if isinstance(result, Saved):
            self._correct(card, result.correction, result.anyway)
            return
        self._keep_draft(card.turn.key, result)
        if result is not None:
            self.say(
                Content.assemble(
                    ("✎ draft kept", "bold $warning"), f" · {key_of('review.correct-turn')} opens it again"
                )
            )

    def _correct(self, card: Card, correction: Correction, anyway: bool) -> None:
        desk, drafts, seconds = self._flow.desk, self.drafts, self.seconds

        def save() -> Change:
            change = desk.correct(card.turn.id, correction, anyway, seconds)
            # The decision is on disk; a draft that cannot be removed does not undo that.
            with suppress(WorkspaceError):
                drafts.discard(card.turn.key)
            return change

        self._decide(card, desk.foresee(card, correction=correction), save)

    def _keep_draft(self, key: str, draft: Draft | None) -> None:
        """Write or remove a draft behind whatever is being written, so that the last one wins."""
        act = partial(self.drafts.discard, key) if draft is None else partial(self.drafts.save, key, draft)
        self._draft_kept(self._flow.write(act))

    @work(group="drafts", exit_on_error=False)
    async def _draft_kept(self, future: Future[None]) -> None:
        [problem] = await asyncio.gather(asyncio.wrap_future(future), return_exceptions=True)
        if isinstance(problem, BaseException):
            self.app.say(explain(problem))
        self._paint_lines()
