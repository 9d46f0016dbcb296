"""What can be done to the calls of a correction: add, change, move, tell in words, take back."""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace
from textual.widgets import TextArea

from curator.checks import faults
from curator.model import ToolCall, ToolSpec
from curator.review import drafts
from curator.review.drafts import CallDraft, call_draft
from curator.review.forms import first_to_mend, rows
from curator.review.suggestions import Suggestion
from curator.review.target import call_as_text, calls_in_text
from curator.tui.screens.correcting import CorrectingScreen, merged
from curator.tui.screens.picker import ToolPicker
from curator.tui.widgets.argument_form import ArgumentForm


class CallingScreen(CorrectingScreen):
    """Changes calls as wholes. Each change can be taken back."""

    def on_argument_form_tool_wanted(self) -> None:
        """Choose the tool of the call."""
        self.action_pick_tool()

    def action_pick_tool(self) -> None:
        """Choose a tool for the selected call."""
        calls = self.draft().calls
        current = calls[self._at].name if calls else ""
        self.app.push_screen(ToolPicker(self._card.turn.tools, current), partial(self._picked, False))

    def action_add_call(self) -> None:
        """Choose a tool for a new call."""
        self.app.push_screen(ToolPicker(self._card.turn.tools, ""), partial(self._picked, True))

    def _picked(self, new: bool, name: str | None) -> None:
        if name is None:
            return
        tool, draft = self._tools.get(name) or ToolSpec(name), self.draft()
        calls = draft.calls
        if new or not calls:
            self._at = min(self._at + 1, len(calls))
            call = drafts.with_tool(CallDraft(name), tool)
            self._change(drafts.added(draft, self._at, call), self._at)
        elif calls[self._at].name != name:
            call = drafts.with_tool(calls[self._at], tool)
            self._change(drafts.changed(draft, self._at, call))
        self._go_to_mend()

    def _go_to_mend(self) -> None:
        """Put the cursor on the first argument of the selected call that is wrong or missing."""
        if self._view == "form" and self._draft.calls:
            call = self._draft.last_good().tool_calls[self._at]
            form = rows(self._parameters(call.name), call.arguments)
            at = first_to_mend(form, faults(call, self._card.turn.tools), ())
            self.query_one(ArgumentForm).begin(self._at, at)
        self._focus_view()
        self._look_up()

    def action_remove_call(self) -> None:
        """Remove the selected call."""
        if (draft := self.draft()).calls:
            self._change(drafts.removed(draft, self._at))

    def action_duplicate_call(self) -> None:
        """Add the selected call once more."""
        if (draft := self.draft()).calls:
            self._change(drafts.added(draft, self._at + 1, draft.calls[self._at]), self._at + 1)

    def action_move(self, by: int) -> None:
        """Move the item at the cursor, or else the selected call."""
        form = self.query_one(ArgumentForm)
        if not (self._view == "form" and form.has_cursor and form.move_item(by)):
            draft = self.draft()
            moved = drafts.moved(draft, self._at, by)
            if moved is not draft:
                self._change(moved, self._at + by)

    async def action_remove_argument(self) -> None:
        """Remove the argument at the cursor; in a text, what follows the cursor in its line."""
        form, focused = self.query_one(ArgumentForm), self.focused
        if form.has_cursor:
            form.remove_here()
        elif isinstance(focused, TextArea):
            await focused.action_delete_to_end_of_line_or_delete_line()

    def action_call_or_text(self) -> None:
        """Turn the selected call into text, or the calls of the answer text into calls."""
        content = self.query_one("#content", TextArea)
        if content.has_focus or not self.draft().calls:
            self._text_to_calls(content.selected_text)
        else:
            self._call_to_text()

    def _call_to_text(self) -> None:
        call = self._draft.calls[self._at]
        words = call_as_text(ToolCall(call.name, call.arguments()))
        content = "\n".join(part for part in (self._draft.content.rstrip(), words) if part)
        self._change(replace(drafts.removed(self._draft, self._at), content=content))

    def _text_to_calls(self, selected: str) -> None:
        content = self._draft.content
        text = selected if selected and selected in content else content
        found = calls_in_text(text, self._card.turn.tools, self._desk.profile.syntax)
        if not found.calls:
            self.notify("! No call can be read in the text.", severity="warning", markup=False)
            return
        rest = content.replace(text, found.rest, 1).strip()
        at = min(self._at + 1, len(self._draft.calls))
        draft = drafts.added(self._draft, at, *map(call_draft, found.calls))
        self._change(replace(draft, content=rest), at)

    # Suggestions and ways back

    def action_use_suggestion(self, position: int) -> None:
        """Take a suggestion by its number."""
        self._check()
        if position <= len(self._suggestions):
            self._take(self._suggestions[position - 1])

    def _take(self, one: Suggestion | None) -> None:
        if one is None:
            return
        draft = merged(self._draft, one.result)
        pairs = enumerate(zip(draft.calls, self._draft.calls, strict=False))
        at = next((n for n, (new, old) in pairs if new != old), len(self._draft.calls))
        self._change(draft, at)
        if draft.calls:
            self._go_to_mend()
        else:
            self.query_one("#content").focus()

    def action_take_back(self) -> None:
        """Take back the last change of calls."""
        if self._history:
            step = self._history.pop()
            self._set(step.draft, step.call)

    def action_logged_thinking(self) -> None:
        """Put the logged thinking back."""
        self._change(replace(self.draft(), thinking=self._card.turn.output.thinking or "", target=None))
