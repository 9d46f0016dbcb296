"""What a form of calls looks like: its lines, the field over the line at the cursor, the help below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from curator.model import ToolSpec
from curator.review import forms
from curator.review.completion import Candidate
from curator.review.drafts import CallDraft
from curator.review.forms import Path
from curator.text import display_text
from curator.tui.form_lines import Entry, Field, Wrong, entries, help_line, layout
from curator.tui.widgets.completions import Completions
from curator.tui.widgets.form_fields import FieldArea, FieldInput, FormLines

_LIST_KEYS = "↓ ↑ choose, tab takes, esc closes"
_LEAST_LIST = 24
_WIDEST_LIST = 64


class FormSurface(Container):
    """Draws calls and where the cursor is among them. What keys do is left to ``ArgumentForm``."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.calls: tuple[CallDraft, ...] = ()
        self._tools: Mapping[str, ToolSpec] = {}
        self._wrong: Wrong = {}
        self._entries: list[Entry] = []
        self._cursor = 0
        self._field = Field(0, 0, 0, 1)
        self._editing = False
        self._taken = ""
        """What the field held when it was last taken over: a value may be written in several ways."""
        self._query = ""
        self._lines = FormLines("form-lines")
        self._input = FieldInput(id="field", compact=True, select_on_focus=False)
        self._area = FieldArea(
            "", id="field-area", tab_behavior="focus", show_line_numbers=False, compact=True
        )
        self._list = Completions("completions")

    def compose(self) -> ComposeResult:
        """Lines, help below them, and what floats above."""
        yield self._lines
        yield Static(id="field-help", markup=False)
        yield self._input
        yield self._area
        yield self._list

    def on_mount(self) -> None:
        """Hide the fields until the cursor is on a text."""
        for floating in (self._input, self._area, self._list):
            floating.display = False

    @property
    def entry(self) -> Entry | None:
        """What the cursor is at."""
        return self._entries[self._cursor] if self._entries else None

    @property
    def call(self) -> int:
        """Position of the call that the cursor is in."""
        return self.entry.call if self.entry else 0

    def on_form_lines_resized(self) -> None:
        """Lay the lines out for the new room, that at the cursor in sight."""
        self._paint()
        self._lines.reveal(self._top, self._bottom)
        self._float()

    def on_form_lines_scrolled(self) -> None:
        """Let the field go along with its line."""
        self._float()

    def _unfold(self, call: int) -> None:
        self._entries = entries(self.calls, self._tools, call)

    def _place(self, place: tuple[int, Path, str]) -> int:
        """Return the entry at a place, or the nearest one above it that is still there."""
        places = {one.place: at for at, one in enumerate(self._entries)}
        call, path, kind = place
        for end in range(len(path), 0, -1):
            if (at := places.get((call, path[:end], kind))) is not None:
                return at
        return places.get(place, places.get((call, (), "call"), 0))

    def _show_entry(self) -> None:
        """Show the entry at the cursor, its text in a field where it is typed."""
        self._query = ""
        self._show_list(())
        self._paint()
        self._fill()
        self._lines.reveal(self._top, self._bottom)
        self._float()

    def _paint(self) -> None:
        width = self._lines.scrollable_content_region.width
        laid = layout(self._entries, self._cursor, self.calls, self._tools, self._wrong, width or 80)
        self._field, self._top, self._bottom = laid.field, laid.top, laid.bottom
        self._lines.show(laid.lines, self._cursor)
        self._tell()
        self._float()

    def _tell(self, more: str = "") -> None:
        entry = self.entry
        hint = forms.hint_words(entry.row) if entry and entry.row else ""
        line = help_line(entry, self._tools, self.calls, " · ".join(word for word in (more, hint) if word))
        self.query_one("#field-help", Static).update(line, layout=False)

    def _fill(self) -> None:
        entry = self.entry
        is_text = entry is not None and entry.is_text
        is_long = entry is not None and entry.is_long
        self._editing = False
        text = display_text(entry.row.text) if entry and entry.row and entry.row.kind != "add" else ""
        if is_long:
            self._area.load_text(text)
            self._area.move_cursor(self._area.document.end)
        elif is_text:
            with self.prevent(Input.Changed):
                self._input.value = text
            # As in a sheet: what is typed replaces the value, cursor keys go into it.
            self._input.selection = Selection(0, len(text))
            self._input.placeholder = _placeholder(entry)
        self._area.display, self._input.display = is_long, is_text and not is_long
        self._lines.can_focus = not is_text
        self._taken = text
        self._editing = True

    def _float(self) -> None:
        """Put the field over its line; while that is out of sight, above the form, where nothing is drawn."""
        y = self._field.y - self._lines.scroll_offset.y
        if not 0 <= y < max(1, self._lines.size.height):
            y = -self._field.height
        field = self._area if self._area.display else self._input
        field.styles.offset = (self._field.x, y)
        field.styles.width = self._field.width
        field.styles.height = self._field.height if field is self._area else 1

    def _show_list(self, found: Sequence[Candidate]) -> None:
        self._list.show(found, max(_LEAST_LIST, min(_WIDEST_LIST, self._field.width)))
        self._input.listening = self._list.is_open
        self._tell(_LIST_KEYS if found else "")
        if found:
            self._list.styles.offset = (self._field.x, self._field.y - self._lines.scroll_offset.y + 1)

    def _arguments(self, entry: Entry) -> dict[str, Any]:
        return self.calls[entry.call].arguments()

    def _schema(self, entry: Entry) -> dict[str, Any] | None:
        tool = self._tools.get(self.calls[entry.call].name)
        return tool.parameters if tool else None

    def _focus_entry(self) -> None:
        if self._area.display:
            self._area.focus()
        elif self._input.display:
            self._input.focus()
        else:
            self._lines.focus()


def _placeholder(entry: Entry | None) -> str:
    row = entry.row if entry else None
    if row is None:
        return ""
    if row.kind != "add":
        return "" if row.present else "missing"
    return " · ".join(row.choices) or "name of an argument to add"
