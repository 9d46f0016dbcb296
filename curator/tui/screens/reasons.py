"""The one-key menu that asks why an output is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from curator.tui.menus import take_early_keys
from curator.tui.screens.asking import Question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curator.review import Reason

_COLUMN = 31
_TITLE, _HINT = "What is wrong? One key", "esc  back, nothing decided"


def reason_question(reasons: Sequence[Reason]) -> Question:
    """Return the question for an error class; its answer is the id."""
    return Question(
        _TITLE, _HINT, "error", lambda size: _sized(reasons, size.width), {one.key: one.id for one in reasons}
    )


class ReasonMenu(ModalScreen[str | None]):
    """One key chooses an error class; escape goes back without deciding."""

    CSS_PATH = "reasons.tcss"

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__()
        self._by_key = {reason.key: reason.id for reason in reasons}
        self._reasons = reasons
        take_early_keys(self, self._by_key)

    def compose(self) -> ComposeResult:
        """One box at the bottom, so that the turn stays in view."""
        box = Static(self._table(self.app.size.width), id="reasons", markup=False)
        box.border_title, box.border_subtitle = _TITLE, _HINT
        yield box

    def on_resize(self, event: events.Resize) -> None:
        """Lay the classes out in as many columns as fit."""
        self.call_later(self.query_one("#reasons", Static).update, self._table(event.size.width))

    def on_key(self, event: events.Key) -> None:
        """Take the class that the key names; no other key does anything."""
        event.stop()
        if event.key == "escape":
            self.dismiss(None)
        elif event.character in self._by_key:
            self.action_take(event.character)

    def action_take(self, key: str) -> None:
        """Take the class of a key."""
        self.dismiss(self._by_key[key])

    def _table(self, width: int) -> Content:
        return _sized(self._reasons, width)


def _sized(reasons: Sequence[Reason], width: int) -> Content:
    return _table(reasons, max(1, min(4, (width - 4) // _COLUMN)))


def _table(reasons: Sequence[Reason], columns: int) -> Content:
    rows = -(-len(reasons) // columns)
    lines = []
    for row in range(rows):
        cells = [_cell(reasons[at]) for at in range(row, len(reasons), rows)]
        lines.append(Content.assemble(*cells))
    return Content("\n").join(lines)


def _cell(reason: Reason) -> Content:
    return Content.assemble((f" {reason.key} ", "bold reverse $accent"), " ", reason.title.ljust(_COLUMN - 4))
