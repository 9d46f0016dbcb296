"""The fifth section: turns with secrets or personal data that nobody has looked through."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from curator.text import one_line
from curator.tui.blocks import BLANK, Block, number, styled
from curator.tui.marks import HIDDEN_MARK, hidden_words
from curator.tui.problems import explain
from curator.tui.widgets.pane import Pane
from curator.tui.widgets.section import CountedSection
from curator.tui.widgets.turn_list import TurnList

if TYPE_CHECKING:
    from array import array

    from curator.datasets.privacy import Hideable
    from curator.model import Redaction
    from curator.review import Card
    from curator.store import Change, ListRow

_PREVIEW_S = 0.05
_ABOUT = " with secrets or personal data, in which nobody has chosen what to hide; rows come first"
_NOTHING = "✓ No turn with secrets or personal data is left to look through."


class Private(CountedSection["array[int]"]):
    """The list comes from the store; a turn is looked through when the cursor stands on it."""

    TITLE = "private"
    HINTS = {"open": "open", "hide": "hide", "again": "look again"}

    def __init__(self, id: str) -> None:
        super().__init__(id)
        self._looking: Timer | None = None

    def compose(self) -> ComposeResult:
        """How many there are, the turns, and what was found in the one at the cursor."""
        yield Static(Content.styled("looking for secrets …", "$muted"), id="private-about", markup=False)
        yield TurnList(self._rows, "private-turns")
        yield Pane("", "private-found")

    def shown(self) -> None:
        """List the turns anew."""
        self.read_anew()

    def _rows(self, ids: Sequence[int]) -> list[ListRow]:
        return self.flow.desk.store.listing.page(ids)

    def read(self) -> array[int]:
        """Find the turns to look at."""
        from curator.datasets.privacy import to_look_at

        return to_look_at(self.flow.desk.store)

    def take(self, found: array[int]) -> None:
        """List them; where the turn at the cursor has gone, the next one takes its place."""
        ids = found
        turns = self.query_one(TurnList)
        count = f"✗ {number(len(ids))} turn{'s' * (len(ids) != 1)}"
        about = Content.assemble((count, "bold $warning"), (_ABOUT, "$muted"))
        nothing = Content.styled(_NOTHING, "$success")
        self.query_one("#private-about", Static).update(about if ids else nothing)
        at, keep = turns.cursor, turns.turn_id
        turns.show(ids, keep if keep in ids else ids[min(at, len(ids) - 1)] if ids else None)
        turns.display = self.query_one(Pane).display = bool(ids)
        if self.display and turns.display:
            turns.focus()

    # Looking

    @on(TurnList.Moved)
    def _moved(self) -> None:
        if self._looking is not None:
            self._looking.stop()
        self._looking = self.set_timer(_PREVIEW_S, self._look)

    def _look(self) -> None:
        turn = self.query_one(TurnList).turn_id
        if turn is not None and self.display:
            self._preview(turn)

    @work(group="private-preview", exclusive=True, exit_on_error=False)
    async def _preview(self, turn_id: int) -> None:
        look = asyncio.to_thread(self._found, turn_id)
        [found] = await asyncio.gather(look, return_exceptions=True)
        if isinstance(found, BaseException):
            self.app.say(explain(found))
        elif turn_id == self.query_one(TurnList).turn_id:
            pane = self.query_one(Pane)
            pane.border_title = f"#{turn_id} · {len(found)} found"
            pane.show(found_blocks(found))

    def _found(self, turn_id: int) -> list[Hideable]:
        from curator.datasets.privacy import hideable

        return hideable(self.flow.fetch(turn_id).turn)

    # What the user does

    def do(self, what: str) -> None:
        """Open the turn at the cursor, hide texts in it, or list the turns anew."""
        turn = self.query_one(TurnList).turn_id
        if what == "again":
            self.read_anew(is_asked=True)
        elif turn is not None and what == "open":
            self.app.call_later(self.app.look_at, turn)
        elif turn is not None:
            self._ask(turn)

    @work(group="private-ask", exclusive=True, exit_on_error=False)
    async def _ask(self, turn_id: int) -> None:
        from curator.tui.screens.hide import HideScreen

        [card] = await asyncio.gather(asyncio.to_thread(self.flow.fetch, turn_id), return_exceptions=True)
        if isinstance(card, BaseException):
            self.app.say(explain(card))
        else:
            self.app.push_screen(HideScreen(card), partial(self._hide, card))

    def _hide(self, card: Card, hidden: tuple[Redaction, ...] | None) -> None:
        if hidden is None:
            return
        desk = self.flow.desk

        def save() -> list[Change]:
            return [desk.redact(card.turn.id, hidden)]

        word = f"{HIDDEN_MARK} {hidden_words(len(hidden))}"
        self.post_message(self.Wrote(save, Content.styled(word, "bold $secondary")))


def found_blocks(found: Sequence[Hideable]) -> list[Block]:
    """Return each text that may have to be hidden, its kind and places, and what stands around it."""
    if not found:
        return [Block(Content.styled("Nothing is found in this turn any more.", "$muted"))]
    blocks = []
    for one in found:
        times = f"{one.times}× " if one.times > 1 else ""
        first = Content.assemble(
            (f"{one.kind:<18}", "$secondary"), styled(one_line(one.text, 200), "bold"),
            styled(f"   {times}in {', '.join(one.places)}", "$muted"),
        )  # fmt: skip
        around = f"…{one.before}[{one.kind}]{one.after}…".replace("\n", " ")
        blocks += [Block(first), Block(styled(around, "$muted"), Content(" " * 18)), BLANK]
    return blocks
