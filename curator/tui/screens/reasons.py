"""The one-key menu that asks why an output is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

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
