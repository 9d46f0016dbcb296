"""A column of paragraphs, wrapped once and drawn a line at a time, so that a new turn costs one paint."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.style import Style as VisualStyle

from curator.tui.paragraphs import CURRENT, Block
from curator.tui.widgets.scroll_bar import QuietScrollBar

_NARROWEST = 8
_WIDEST = 130
"""Longer lines are hard to read."""


class _Look(NamedTuple):
    """What decides how a line is drawn, besides its text."""

    style: VisualStyle
    theme: str
    width: int


class _Line:
    """A wrapped line, and how it was drawn last."""

    __slots__ = ("content", "drawn", "lead")

    def __init__(self, lead: Content, content: Content) -> None:
        self.lead, self.content = lead, content
        self.drawn: tuple[_Look, Strip] | None = None


class _Wrapped(NamedTuple):
    """Paragraphs as lines of a width."""

    blocks: Sequence[Block]
    width: int
    lines: list[_Line]
    anchor: int
    """Number of the line that the column scrolls to."""


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
        self._ready: _Wrapped | None = None
        """What will be shown next, as it looks."""

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """The scroll bar, made when it is first asked for."""
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = bar = QuietScrollBar(self.scrollbar_size_vertical)
            bar.display = False
            self.app._start_widget(self, bar)
        return self._vertical_scrollbar

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Leave out the one that looks for colours of the terminal in every line: there are none here."""
        return [one for one in super().get_line_filters() if not isinstance(one, ANSIToTruecolor)]

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

    def prepare(self, blocks: Sequence[Block]) -> None:
        """Wrap and draw ahead what ``show`` will be given next, the very same object."""
        region = self.scrollable_content_region
        if not region.width or (self._ready and self._ready.blocks is blocks):
            return
        self._ready = ready = _wrapped(blocks, region.width)
        look = self._look(region.width)
        top = max(0, min(ready.anchor, len(ready.lines) - region.height))
        for line in ready.lines[top : top + region.height]:
            self._drawn(line, look)

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
        return self._drawn(self._lines[at], self._look(width))

    def _look(self, width: int) -> _Look:
        return _Look(self.visual_style, self.app.theme, width)

    def _drawn(self, line: _Line, look: _Look) -> Strip:
        """Return a line as it looks, drawn once."""
        if line.drawn is not None and line.drawn[0] == look:
            return line.drawn[1]
        # The lines are wrapped already: to have them laid out once more takes twice as long.
        parse = self.app.stylesheet.parse_style
        segments = [
            Segment(text, known.rich_style)
            for part in (line.lead, line.content)
            for text, known in part.render(look.style, end="", parse_style=parse)
            if text
        ]
        strip = Strip(segments).adjust_cell_length(look.width, look.style.rich_style)
        line.drawn = look, strip
        return strip

    def _wrap(self, stay: bool = False, seek: bool = False) -> None:
        region = self.scrollable_content_region
        self._width = width = region.width
        ready, self._ready = self._ready, None
        if ready is None or ready.blocks is not self._blocks or ready.width != width:
            ready = _wrapped(self._blocks, width)
        before, self._lines = self._lines, (lines := ready.lines)
        self._set_height(Size(width, max(len(lines), region.height)), region.height)
        y = self._sought(region.height) if seek else 0 if stay else ready.anchor
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
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        changed = [y for y in range(top, top + height) if not _same(_at(before, y), _at(self._lines, y))]
        for _, run in groupby(enumerate(changed), lambda pair: pair[1] - pair[0]):
            [(_, first), *others] = run
            self.refresh_lines(first, 1 + len(others))


def _is_current(content: Content) -> bool:
    return any(span.style == CURRENT for span in content.spans)


def _at(lines: list[_Line], y: int) -> _Line | None:
    return lines[y] if y < len(lines) else None


def _same(one: _Line | None, other: _Line | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.lead.is_same(other.lead) and one.content.is_same(other.content)


def _wrapped(blocks: Sequence[Block], width: int) -> _Wrapped:
    lines: list[_Line] = []
    anchor = 0
    for block in blocks:
        if block.anchor:
            anchor = len(lines)
        lines += _lines(block, min(width, _WIDEST))
    return _Wrapped(blocks, width, lines, anchor)


def _lines(block: Block, width: int) -> list[_Line]:
    lead, content = block.lead, block.content
    rest = block.rest if block.rest is not None else Content(" " * lead.cell_length)
    room = max(_NARROWEST, width - lead.cell_length)
    pieces = content.wrap(room) if content.plain else [content]
    return [_Line(rest if position else lead, piece) for position, piece in enumerate(pieces)]
