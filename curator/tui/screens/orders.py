"""The one-key menu of the orders of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from curator.text import one_line
from curator.tui.screens.asking import Question

if TYPE_CHECKING:
    from curator.review import Arranged, Ordering

_TITLE_WIDTH = 16
_FRAME = 4
_LEAD = 7


def order_question(orderings: Sequence[Ordering], standing: Arranged) -> Question:
    """Return the question for an order; below the choices stands the sentence of the one that holds."""
    answers = {ordering.key: ordering.name for ordering in orderings}
    title, hint = "Which turns first? One key", "a again: another sample   esc  back"
    return Question(title, hint, "accent", lambda size: _table(orderings, standing, size.width), answers)


def _table(orderings: Sequence[Ordering], standing: Arranged, width: int) -> Content:
    room = width - _FRAME
    lines = [_line(ordering, ordering.name == standing.plan.order, room) for ordering in orderings]
    said = Content.styled(f"now: {one_line(standing.sentence, 3 * room)}", "$muted")
    return Content("\n").join([*lines, Content(), said])


def _line(ordering: Ordering, is_standing: bool, room: int) -> Content:
    return Content.assemble(
        (f" {ordering.key} ", "bold reverse $accent"),
        (" ✓ " if is_standing else "   ", "bold $success"),
        (ordering.title.ljust(_TITLE_WIDTH), "bold" if is_standing else ""),
        (one_line(ordering.about, room - _TITLE_WIDTH - _LEAD), "$muted"),
    )
