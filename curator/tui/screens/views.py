"""Saved views to choose from, and a name for the query as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from curator.text import one_line
from curator.tui.blocks import styled
from curator.tui.screens.choosing import Choice, ChoiceScreen

if TYPE_CHECKING:
    from curator.store import SavedView

_NAME = 28
_QUERY = 60


def view_choices(views: Sequence[SavedView]) -> ChoiceScreen:
    """Return the screen that lists them."""
    lines = [Choice(one.name, _line(one)) for one in views]
    empty = "No view is kept yet. A name keeps the query and the order as they stand."
    return ChoiceScreen("SAVED VIEWS", lines, empty, naming="a name keeps this query and order")


def _line(view: SavedView) -> Content:
    name = styled(one_line(view.name, _NAME - 1), "bold")
    gap = " " * max(1, _NAME - name.cell_length)
    query = styled(one_line(view.query or "every turn", _QUERY), "$accent")
    return Content.assemble(name, gap, query, ("  ", ""), styled(view.reviewer, "$muted"))
