"""A scroll bar that repaints only the lines in which its thumb moved: it changes with every turn."""

from __future__ import annotations

from math import ceil

from rich.segment import Segment
from textual.color import Color
from textual.geometry import Region
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widget import Widget


class QuietScrollBar(ScrollBar):
    """Looks and is gripped as Textual's own."""

    def __init__(self, thickness: int) -> None:
        super().__init__(vertical=True, name="vertical", thickness=thickness)
        self._cells: list[Segment] = []

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> QuietScrollBar:
        """Repaint what looks otherwise than it did."""
        if not regions and repaint and self.is_mounted and self._cells:
            before, self._cells = self._cells, self._drawn()
            if len(before) == len(self._cells):
                pairs = enumerate(zip(before, self._cells, strict=True))
                regions = tuple(Region(0, y, self.size.width, 1) for y, (old, new) in pairs if old != new)
                repaint = bool(regions)
        super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        return self

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        if len(self._cells) != self.size.height:
            self._cells = self._drawn()
        return Strip(self._cells[y : y + 1], self.size.width)

    def _drawn(self) -> list[Segment]:
        window = self.window_size if self.window_size < self.window_virtual_size else 0
        back, bar = self._colours()
        drawn = self.renderer.render_bar(
            size=self.size.height,
            virtual_size=ceil(self.window_virtual_size),
            window_size=ceil(window),
            position=self.position,
            thickness=self.thickness,
            back_color=back.rich_color,
            bar_color=bar.rich_color,
        )
        return list(drawn.segments)

    def _colours(self) -> tuple[Color, Color]:
        """Return what the track and the thumb have."""
        assert isinstance(self.parent, Widget)
        styles = self.parent.styles
        if self.grabbed:
            back, bar = styles.scrollbar_background_active, styles.scrollbar_color_active
        elif self.mouse_over:
            back, bar = styles.scrollbar_background_hover, styles.scrollbar_color_hover
        else:
            back, bar = styles.scrollbar_background, styles.scrollbar_color
        if back.a < 1:
            back = self.parent.background_colors[0] + back
        return back, back + bar
