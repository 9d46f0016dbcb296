"""Sessions to choose from, those with the most errors first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from curator.text import one_line
from curator.tui.blocks import number, styled
from curator.tui.screens.choosing import Choice, ChoiceScreen

if TYPE_CHECKING:
    from curator.store import SessionRow

_COUNTS = 46
_NARROWEST, _WIDEST = 20, 60
_BOX = 0.9
"""Share of the screen that the list takes."""


def session_choices(rows: Sequence[SessionRow], width: int) -> ChoiceScreen:
    """Return the screen that lists them."""
    room = max(_NARROWEST, min(_WIDEST, int(_BOX * width) - _COUNTS))
    title = f"SESSIONS · {number(len(rows))}{' with the most errors' if len(rows) >= 500 else ''}"
    return ChoiceScreen(title, [Choice(row.key, _line(row, room)) for row in rows], "No session.")


def _line(row: SessionRow, room: int) -> Content:
    name = styled(one_line(row.name or row.key, room - 1)).pad_right(0)
    gap = " " * max(1, room - name.cell_length)
    errors = (f"  ✗ {number(row.errors)}", "$error") if row.errors else ""
    undecided = (f"  {number(row.undecided)} undecided", "$muted")
    return Content.assemble(
        name, gap, (f"{number(row.turns):>7} turn{' ' if row.turns == 1 else 's'}", "bold"), undecided, errors
    )
