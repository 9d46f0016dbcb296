"""The form of all calls of a correction: a line an argument, that at the cursor in a field over its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.widgets import Input, Static, TextArea
from textual.widgets.input import Selection

from curator.model import ToolSpec
from curator.review import forms
from curator.review.completion import Candidate, ranked
from curator.review.drafts import CallDraft, restored, write_arguments
from curator.review.forms import Path, Row
from curator.text import display_text
from curator.tui.form_lines import Entry, Field, Wrong, choice_text, entries, help_line, layout
from curator.tui.widgets.completions import MOST, Completions
from curator.tui.widgets.form_fields import FieldArea, FieldInput, FormLines

_LIST_KEYS = "↓ ↑ choose, tab takes, esc closes"
_LEAST_LIST = 24
_WIDEST_LIST = 64

Find = Callable[[Entry], Sequence[Candidate]]


class ArgumentForm(Container):
    """Edits the arguments of calls. It changes its calls in place of the screen and tells it so."""

    class Edited(Message):
        """The calls are other ones now."""

    class Moved(Message):
        """The cursor is at another entry."""

    class ToolWanted(Message):
        """Another tool is wanted for the call at the cursor."""

    def __init__(self, find: Find, id: str) -> None:
        super().__init__(id=id)
        self.calls: tuple[CallDraft, ...] = ()
        self._tools: Mapping[str, ToolSpec] = {}
        self._find = find
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

    # What is shown

    @property
    def entry(self) -> Entry | None:
        """What the cursor is at."""
        return self._entries[self._cursor] if self._entries else None

    @property
    def call(self) -> int:
        """Position of the call that the cursor is in."""
        return self.entry.call if self.entry else 0

    @property
    def has_cursor(self) -> bool:
        """Whether keys go to the form."""
        return self.has_focus_within

    def load(self, calls: tuple[CallDraft, ...], call: int, tools: Mapping[str, ToolSpec]) -> None:
        """Show other calls, the cursor at the title of one of them; at its argument, where it was there."""
        place = self.entry.place if self.entry and self.entry.call == call else (call, (), "call")
        self.calls, self._tools = calls, tools
        self._entries = entries(calls, tools, call)
        self._cursor = self._place(place)
        self._show_entry()

    def show_wrong(self, wrong: Wrong) -> None:
        """Show other faults."""
        if wrong != self._wrong:
            self._wrong = wrong
            self._paint()

    def go(self, call: int, path: Path) -> None:
        """Put the cursor at an argument of a call."""
        self._unfold(call)
        self._cursor = self._place((call, path, "row"))
        self._show_entry()

    def begin(self, call: int, row: int) -> None:
        """Put the cursor at a row of a call, by its number."""
        self._unfold(call)
        places = [at for at, one in enumerate(self._entries) if one.call == call]
        if places:
            self._cursor = places[min(row + 1, len(places) - 1)]
        self._show_entry()

    def take_over(self) -> None:
        """Take over what stands in the field: its message may come after a key that needs it."""
        entry = self.entry
        if not self._editing or entry is None or entry.row is None or entry.row.kind == "add":
            return
        shown = self._area.text if self._area.display else self._input.value
        if entry.is_text and shown != self._taken:
            self._taken = shown
            self._put(entry, forms.read(restored(shown, entry.row.text), entry.row.allowed))

    def take_focus(self) -> None:
        """Send keys to what is at the cursor."""
        self._focus_entry()

    def close_list(self) -> bool:
        """Close the list of completions; ``False`` where none was open."""
        was_open = self._list.is_open
        self._show_list(())
        return was_open

    def on_form_lines_resized(self) -> None:
        """Lay the lines out for the new room, that at the cursor in sight."""
        self._paint()
        self._lines.reveal(self._top, self._bottom)
        self._float()

    def on_form_lines_scrolled(self) -> None:
        """Let the field go along with its line."""
        self._float()

    def on_form_lines_clicked(self, event: FormLines.Clicked) -> None:
        """Go where the mouse points."""
        self._go_to(event.entry)

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Move, choose, switch and add; letters of a field never come here."""
        entry = self.entry
        moves = {"down": 1, "up": -1}
        if event.key in moves:
            self.move(moves[event.key])
        elif entry is None:
            return
        elif event.key == "enter":
            self._enter(entry)
        elif entry.row is None or not self._choose(entry, entry.row, event):
            return
        event.stop()

    def move(self, by: int) -> None:
        """Go to the next entry."""
        if self._entries:
            self._go_to(max(0, min(len(self._entries) - 1, self._cursor + by)))

    def _go_to(self, at: int) -> None:
        entry, before = self._entries[at], self.call
        self._cursor = at
        if entry.call != before:
            self._unfold(entry.call)
            self._cursor = self._place(entry.place)
        self._show_entry()
        self._focus_entry()
        self.post_message(self.Moved())

    def _enter(self, entry: Entry) -> None:
        if entry.row is None:
            self.post_message(self.ToolWanted())
        elif entry.row.kind == "add":
            self._add(entry, entry.row, self._input.value.strip() if self._input.display else "")
        elif not entry.row.present and entry.row.kind in ("group", "list", "choice", "flag"):
            root = self._schema(entry) or {}
            self._put(entry, forms.blank(entry.row.schema, root))
        elif entry.row.kind == "number" and isinstance(entry.row.value, str):
            self._put(entry, forms.read(entry.row.value, entry.row.allowed))
            self.move(1)
        else:
            self.move(1)

    def _choose(self, entry: Entry, row: Row, event: events.Key) -> bool:
        """Change a value that is not typed; tell whether the key was for it."""
        if row.kind == "flag" and event.key in ("space", "left", "right", "t", "f"):
            fixed = {"t": True, "f": False}.get(event.key)
            self._put(entry, (not row.value if row.present else True) if fixed is None else fixed)
        elif row.kind == "add" and row.type == "item" and event.is_printable:
            self._add(entry, row, "")
            if self._input.display and event.character:
                self._input.insert_text_at_cursor(event.character)
        elif row.kind == "choice" and event.key in ("left", "right", "space"):
            self._step(entry, row, -1 if event.key == "left" else 1)
        elif row.kind == "choice" and (event.is_printable or event.key == "backspace"):
            self._narrow(entry, row, event)
        else:
            return False
        return True

    def _step(self, entry: Entry, row: Row, by: int) -> None:
        listed = row.choices
        known = [choice_text(one) for one in listed]
        at = known.index(choice_text(row.value)) if row.present and choice_text(row.value) in known else -1
        self._query = ""
        self._put(entry, listed[(at + by) % len(listed) if at >= 0 or by > 0 else -1])

    def _narrow(self, entry: Entry, row: Row, event: events.Key) -> None:
        """Take the choice that the letters typed so far begin or are in."""
        query = self._query[:-1] if event.key == "backspace" else self._query + (event.character or "")
        words = [choice_text(one).lower() for one in row.choices]
        at = next((n for n, word in enumerate(words) if word.startswith(query.lower())), None)
        if at is None:
            at = next((n for n, word in enumerate(words) if query.lower() in word), None)
        if at is not None:
            self._query = query
            self._put(entry, row.choices[at])
            self._tell(f"typed: {query}" if query else "")

    # Fields

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take what is typed into the arguments, and offer what it may become."""
        event.stop()
        self.take_over()
        if self._editing:
            self._offer(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on from a field."""
        event.stop()
        if self.entry is not None:
            self._enter(self.entry)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Take a long text into the arguments."""
        event.stop()
        self.take_over()

    def on_field_area_left(self, event: FieldArea.Left) -> None:
        """Leave a long text by its first or last line."""
        self.move(event.by)

    def on_field_input_key(self, event: FieldInput.Key) -> None:
        """Choose among the completions."""
        if event.key in ("up", "down"):
            self._list.move(1 if event.key == "down" else -1)
            return
        chosen = self._list.chosen or (self._list.found[0] if event.key == "tab" else None)
        self._show_list(())
        if chosen is not None:
            self._complete(chosen)
        elif event.key == "enter" and self.entry is not None:
            self._enter(self.entry)

    def offer(self) -> None:
        """Open the list of completions without anything being typed."""
        self._offer(
            "" if self.entry and self.entry.row and self.entry.row.kind != "add" else self._input.value
        )

    def _offer(self, typed: str) -> None:
        entry = self.entry
        if entry is not None and self._input.display:
            self._show_list(ranked(self._find(entry), typed, MOST))

    def _show_list(self, found: Sequence[Candidate]) -> None:
        self._list.show(found, max(_LEAST_LIST, min(_WIDEST_LIST, self._field.width)))
        self._input.listening = self._list.is_open
        self._tell(_LIST_KEYS if found else "")
        if found:
            self._list.styles.offset = (self._field.x, self._field.y - self._lines.scroll_offset.y + 1)

    def _complete(self, chosen: Candidate) -> None:
        entry = self.entry
        if entry is None or entry.row is None:
            return
        if entry.row.kind == "add":
            self._add(entry, entry.row, chosen.text)
            return
        self._put(entry, chosen.value)
        self._fill()

    # Changing arguments

    def remove_here(self) -> bool:
        """Remove the argument or item at the cursor; ``False`` where there is none."""
        entry = self.entry
        if entry is None or entry.row is None or entry.row.kind == "add" or not entry.row.present:
            return False
        self._take(entry.call, forms.drop(self._arguments(entry), entry.row.path))
        self._cursor = max(0, min(self._cursor, len(self._entries) - 1))
        self._show_entry()
        self._focus_entry()
        return True

    def move_item(self, by: int) -> bool:
        """Move the item at the cursor within its list; ``False`` where it is none."""
        entry = self.entry
        if entry is None or entry.row is None or entry.row.kind == "add":
            return False
        *parent, at = entry.row.path
        if not isinstance(at, int):
            return False
        before = self._arguments(entry)
        arguments = forms.move(before, entry.row.path, by)
        if arguments is not before:
            self._take(entry.call, arguments)
            self.go(entry.call, (*parent, at + by))
            self._focus_entry()
        return True

    def _add(self, entry: Entry, row: Row, name: str) -> None:
        if row.type == "argument" and not name:
            self.move(1)
            return
        arguments, path = forms.added(self._schema(entry), self._arguments(entry), row, name)
        self._take(entry.call, arguments)
        self.go(entry.call, path)
        self._focus_entry()
        self.post_message(self.Moved())

    def _put(self, entry: Entry, value: Any) -> None:
        if entry.row is not None:
            self._take(entry.call, forms.put(self._arguments(entry), entry.row.path, value))

    def _take(self, call: int, arguments: dict[str, Any]) -> None:
        """Take new arguments of a call over, and tell the screen."""
        text = write_arguments(arguments)
        changed = self.calls[call].edited(text)
        place = self.entry.place if self.entry else (call, (), "call")
        self.calls = (*self.calls[:call], changed, *self.calls[call + 1 :])
        self._entries = entries(self.calls, self._tools, call)
        self._cursor = self._place(place)
        self._paint()
        self.post_message(self.Edited())

    def _arguments(self, entry: Entry) -> dict[str, Any]:
        return self.calls[entry.call].arguments()

    def _schema(self, entry: Entry) -> dict[str, Any] | None:
        tool = self._tools.get(self.calls[entry.call].name)
        return tool.parameters if tool else None

    # Drawing

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
