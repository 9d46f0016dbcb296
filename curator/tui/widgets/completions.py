"""A short list under a field: what the field may be completed with."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from curator.review.completion import Candidate
from curator.text import one_line
from curator.tui.blocks import styled

MOST = 6

_LEAD = 2
_FRAME = 3
_ABOUT = 6


class Completions(Static):
    """Shows candidates; the keys that choose among them reach the field, which keeps the focus."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id, markup=False)
        self.found: Sequence[Candidate] = ()
        self.at: int | None = None
        """Which one is chosen; ``None`` while the reviewer has not chosen any."""

    @property
    def is_open(self) -> bool:
        """Whether there is anything to choose from."""
        return bool(self.found)

    @property
    def chosen(self) -> Candidate | None:
        """The candidate that the reviewer went to."""
        return None if self.at is None or not self.found else self.found[self.at]

    def show(self, found: Sequence[Candidate], width: int) -> None:
        """List other candidates; none close the list."""
        self.found, self.at = found, None
        self.display = bool(found)
        self._width = width - _FRAME
        self.styles.width = width
        self._paint()

    def close(self) -> None:
        """Close the list."""
        self.show((), _FRAME)

    def move(self, by: int) -> None:
        """Go to the next candidate; from none to the first or the last."""
        if self.at is None:
            self.at = 0 if by > 0 else len(self.found) - 1
        else:
            self.at = (self.at + by) % len(self.found)
        self._paint()

    def _paint(self) -> None:
        lines = [self._line(at, one) for at, one in enumerate(self.found)]
        self.update(Content("\n").join(lines))

    def _line(self, at: int, one: Candidate) -> Content:
        here = at == self.at
        text = one_line(one.text, self._width - _LEAD)
        left = self._width - _LEAD - cell_len(text) - 2
        about = one_line(one.about, left) if left >= _ABOUT else ""
        lead = ("▸ ", "bold $primary") if here else "  "
        return Content.assemble(lead, styled(text, "bold" if here else ""), "  ", (about, "$muted"))
