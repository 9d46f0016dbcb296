"""Reads logs in: a path, what lies there, progress, a report. The first screen where nothing is ingested."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Literal

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static
from textual.worker import Worker, WorkerState

from curator.text import one_line
from curator.tui.blocks import styled
from curator.tui.commands import bindings
from curator.tui.commands.base import key_of
from curator.tui.commands.ingest import CompletePath, EntryDown, LeaveIngest, OpenDemo, ReadLogs
from curator.tui.ingest_words import first_steps, greeting, report_blocks
from curator.tui.lines import chosen_keys, field_key, spread
from curator.tui.problems import explain
from curator.tui.progress import ScreenProgress
from curator.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from curator.ingest import IngestReport
    from curator.tui.app import CuratorApp
    from curator.workspace import Workspace

State = Literal["asking", "reading", "report"]

_TYPING_S = 0.12
_DRAW_S = 0.25
_MOST_LINES = 6
_QUIT = ("ctrl+q", "quit")


class IngestScreen(Screen[None]):
    """Asks for a path, shows what is there, reads it, and reports, also while another screen is shown."""

    AREA = "Ingest"
    CSS_PATH = "ingest.tcss"
    BINDINGS = bindings("Ingest")
    AUTO_FOCUS = "#path"

    app: CuratorApp

    def __init__(self) -> None:
        super().__init__()
        self.state: State = "asking"
        self.progress = ScreenProgress()
        self._entries: list[str] = []
        self._typing: Timer | None = None
        self._drawing: Timer | None = None
        self._stop_looking = Event()

    def compose(self) -> ComposeResult:
        """Greeting, field with what it may become, what lies there, progress, report."""
        yield Static(id="header", markup=False)
        with Vertical(id="middle"):
            yield Static(id="greeting", markup=False)
            yield Input(id="path", placeholder="type, paste or drop a path", select_on_focus=False)
            yield OptionList(id="entries", markup=False)
            yield Static(id="look", markup=False)
            yield Static(id="progress", markup=False)
            yield Pane("REPORT", "report")
        yield Static(id="keys", markup=False)

    def on_mount(self) -> None:
        """Say where we are; list where logs usually lie."""
        self.query_one("#path").border_title = "LOG FILE OR FOLDER"
        self.query_one("#entries").can_focus = False
        self.watch(self.app, "flow", self._paint, init=False)
        self.watch(self.app, "problem", self._paint, init=False)
        self._paint()
        self._look_around("")

    def on_unmount(self) -> None:
        """Stop what is being read and looked at; what was read is stored."""
        self.progress.cancelled = True
        self._stop_looking.set()

    def on_screen_resume(self) -> None:
        """Say how much the workspace holds now, and what can be done."""
        self._paint()
        if self.state == "asking":
            self._look_around(self._text)

    def on_resize(self) -> None:
        """Fill the lines for the new width."""
        self._paint()

    def on_key(self, event: events.Key) -> None:
        """While it is read, letters that were meant for the field do nothing."""
        if self.state == "reading" and event.is_printable:
            event.stop()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what a worker died of; nothing of it may pass in silence."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.app.say(explain(event.worker.error))

    # What lies there

    @on(Input.Changed, "#path")
    def _typed(self) -> None:
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(_TYPING_S, self._look_typed)

    def _look_typed(self) -> None:
        self._look_around(self._text)

    @property
    def _text(self) -> str:
        return self.query_one("#path", Input).value

    def _look_around(self, text: str) -> None:
        self._stop_looking.set()
        self._stop_looking = Event()
        self._look(text, self._stop_looking)

    @work(group="look", exclusive=True, exit_on_error=False)
    async def _look(self, text: str, stop: Event) -> None:
        """List what the text may become, then say what lies at it."""
        [listed] = await asyncio.gather(asyncio.to_thread(_listed, text), return_exceptions=True)
        if stop.is_set() or isinstance(listed, BaseException):
            return
        self._list(listed)
        if not text.strip():
            self._say(first_steps(OpenDemo.shown_key() if self._has_demo else ""))
            return
        self._say(Content.styled("looking …", "$muted"))
        [said] = await asyncio.gather(asyncio.to_thread(_said, text, stop), return_exceptions=True)
        if not stop.is_set():
            self._say(styled(explain(said).text, "$error") if isinstance(said, BaseException) else said)

    def _list(self, entries: Sequence[tuple[str, str]]) -> None:
        self._entries = [text for text, _ in entries]
        options = self.query_one("#entries", OptionList)
        options.set_options(
            Content.assemble(styled(one_line(text, 200)), styled(f"  {about}" if about else "", "$muted"))
            for text, about in entries
        )
        options.highlighted = None
        options.set_class(not entries, "-none")

    def _say(self, content: Content) -> None:
        self.query_one("#look", Static).update(content)

    def action_choose(self, by: int) -> None:
        """Highlight another line of the list; from none, the first or the last."""
        if self.state != "asking":
            pane = self.query_one("#report", Pane)
            pane.scroll_relative(y=by, animate=False)
            return
        options = self.query_one("#entries", OptionList)
        if self._entries:
            at = options.highlighted
            first = 0 if by > 0 else len(self._entries) - 1
            options.highlighted = first if at is None else (at + by) % len(self._entries)

    def action_complete(self) -> None:
        """Take the chosen line, or what all lines begin with."""
        if self.state != "asking" or not self._entries:
            return
        from curator.ingest.typed_paths import shared_start

        at = self.query_one("#entries", OptionList).highlighted
        text = shared_start(self._entries) if at is None else self._entries[at]
        if at is not None or len(text) > len(self._text):
            self._write(text)

    def _write(self, text: str) -> None:
        field = self.query_one("#path", Input)
        field.value = text
        field.cursor_position = len(text)

    @on(OptionList.OptionSelected, "#entries")
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self._write(self._entries[event.option_index])

    # Reading

    @on(Input.Submitted, "#path")
    def _submitted(self) -> None:
        self.action_enter()

    def action_enter(self) -> None:
        """Take the chosen line, read what was typed, or go on to the review."""
        if self.state == "report":
            self._leave_report()
        elif self.state == "asking" and self.query_one("#entries", OptionList).highlighted is not None:
            self.action_complete()
        elif self.state == "asking" and self._text.strip():
            from curator.ingest.typed_paths import typed_path

            path = typed_path(self._text)
            if path.exists():
                self._begin()
                self._read(path)
            else:
                self._say(styled(f"✗ {path}: there is no such file or folder.", "$error"))

    def _begin(self) -> None:
        from curator.store.search import INDEXING

        self._stop_looking.set()
        self.progress = ScreenProgress({INDEXING})
        self._drawing = self.set_interval(_DRAW_S, self._draw)
        self._go("reading")
        self._draw()

    @work(group="reading", exclusive=True, exit_on_error=False)
    async def _read(self, path: Path) -> None:
        reading = asyncio.to_thread(_ingest, self.app.workspace, path, self.progress)
        [report] = await asyncio.gather(reading, return_exceptions=True)
        self._stop_drawing()
        if isinstance(report, BaseException):
            self._go("asking")
            problem = explain(report)
            self._say(styled(f"✗ {problem.title}: {problem.text}", "$error"))
        else:
            self._report(report)
        if self.app.workspace.is_made:
            await self.app.reopen()

    def _report(self, report: IngestReport) -> None:
        pane = self.query_one("#report", Pane)
        self._go("report")
        pane.show(report_blocks(report, self.progress.notes, min(106, self.size.width - 8)))
        # A click on nothing would leave the field hidden and the report without the focus.
        pane.focus()

    def _draw(self) -> None:
        width = min(106, self.size.width - 8)
        self.query_one("#progress", Static).update(self.progress.lines(width))

    def _stop_drawing(self) -> None:
        if self._drawing is not None:
            self._drawing.stop()
            self._drawing = None

    # Demo

    async def action_demo(self) -> None:
        """Make the demo workspace where it is not yet, and open it."""
        if self.state != "reading" and self._has_demo:
            self._begin()
            self._open_demo()

    @work(group="reading", exclusive=True, exit_on_error=False)
    async def _open_demo(self) -> None:
        assert self.app.make_demo is not None
        making = asyncio.to_thread(self.app.make_demo, self.progress)
        [made] = await asyncio.gather(making, return_exceptions=True)
        self._stop_drawing()
        self._go("asking")
        if isinstance(made, BaseException):
            problem = explain(made)
            self._say(styled(f"✗ {problem.title}: {problem.text}", "$error"))
        else:
            await self.app.change_workspace(made, demo=True)

    # Going on

    def action_back(self) -> None:
        """Stop reading, else leave the report, empty the field, or go back to the review."""
        if self.state == "reading":
            self.progress.cancelled = True
            self._paint()
            self._draw()
        elif self.state == "report":
            self._ask_again()
        elif self._text:
            self._write("")
        elif self._turns:
            self.app.call_later(self.app.action_go, "review")

    def _leave_report(self) -> None:
        if self._turns:
            self._ask_again()
            self.app.call_later(self.app.action_go, "review")
        else:
            self._ask_again()

    def _ask_again(self) -> None:
        self._write("")
        self._go("asking")
        self.query_one("#path", Input).focus()

    def _go(self, state: State) -> None:
        self.state = state
        self.set_class(state == "reading", "-reading")
        self.set_class(state == "report", "-report")
        field = self.query_one("#path", Input)
        field.disabled = state == "reading"
        if state == "asking":
            field.focus()
        self._paint()

    # Lines

    @property
    def _has_demo(self) -> bool:
        """Whether the demo can be opened instead: only where nothing is ingested."""
        return self.app.make_demo is not None and not self.app.demo and not self._turns

    @property
    def _turns(self) -> int | None:
        flow = self.app.flow
        return flow.meters.turns if flow is not None else None

    def _paint(self) -> None:
        width, home = self.size.width, self.app.workspace
        problem = self.app.problem
        if problem is not None:
            words = styled(f"✗ {problem.title}: {problem.text}", "$error")
        else:
            words = greeting(home.is_made, self._turns, home.folder.resolve().name or "/")
        self.query_one("#greeting", Static).update(words)
        title = Content.styled(" Curator", "bold $primary")
        name = styled(one_line(home.config.title or home.folder.resolve().name, 60), "$muted")
        self.query_one("#header", Static).update(spread(title, name, width))
        self.query_one("#keys", Static).update(chosen_keys(self._keys(), width))

    def _keys(self) -> list[tuple[str, str]]:
        """The keys that do something now, each with a word."""
        leave, helps = LeaveIngest.shown_key(), (field_key("everywhere.show-keys"), "keys")
        if self.state == "reading":
            stopping = "stopping …" if self.progress.cancelled else "stop; what was read is kept"
            return [(leave, stopping), helps]
        if self.state == "report":
            goes_on = "review" if self._turns else "another path"
            return [
                (ReadLogs.shown_key(), goes_on),
                (EntryDown.shown_key(), "scroll"),
                (leave, "read more"),
                (key_of("everywhere.show-keys"), "keys"),
                _QUIT,
            ]
        keys = [(ReadLogs.shown_key(), "read"), (CompletePath.shown_key(), "complete")]
        keys += [(EntryDown.shown_key(), "choose")]
        if self._has_demo:
            keys += [(OpenDemo.shown_key(), "open the demo")]
        if self._text or self._turns:
            keys += [(leave, "empty the field" if self._text else "back to the review")]
        return [*keys, helps, _QUIT]


def _listed(text: str) -> list[tuple[str, str]]:
    """Return what a text may become, each with a word on it; where logs usually lie for no text."""
    from curator.ingest.typed_paths import path_entries
    from curator.ingest.usual_places import usual_places

    if not text.strip():
        return [(place.text, f"logs of {place.owner}") for place in usual_places()]
    found = [(entry.text, "") for entry in path_entries(text)]
    return [] if found == [(text, "")] else found


def _said(text: str, stop: Event) -> Content:
    """Say what lies at a path."""
    from curator.ingest.looking import look
    from curator.ingest.typed_paths import typed_path

    path = typed_path(text)
    if not path.exists():
        return Content()
    seen = look(path, is_cancelled=stop.is_set)
    mark = ("✓ ", "$success") if seen.sources else ("✗ ", "$warning")
    lines = seen.lines()
    shown = lines[:_MOST_LINES] + (
        [f"and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
    )
    return Content.assemble(mark, styled("\n  ".join(shown), "" if seen.sources else "$warning"))


def _ingest(workspace: Workspace, path: Path, progress: ScreenProgress) -> IngestReport:
    from curator.ingest.whole import ingest_into

    return ingest_into(workspace, [path], progress=progress)
