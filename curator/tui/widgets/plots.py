"""The second section: plots of what the rows are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from curator.tui.widgets.plot_lines import most_bins, plot_content
from curator.tui.widgets.section import CountedSection

if TYPE_CHECKING:
    from curator.datasets.shares import Counted

_TALL = 40


class Plots(CountedSection["Counted"]):
    """The meters know most of it; numbers by file are counted in a thread."""

    TITLE = "plots"

    def __init__(self, id: str) -> None:
        super().__init__(id)
        self._counted: Counted | None = None

    def compose(self) -> ComposeResult:
        """One text that scrolls."""
        with VerticalScroll(id="plots-scroll"):
            yield Static(id="plots-text", markup=False)

    def shown(self) -> None:
        """Draw what is known, then count the rest."""
        self._paint()
        self.read_anew()

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new width."""
        if self.app.flow is not None and self.display:
            self._paint()

    def read(self) -> Counted:
        """Count the turns by calls, and the rows by file."""
        from curator.datasets.shares import count_shares

        return count_shares(self.flow.desk.store)

    def take(self, found: Counted) -> None:
        """Show the counts."""
        self._counted = found
        if self.display:
            self._paint()

    def _paint(self) -> None:
        from curator.datasets.lengths import lengths
        from curator.datasets.shares import shares

        meters, profile = self.flow.meters, self.flow.desk.profile
        scroll = self.query_one("#plots-scroll")
        width = scroll.scrollable_content_region.width
        if width > 0:
            found = lengths(meters, profile, most_bins(width))
            content = plot_content(shares(meters, self._counted), found, width, self.size.height >= _TALL)
            self.query_one("#plots-text", Static).update(content)
