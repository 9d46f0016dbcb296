"""A column of paragraphs, wrapped once and drawn a line at a time, so that a new turn costs one paint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from curator.tui.paragraphs import CURRENT, Block

_NARROWEST = 8
_WIDEST = 130
"""Longer lines are hard to read."""


class _Line(NamedTuple):
    lead: Content
    content: Content


class Pane(ScrollView, can_focus=True):
    """A scrolling column. ``show`` replaces its text and scrolls to the anchor in the same frame."""

    BINDINGS = [
        Binding("down", "scroll_down", show=False),
        Binding("up", "scroll_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("home", "scroll_home", show=False),
        Binding("end", "scroll_end", show=False),
    ]

    def __init__(self, title: str, id: str, hint: str = "") -> None:
        super().__init__(id=id)
        self.border_title = title
        self._hint = hint
        self.border_subtitle = hint
        self._blocks: Sequence[Block] = ()
        self._lines: list[_Line] = []
        self._width = 0

    @property
    def plain(self) -> str:
        """The text of the column as it is wrapped, for tests and for copying."""
        return "\n".join(f"{line.lead.plain}{line.content.plain}".rstrip() for line in self._lines)

    def show(self, blocks: Sequence[Block], keep_top: bool = False, seek: bool = False) -> None:
        """Draw these paragraphs, scrolled to the anchor.

        ``keep_top`` stays at the top if it is there; ``seek`` scrolls to what was jumped to, if it is here,
        and else stays where it is.
        """
        self._blocks = blocks
        self._wrap(keep_top and self.scroll_offset.y == 0, seek)

    def on_resize(self, event: events.Resize) -> None:
        """Wrap anew when the width changed; keep the scroll bar true to the height."""
        self._fit()

    def _fit(self) -> None:
        if self._blocks and self.scrollable_content_region.width != self._width:
            self._wrap()
            self.refresh()
        elif self._blocks:
            self._fit_height()

    def _fit_height(self) -> None:
        region = self.scrollable_content_region
        self._set_height(Size(region.width, max(len(self._lines), region.height)), region.height)
        self._tell_rest()

    def action_page_down(self) -> None:
        """Scroll a page without animation."""
        self.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """Scroll a page without animation."""
        self.scroll_page_up(animate=False)

    def action_scroll_home(self) -> None:
        """Go to the first line without animation."""
        self.scroll_home(animate=False)

    def action_scroll_end(self) -> None:
        """Go to the last line without animation."""
        self.scroll_end(animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Say how much is out of sight now."""
        super().watch_scroll_y(old_value, new_value)
        self._tell_rest()

    def _tell_rest(self) -> None:
        above = self.scroll_offset.y
        below = max(0, len(self._lines) - above - self.scrollable_content_region.height)
        rest = [f"↑ {above}"] * bool(above) + [f"↓ {below} more"] * bool(below)
        told = " · ".join([*rest, self._hint] if self._hint else rest)
        if self.border_subtitle != told:
            self.border_subtitle = told

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width = self.scrollable_content_region.width
        style = self.visual_style
        at = y + self.scroll_offset.y
        if at >= len(self._lines) or not width:
            return Strip.blank(width, style.rich_style)
        if width != self._width:
            # A column that was hidden is painted once before it is told its size.
            self.call_later(self._fit)
        line = self._lines[at]
        # The lines are wrapped already: to have them laid out once more takes twice as long.
        parse = self.app.stylesheet.parse_style
        segments = [
            Segment(text, known.rich_style)
            for part in (line.lead, line.content)
            for text, known in part.render(style, end="", parse_style=parse)
            if text
        ]
        return Strip(segments).adjust_cell_length(width, style.rich_style)

    def _wrap(self, stay: bool = False, seek: bool = False) -> None:
        region = self.scrollable_content_region
        self._width = width = region.width
        lines: list[_Line] = []
        room = min(width, _WIDEST)
        anchor = 0
        for block in self._blocks:
            if block.anchor:
                anchor = len(lines)
            lines += _wrapped(block, room)
        before, self._lines = self._lines, lines
        self._set_height(Size(width, max(len(lines), region.height)), region.height)
        y = self._sought(region.height) if seek else 0 if stay else anchor
        self.scroll_to(y=y, animate=False, immediate=True, force=True)
        self._refresh_changes(before)
        self._tell_rest()

    def _sought(self, height: int) -> int:
        """Return a scroll position that shows the line that was jumped to, a third from the top."""
        top = self.scroll_offset.y
        at = next((y for y, line in enumerate(self._lines) if _is_current(line.content)), None)
        if at is None or top + 1 <= at < top + height - 1:
            return top
        return max(0, at - height // 3)

    def _set_height(self, size: Size, window: int) -> None:
        """Set the height without a layout of the screen: there is always room for the scroll bar."""
        self.set_reactive(Pane.virtual_size, size)
        self.vertical_scrollbar.window_size = window
        self.vertical_scrollbar.window_virtual_size = size.height

    def _refresh_changes(self, before: list[_Line]) -> None:
        """Repaint only lines that differ; a change of the scroll position repaints all by itself."""
        top = self.scroll_offset.y
        for y in range(top, top + self.scrollable_content_region.height):
            if not _same(_at(before, y), _at(self._lines, y)):
                self.refresh_line(y)


def _is_current(content: Content) -> bool:
    return any(span.style == CURRENT for span in content.spans)


def _at(lines: list[_Line], y: int) -> _Line | None:
    return lines[y] if y < len(lines) else None


def _same(one: _Line | None, other: _Line | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.lead.is_same(other.lead) and one.content.is_same(other.content)


def _wrapped(block: Block, width: int) -> list[_Line]:
    lead, content = block.lead, block.content
    rest = block.rest if block.rest is not None else Content(" " * lead.cell_length)
    room = max(_NARROWEST, width - lead.cell_length)
    pieces = content.wrap(room) if content.plain else [content]
    return [_Line(rest if position else lead, piece) for position, piece in enumerate(pieces)]
