"""The form of all calls of a correction: a line an argument, that at the cursor in a field over its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual import events
from textual.message import Message
from textual.widgets import Input, TextArea

from curator.model import ToolSpec
from curator.review import forms
from curator.review.completion import Candidate, ranked
from curator.review.drafts import CallDraft, restored, write_arguments
from curator.review.forms import Path, Row
from curator.tui.form_keys import chosen
from curator.tui.form_lines import Entry, Wrong, entries
from curator.tui.widgets.completions import MOST
from curator.tui.widgets.form_fields import FieldArea, FieldInput, FormLines
from curator.tui.widgets.form_surface import FormSurface

Find = Callable[[Entry], Sequence[Candidate]]


class ArgumentForm(FormSurface):
    """Edits the arguments of calls. It changes its calls in place of the screen and tells it so."""

    class Edited(Message):
        """The calls are other ones now."""

    class Moved(Message):
        """The cursor is at another entry."""

    class ToolWanted(Message):
        """Another tool is wanted for the call at the cursor."""

    def __init__(self, find: Find, id: str) -> None:
        super().__init__(id)
        self._find = find

    # What is shown

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
        letter = event.character if event.is_printable and event.character else ""
        if row.kind == "add" and row.type == "item" and letter:
            self._add(entry, row, "")
            if self._input.display:
                self._input.insert_text_at_cursor(letter)
            return True
        found = chosen(row, event.key, letter, self._query)
        if found is not None:
            self._query = found.query
            self._put(entry, found.value)
            self._tell(f"typed: {found.query}" if found.query else "")
        return found is not None

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
        taken = self._list.chosen or (self._list.found[0] if event.key == "tab" else None)
        self._show_list(())
        if taken is not None:
            self._complete(taken)
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

    def _complete(self, taken: Candidate) -> None:
        entry = self.entry
        if entry is None or entry.row is None:
            return
        if entry.row.kind == "add":
            self._add(entry, entry.row, taken.text)
            return
        self._put(entry, taken.value)
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
