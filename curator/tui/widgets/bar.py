"""Lines of a fixed height around a screen: each is cut at the edge, never laid out, so it costs one paint."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.content import Content
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Bar(Widget):
    """Shows lines of content; ``update`` repaints those that changed."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._lines: list[Content] = []

    @property
    def plain(self) -> str:
        """Its text, whole."""
        return "\n".join(line.plain for line in self._lines)

    def update(self, content: Content) -> None:
        """Show other lines."""
        before, self._lines = self._lines, content.split() if content.plain else []
        for y in range(max(len(before), len(self._lines))):
            pair = before[y : y + 1] + self._lines[y : y + 1]
            if len(pair) == 1 or not pair[0].is_same(pair[1]):
                self.refresh(Region(0, y, self.content_size.width, 1))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Leave out the one that looks for colours of the terminal in every line: there are none here."""
        return [one for one in super().get_line_filters() if not isinstance(one, ANSIToTruecolor)]

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        width, style = self.content_size.width, self.visual_style
        if y >= len(self._lines):
            return Strip.blank(width, style.rich_style)
        line = self._lines[y].truncate(width, ellipsis=True)
        parts = line.render(style, end="", parse_style=self.app.stylesheet.parse_style)
        segments = [Segment(text, known.rich_style) for text, known in parts if text]
        return Strip(segments).adjust_cell_length(width, style.rich_style)
