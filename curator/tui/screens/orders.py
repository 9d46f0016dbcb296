"""The one-key menu of the orders of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from curator.review.ordering import OrderName
from curator.text import one_line
from curator.tui.menus import take_early_keys

if TYPE_CHECKING:
    from curator.review import Arranged, Ordering

_TITLE_WIDTH = 16
_FRAME = 4
_LEAD = 7


class OrderMenu(ModalScreen[OrderName | None]):
    """One key chooses an order; escape goes back. The sentence below explains the one that stands."""

    CSS_PATH = "orders.tcss"

    def __init__(self, orderings: Sequence[Ordering], standing: Arranged) -> None:
        super().__init__()
        self._orderings = orderings
        self._standing = standing
        self._by_key = {ordering.key: ordering.name for ordering in orderings}
        take_early_keys(self, self._by_key)

    def compose(self) -> ComposeResult:
        """One box at the bottom, so that the turn stays in view."""
        box = Static(self._table(self.app.size.width), id="order-menu", markup=False)
        box.border_title = "Which turns first? One key"
        box.border_subtitle = "a again: another sample   esc  back"
        yield box

    def on_resize(self, event: events.Resize) -> None:
        """Fit the lines to the width."""
        self.call_later(self.query_one("#order-menu", Static).update, self._table(event.size.width))

    def on_key(self, event: events.Key) -> None:
        """Take the order that the key names; no other key does anything."""
        event.stop()
        if event.key == "escape":
            self.dismiss(None)
        elif event.character in self._by_key:
            self.action_take(event.character)

    def action_take(self, key: str) -> None:
        """Take the order of a key."""
        self.dismiss(self._by_key[key])

    def _table(self, width: int) -> Content:
        room = width - _FRAME
        lines = [self._line(ordering, room) for ordering in self._orderings]
        said = Content.styled(f"now: {one_line(self._standing.sentence, 3 * room)}", "$muted")
        return Content("\n").join([*lines, Content(), said])

    def _line(self, ordering: Ordering, room: int) -> Content:
        is_standing = ordering.name == self._standing.plan.order
        return Content.assemble(
            (f" {ordering.key} ", "bold reverse $accent"),
            (" ✓ " if is_standing else "   ", "bold $success"),
            (ordering.title.ljust(_TITLE_WIDTH), "bold" if is_standing else ""),
            (one_line(ordering.about, room - _TITLE_WIDTH - _LEAD), "$muted"),
        )
