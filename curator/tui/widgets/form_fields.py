"""What floats over the lines of a form: a field for one line, one for several; and the lines themselves."""

from __future__ import annotations

from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual
from textual.widgets import Input, TextArea

from curator.tui.form_lines import Line


class FieldInput(Input):
    """The field of the entry at the cursor."""

    class Key(Message):
        """A key that may belong to the list of completions."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    listening = False
    """True while a list is open whose keys this field hands over."""

    async def _on_key(self, event: events.Key) -> None:
        if self.listening and event.key in ("up", "down", "tab", "enter"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Key(event.key))
            return
        await super()._on_key(event)


class FieldArea(TextArea):
    """The field of an entry whose text has several lines; past its ends, the cursor keys leave it."""

    class Left(Message):
        """The cursor went past the first or last line."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def action_cursor_up(self, select: bool = False) -> None:
        """Go up; from the first line to the entry above."""
        if not select and self.cursor_at_first_line:
            self.post_message(self.Left(-1))
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Go down; from the last line to the entry below."""
        if not select and self.cursor_at_last_line:
            self.post_message(self.Left(1))
        else:
            super().action_cursor_down(select)


class FormLines(ScrollView, can_focus=True):
    """The lines of a form, drawn one by one; the field floats over them."""

    class Clicked(Message):
        """An entry was clicked."""

        def __init__(self, entry: int) -> None:
            super().__init__()
            self.entry = entry

    class Scrolled(Message):
        """Other lines are in sight."""

    class Resized(Message):
        """There is other room for the lines."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._lines: list[Line] = []
        self._cursor = -1

    def show(self, lines: list[Line], cursor: int) -> None:
        """Show other lines, those of one entry highlighted."""
        self._lines, self._cursor = lines, cursor
        width = self.scrollable_content_region.width
        self.virtual_size = Size(width, len(lines))
        self.refresh()

    def reveal(self, top: int, bottom: int) -> None:
        """Scroll as little as is needed for lines to be in sight."""
        height = self.scrollable_content_region.height
        y = self.scroll_offset.y
        if height and not (y <= top and bottom < y + height):
            to = top if top < y or bottom - top >= height else bottom - height + 1
            self.scroll_to(y=to, animate=False, immediate=True, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell the form, so that its field goes along."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Scrolled())

    def on_resize(self) -> None:
        """Tell the form, so that it lays its lines out anew."""
        self.post_message(self.Resized())

    def on_click(self, event: events.Click) -> None:
        """Go to the entry under the mouse."""
        at = int(event.y) + self.scroll_offset.y
        if at < len(self._lines) and self._lines[at].entry >= 0:
            self.post_message(self.Clicked(self._lines[at].entry))

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width = self.scrollable_content_region.width
        style = self.visual_style
        at = y + self.scroll_offset.y
        if at >= len(self._lines) or not width:
            return Strip.blank(width, style.rich_style)
        line = self._lines[at]
        segments: list[Segment] = []
        if line.content.plain:
            segments += Visual.to_strips(self, line.content, line.content.cell_length, 1, style)[0]
        return Strip(segments).adjust_cell_length(width, style.rich_style)
