"""The correction editor: what the output should have been, checked while it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static, TextArea

from curator.errors import CuratorError
from curator.review.completion import ValuesSeen
from curator.review.drafts import Draft, Saved
from curator.text import display_text, one_line
from curator.tui.blocks import request_blocks, styled
from curator.tui.commands import bindings
from curator.tui.commands.base import key_mark, key_of
from curator.tui.editor_blocks import (
    SUGGEST,
    creates_blocks,
    difference_blocks,
    found_lines,
    row_blocks,
    view_keys,
    view_title,
    wrong_lines,
)
from curator.tui.evidence import evidence_spans, phrases
from curator.tui.external import edited_text
from curator.tui.lines import field_key, key_line, spread
from curator.tui.screens.calling import CallingScreen
from curator.tui.screens.suggesting import SuggestionMenu
from curator.tui.widgets.argument_form import ArgumentForm
from curator.tui.widgets.marked_area import MarkedArea
from curator.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from curator.review import Card, Desk

__all__ = ["Draft", "EditorScreen", "Saved"]

_SIDE, _SUGGEST = "correction-editor.show-side", SUGGEST
_WIDE = 110
_TALL = 36
_KEEP_AFTER = 0.5
_FOUND = (5, 3)
"""Lines for suggestions and findings, in a tall terminal and in a low one."""
_FILES = {
    "thinking": "thinking.md",
    "content": "answer.md",
    "arguments": "arguments.json",
    "target": "turn.txt",
}

Keep = Callable[[Draft | None], None]
"""Keeps a draft over a crash; ``None`` when there is nothing to keep any more."""


class EditorScreen(CallingScreen):
    """Gives back a correction to save, a draft to keep, or nothing when nothing was changed."""

    AREA = "Correction editor"
    CSS_PATH = "editor.tcss"
    AUTO_FOCUS = ""
    BINDINGS = [
        *bindings("Correction editor"),
        *(Binding(f"f{n + 4}", f"use_suggestion({n})", show=False, priority=True) for n in range(2, 6)),
        Binding("f1", "app.keys", "keys", show=False),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (_TALL, "-tall")]

    def __init__(self) -> None:
        super().__init__()
        self._reopened = False
        self._keep: Keep | None = None
        self._kept = self._draft
        self._keeping: Timer | None = None
        self._refused = False

    def open(
        self, desk: Desk, card: Card, values: ValuesSeen, draft: Draft | None = None, keep: Keep | None = None
    ) -> None:
        """Take up the correction of a turn; for a screen that was used before, that is all it takes."""
        self.take_up(desk, card, values, draft)
        self._reopened, self._refused = draft is not None, False
        self._keep, self._kept = keep, self._draft
        if self.is_mounted:
            self._fill()

    def compose(self) -> ComposeResult:
        """Fields at the left; request, difference or rows, and what saving creates at the right."""
        yield Static(id="editor-header", markup=False)
        with Horizontal(id="editor-body"):
            with Vertical(id="fields"):
                yield Static(id="found", markup=False)
                with Container(id="view"):
                    yield ArgumentForm(self._find, "form")
                    yield _area("arguments")
                    yield _area("target")
                yield Static(id="wrong", markup=False)
                yield MarkedArea("thinking")
                yield MarkedArea("content")
            with Vertical(id="side"):
                yield Pane("REQUEST", "request")
                yield Pane("LOGGED → CORRECTED", "diff", f"{key_of(_SIDE)} rows")
                yield Pane("ROWS", "rows", f"{key_of(_SIDE)} difference")
                yield Pane("SAVING CREATES", "creates")
        yield Static(id="editor-status", markup=False)
        yield Static(id="editor-keys", markup=False)

    def on_mount(self) -> None:
        """Fill the fields."""
        for id, title in (("thinking", "THINKING"), ("content", "ANSWER TEXT")):
            self.query_one(f"#{id}").border_title = title
        self._fill()

    def _fill(self) -> None:
        """Show the turn; the cursor goes to what most needs to be changed."""
        self.remove_class("-side", "-rows")
        output = self._card.turn.output
        for field, logged in (("thinking", output.thinking or ""), ("content", output.content or "")):
            marks = phrases(display_text(logged), evidence_spans(self._card, field))
            self.query_one(f"#{field}", MarkedArea).mark(marks)
        self.query_one("#thinking").border_subtitle = "f4 logged thinking" if output.thinking else ""
        self.query_one("#request", Pane).show(request_blocks(self._card.turn))
        self._show_view("form")
        self._begin()
        self._check()
        if self._draft.calls:
            self._focus_view()
        else:
            self.query_one("#thinking").focus()
        self._look_up()

    def on_resize(self) -> None:
        """Fill the lines for the new width."""
        self._paint_lines()

    # What a check found

    def _checked(self) -> None:
        self._refused = self._refused and bool(self._wrong)
        beside = self._wrong_as_a_whole if self._view == "form" else self._wrong
        self.query_one("#wrong", Static).update(wrong_lines(beside))
        self.query_one("#wrong").display = bool(beside)
        self._paint_side()
        self._paint_lines()
        if self._keep is not None and self._draft != self._kept:
            self._keep_soon()

    def _paint_side(self) -> None:
        why_not = self._wrong[0] if self._wrong else ""
        self.query_one("#creates", Pane).show(creates_blocks(self._preview, bool(self._wrong), why_not))
        if self.has_class("-rows"):
            self.query_one("#rows", Pane).show(row_blocks(self._preview))
        elif self._correction is not None:
            self.query_one("#diff", Pane).show(difference_blocks(self._card.turn.output, self._correction))

    # Drafts

    def _keep_soon(self) -> None:
        if self._keeping is None:
            self._keeping = self.set_timer(_KEEP_AFTER, self._keep_now)

    def _keep_now(self) -> None:
        self._keeping = None
        self._take_over()
        if self._keep is not None and self._draft != self._kept:
            self._kept = self._draft
            self._keep(None if self._draft == self._original else self._draft)

    # Suggestions

    def action_suggest(self) -> None:
        """Take the one suggestion, or choose among several."""
        self._check()
        if len(self._suggestions) == 1:
            self._take(self._suggestions[0])
        elif self._suggestions:
            self.app.push_screen(SuggestionMenu(self._suggestions), self._take)
        else:
            self._say("The checks found nothing that suggests a correction.")

    # The reviewer's own editor

    def action_external(self) -> None:
        """Open what the cursor is in with the reviewer's editor; what comes back is checked as if typed."""
        self._take_over()
        id = self._field_id()
        text = {
            "thinking": self._draft.thinking,
            "content": self._draft.content,
            "arguments": self._draft.calls[self._at].text if self._draft.calls else "{}",
            "target": self._target,
        }[id]
        try:
            with self.app.suspend():
                new = edited_text(text, _FILES[id])
        except SuspendNotSupported:
            self._say("This terminal cannot be handed to another program.")
        except CuratorError as error:
            self._say(str(error))
        else:
            self._take_back_in(id, new)

    def _field_id(self) -> str:
        if self.focused is not None and self.focused.id in ("thinking", "content"):
            return str(self.focused.id)
        return "target" if self._view == "target" else "arguments"

    def _take_back_in(self, id: str, text: str) -> None:
        draft = replace(self._draft, target=None)
        if id == "thinking":
            draft = replace(draft, thinking=text)
        elif id == "content":
            draft = replace(draft, content=text)
        elif id == "target":
            draft = replace(draft, target=text)
        elif draft.calls:
            call = draft.calls[self._at].edited(text)
            calls = (*draft.calls[: self._at], call, *draft.calls[self._at + 1 :])
            draft = replace(draft, calls=calls)
            if not call.reads and self._view == "form":
                self._show_view("json")
        if draft != self._draft:
            self._change(draft)

    # Leaving

    def action_save(self) -> None:
        """Save when nothing is wrong; say what is wrong otherwise."""
        self._check()
        if self._correction is not None and not self._wrong:
            self._close(Saved(self._correction, False))
        else:
            self._refused = True
            self._paint_lines()

    def action_save_anyway(self) -> None:
        """Save in spite of violations; the row is marked."""
        self._check()
        if self._correction is not None:
            self._close(Saved(replace(self._correction, violations=self._wrong), bool(self._wrong)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave ctrl+y to the text field while there is nothing to save in spite of."""
        if action == "save_anyway":
            return self._correction is not None and bool(self._wrong)
        return True

    def action_side(self) -> None:
        """Change between difference and rows; in a narrow terminal, the fields come in between."""
        narrow = self.has_class("-narrow")
        if narrow and not self.has_class("-side"):
            self.add_class("-side")
        elif narrow and self.has_class("-rows"):
            self.remove_class("-side", "-rows")
        else:
            self.toggle_class("-rows")
        self.call_after_refresh(self._paint_side)

    def action_leave(self) -> None:
        """Close a list; else leave, and keep a draft when something was changed."""
        self._take_over()
        if not self.query_one(ArgumentForm).close_list():
            self._close(None if self._draft == self._original else self._draft)

    def _close(self, result: Saved | Draft | None) -> None:
        for timer in (self._checking, self._keeping):
            if timer is not None:
                timer.stop()
        self._checking = self._keeping = None
        self.dismiss(result)

    # Lines

    def _say(self, words: str) -> None:
        self.notify(f"! {words}", severity="warning", markup=False)

    def _paint_lines(self) -> None:
        width = self.size.width
        turn = self._card.turn
        name = display_text(
            one_line(self._card.session.name or self._card.session.key, 60), keep_newlines=False
        )
        title = Content.assemble(
            (" CORRECTION ", "bold $primary"), (f" turn {turn.index + 1} · {name}", "$muted")
        )
        self._line("editor-header", spread(title, self._hint(), width))
        narrow = width < _WIDE
        room = (width if narrow else width * 3 // 5) - 4
        most = _FOUND[0] if self.size.height >= _TALL else _FOUND[1]
        lines = found_lines(self._suggestions, self._card.findings, self._found, room, most)
        self.query_one("#found", Static).update(lines)
        self.query_one("#found").display = bool(lines.plain)
        broken = self._draft.target is not None or not all(call.reads for call in self._draft.calls)
        self.query_one("#view").border_title = view_title(self._view, self._desk.profile.syntax, broken)
        self.query_one("#view").border_subtitle = view_keys(self._view)
        look: list[str | tuple[str, str]]
        look = [key_mark(_SIDE), " diff, rows   "] if narrow else []
        more = Content.assemble(*look, (field_key("everywhere.show-keys"), "bold $accent"), " all keys ")
        self._line("editor-status", spread(self._status(), more, width))
        self._line("editor-keys", key_line(("Correction editor",), width))

    def _hint(self) -> Content:
        if self._reopened:
            return Content.assemble(
                ("your draft", "bold $warning"),
                " · ",
                key_mark("correction-editor.take-back"),
                " begins anew ",
            )
        if not self._suggestions:
            return Content()
        if len(self._suggestions) > 1:
            return Content.assemble(key_mark(_SUGGEST), f" {len(self._suggestions)} suggestions ")
        return Content.assemble(
            key_mark(_SUGGEST),
            " ",
            styled(one_line(self._suggestions[0].title, 50), "bold"),
            " ",
        )

    def _status(self) -> Content:
        if self._correction is None:
            words = "✗ not saved: " if self._refused else "✗ "
            what = "the text in the target syntax" if self._draft.target is not None else "the arguments"
            return Content.styled(f" {words}mend {what} first", "bold $error")
        if self._wrong:
            lead = "✗ not saved · " if self._refused else ""
            number = f"{lead}{len(self._wrong)} problem{'s' if len(self._wrong) > 1 else ''}"
            rest = " saves anyway, marked"
            return Content.assemble(
                (f" {number}", "bold $error"),
                " · ",
                key_mark("correction-editor.save-anyway"),
                rest,
            )
        return Content.assemble(
            (" ✓ fits", "bold $success"),
            (" · ", "$muted"),
            key_mark("correction-editor.save-correction"),
            " saves",
        )

    def _line(self, id: str, content: Content) -> None:
        self.query_one(f"#{id}", Static).update(content, layout=False)


def _area(id: str) -> TextArea:
    return TextArea("", id=id, soft_wrap=True, tab_behavior="focus", show_line_numbers=False)
