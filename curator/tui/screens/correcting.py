"""A correction while it is written: one draft, three views of its calls in step, and every way back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace
from textual import work
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import TextArea

from curator.checks import faults, violations
from curator.errors import CuratorError
from curator.model import Correction, Finding, ToolSpec
from curator.review import drafts
from curator.review.completion import Candidate, ValuesSeen, candidates
from curator.review.drafts import Draft, Saved, call_draft, draft_of, restored
from curator.review.forms import Path, first_to_mend, placed, rows
from curator.review.second_look import second_look
from curator.review.suggestions import Suggestion, suggestions
from curator.review.target import read_target, target_text
from curator.text import display_text
from curator.tui.editor_blocks import VIEWS
from curator.tui.form_lines import SHOWN_WHOLE, Entry
from curator.tui.widgets.argument_form import ArgumentForm

if TYPE_CHECKING:
    from curator.review import Card, Desk, Preview
    from curator.tui.app import CuratorApp

_CHECK_AFTER = 0.05
_MOST_KEPT = 200


class _Step(NamedTuple):
    """A draft, and the call that was selected in it."""

    draft: Draft
    call: int


class CorrectingScreen(ModalScreen[Saved | Draft | None]):
    """Holds the draft and keeps every view of it in step. What it looks like is left to ``EditorScreen``."""

    app: CuratorApp

    def __init__(self) -> None:
        super().__init__()
        self._draft = self._original = Draft()
        self._history: list[_Step] = []
        self._at = 0
        self._typed_at: tuple[int, Path, str] | None = None
        self._view = "form"
        self._target = ""
        self._target_error = ""
        self._checking: Timer | None = None
        self._correction: Correction | None = None
        self._preview: Preview | None = None
        self._wrong: tuple[str, ...] = ()
        self._wrong_as_a_whole: tuple[str, ...] = ()
        """What of it no argument of the form shows."""
        self._suggestions: tuple[Suggestion, ...] = ()
        self._found: tuple[Finding, ...] | None = None
        """What the checks say of the correction; ``None`` while it is what was logged, or does not read."""

    def take_up(self, desk: Desk, card: Card, values: ValuesSeen, draft: Draft | None = None) -> None:
        """Take up the correction of a turn, as it was logged or as a draft left it."""
        self._desk = desk
        self._card = card
        self._values = values
        self._tools: dict[str, ToolSpec] = {tool.name: tool for tool in card.turn.tools}
        self._original = draft_of(card.correction or card.turn.output)
        self._draft = draft or self._original
        self._history = [_Step(self._original, 0)] if draft else []
        self._at = 0
        self._typed_at = None
        self._target_error = ""
        secrets = card.resolution.redactions
        self._hidden = desk.store.journal.redactions(card.turn.id) if secrets else ()

    # The draft, and what follows from it

    def draft(self) -> Draft:
        """Return everything in the editor."""
        self._take_over()
        return self._draft

    def _change(self, draft: Draft, at: int | None = None) -> None:
        """Take a change of calls over; it can be taken back."""
        self._remember()
        self._set(draft, self._at if at is None else at)

    def _set(self, draft: Draft, at: int) -> None:
        self._draft, self._typed_at = draft, None
        self._at = max(0, min(at, len(draft.calls) - 1))
        self._refill()
        self._check()

    def _soon(self) -> None:
        if self._checking is not None:
            self._checking.stop()
        self._checking = self.set_timer(_CHECK_AFTER, self._check)

    def _check(self) -> None:
        """Find what is wrong, and what may be done about it."""
        self._take_over()
        self._read_target()
        draft, turn, profile = self._draft, self._card.turn, self._desk.profile
        good = draft.last_good()
        self._judge(draft)
        corrected = self._correction is not None and draft != self._original
        self._found = second_look(turn, good, profile) if corrected else None
        self._suggestions = suggestions(turn, self._card.findings, profile, good)
        self.query_one(ArgumentForm).show_wrong(self._faults(good))
        self._checked()

    def _judge(self, draft: Draft) -> None:
        """Make the draft a correction, say what is wrong with it and what saving it would create."""
        self._correction, self._preview = None, None
        try:
            if draft.target is not None:
                raise ValueError(f"{self._desk.profile.syntax}: {self._target_error or 'does not read'}")
            self._correction = draft.correction()
        except ValueError as error:
            self._wrong = self._wrong_as_a_whole = (str(error),)
            return
        turn = self._card.turn
        found = self._desk.violations(turn, self._correction)
        of_calls = _numbered(self._correction, turn.tools)
        self._wrong_as_a_whole = found[len(of_calls) :]
        self._wrong = (*of_calls, *self._wrong_as_a_whole)
        self._preview = self._desk.preview(turn, replace(self._correction, violations=found), self._hidden)

    def _checked(self) -> None:
        """Show the result of a check."""

    def _faults(self, good: Correction) -> dict[tuple[int, Path], list[str]]:
        """Return the faults of the calls whose arguments are shown, at their places."""
        shown = range(len(good.tool_calls)) if len(good.tool_calls) <= SHOWN_WHOLE else (self._at,)
        found: dict[tuple[int, Path], list[str]] = {}
        for at in shown:
            call = good.tool_calls[at]
            form = rows(self._parameters(call.name), call.arguments)
            for path, words in placed(form, faults(call, self._card.turn.tools)).items():
                found[at, path] = words
        return found

    def _parameters(self, name: str) -> dict[str, Any] | None:
        tool = self._tools.get(name)
        return tool.parameters if tool else None

    def _begin(self) -> None:
        """Put the cursor on what most needs to be changed."""
        turn, good = self._card.turn, self._draft.last_good()
        for at, call in enumerate(good.tool_calls[:SHOWN_WHOLE]):
            form = rows(self._parameters(call.name), call.arguments)
            found = faults(call, turn.tools)
            about = [
                one
                for one in self._card.findings
                if any(e.field == "calls" and e.start == at for e in one.evidence)
            ]
            if found or about:
                self._at = at
                self.query_one(ArgumentForm).begin(at, first_to_mend(form, found, about))
                return
        self.query_one(ArgumentForm).begin(0, 0)

    # Views

    def _refill(self) -> None:
        """Show the draft in the view that is shown, and in the fields beside it."""
        self._fill_text("thinking", self._draft.thinking)
        self._fill_text("content", self._draft.content)
        if self._view == "form":
            self.query_one(ArgumentForm).load(self._draft.calls, self._at, self._tools)
        elif self._view == "json":
            self._fill_text("arguments", self._draft.calls[self._at].text if self._draft.calls else "")
            self.query_one("#arguments").disabled = not self._draft.calls
        else:
            self._fill_text("target", self._target_text())

    def _fill_text(self, id: str, text: str) -> None:
        area, shown = self.query_one(f"#{id}", TextArea), display_text(text)
        if area.text != shown:
            with self.prevent(TextArea.Changed):
                area.load_text(shown)

    def _target_text(self) -> str:
        """Return the turn in the target syntax: what was typed there last, while that cannot be read."""
        area = self.query_one("#target", TextArea)
        try:
            self._target = self._draft.target or target_text(self._draft.last_good(), self._desk.profile)
        except CuratorError as error:
            self._target = str(error)
            area.read_only = True
        else:
            area.read_only = False
        return self._target

    def action_next_view(self) -> None:
        """Show the calls in the next view."""
        self._take_over()
        self._read_target()
        had_focus = any(self.query_one(f"#{one}").has_focus_within for one in ("form", "arguments", "target"))
        self._show_view(VIEWS[(VIEWS.index(self._view) + 1) % len(VIEWS)])
        self._checked()
        if had_focus:
            self._focus_view()

    def _show_view(self, view: str) -> None:
        self._view = view
        for one, id in zip(VIEWS, ("form", "arguments", "target"), strict=True):
            self.query_one(f"#{id}").display = one == view
        self._refill()

    def _focus_view(self) -> None:
        if self._view == "form":
            self.query_one(ArgumentForm).take_focus()
        else:
            self.query_one("#arguments" if self._view == "json" else "#target").focus()

    def on_argument_form_edited(self) -> None:
        """Take over what was edited in the form."""
        self._take_over_form()
        self._soon()

    def on_argument_form_moved(self) -> None:
        """Know which call is selected, and which values it may want."""
        at = self.query_one(ArgumentForm).call
        if at != self._at:
            self._at = at
            self._soon()
        self._look_up()

    def on_text_area_changed(self) -> None:
        """Check a moment later."""
        self._soon()

    def _take_over(self) -> None:
        """Take over what stands in the fields: their messages may come after a key that needs it."""
        for field in ("thinking", "content"):
            before = getattr(self._draft, field)
            text = self.query_one(f"#{field}", TextArea).text
            if text != display_text(before):
                self._draft = replace(self._draft, target=None, **{field: restored(text, before)})
        if self._view == "form":
            self._take_over_form()
        elif self._view == "json" and self._draft.calls:
            call, text = self._draft.calls[self._at], self.query_one("#arguments", TextArea).text
            if text != display_text(call.text):
                text = restored(text, call.text)
                draft = drafts.changed(self._draft, self._at, call.edited(text))
                self._draft = replace(draft, target=None)
        elif self._view == "target" and not self.query_one("#target", TextArea).read_only:
            text = self.query_one("#target", TextArea).text
            if text != display_text(self._target):
                self._target = restored(text, self._target)
                self._draft = replace(self._draft, target=self._target)

    def _take_over_form(self) -> None:
        """Take the arguments over; what was typed into one of them is taken back as one change."""
        form = self.query_one(ArgumentForm)
        form.take_over()
        if form.calls == self._draft.calls:
            return
        place = form.entry.place if form.entry else None
        if place != self._typed_at:
            self._typed_at = place
            self._remember()
        self._draft = replace(self._draft, calls=form.calls, target=None)
        self._at = form.call

    def _remember(self) -> None:
        self._history = [*self._history[-_MOST_KEPT:], _Step(self._draft, self._at)]

    def _read_target(self) -> None:
        """Take over what the target text says; while it cannot be read, everything else stays as it was."""
        draft = self._draft
        if draft.target is None:
            return
        try:
            said = read_target(draft.target, draft.last_good(), self._card.turn, self._desk.profile)
        except (ValueError, CuratorError) as error:
            self._target_error = str(error)
            return
        self._draft = merged(draft, said)
        self._at = max(0, min(self._at, len(self._draft.calls) - 1))
        self._fill_text("thinking", self._draft.thinking)
        self._fill_text("content", self._draft.content)

    # Completion

    def _find(self, entry: Entry) -> Sequence[Candidate]:
        if entry.row is None:
            return ()
        known = self._values.known(self._draft.calls[entry.call].name)
        return candidates(entry.row, known, self._card.turn)

    @work(group="values", exclusive=True, exit_on_error=False)
    async def _look_up(self) -> None:
        if self._draft.calls:
            name = self._draft.calls[self._at].name
            await asyncio.gather(asyncio.to_thread(self._values.of, name), return_exceptions=True)

    def action_complete(self) -> None:
        """List what the field may be completed with."""
        self.query_one(ArgumentForm).offer()


def merged(draft: Draft, said: Correction) -> Draft:
    """Return the draft of a correction; calls that say what they said keep the text they had."""
    calls = list(map(call_draft, said.tool_calls))
    for at, call in enumerate(calls[: len(draft.calls)]):
        old = draft.calls[at]
        if (
            old.reads
            and old.name == call.name
            and repr(old.arguments()) == repr(said.tool_calls[at].arguments)
        ):
            calls[at] = old
    return Draft(tuple(calls), said.thinking or "", said.content or "", taken=draft.taken)


def _numbered(correction: Correction, tools: Sequence[ToolSpec]) -> tuple[str, ...]:
    """Say what breaks a schema, and of several calls which one does."""
    calls = correction.tool_calls
    lead = (f"call {n}: " if len(calls) > 1 else "" for n in range(1, len(calls) + 1))
    each = zip(lead, calls, strict=True)
    return tuple(f"{which}{wrong}" for which, call in each for wrong in violations(call, tools))
