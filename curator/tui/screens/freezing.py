"""Asks for the name of a data set, shows what will be frozen, and freezes it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input, Static

from curator.jobs import QuietProgress
from curator.tui.blocks import styled
from curator.tui.problems import explain
from curator.tui.widgets.frozen_lines import ahead_content
from curator.tui.widgets.job_line import JobLine

if TYPE_CHECKING:
    from curator.datasets import GateState
    from curator.datasets.freezing import Frozen, Ready
    from curator.tui.app import CuratorApp
    from curator.tui.flow import Flow

_GATHERED = 20_000
"""Up to so many rows are gathered beforehand, to tell the splits to the row."""
_TYPED_S = 0.4
_EDGE = 4
METERS, WAIVE = "dataset.show-meters", "dataset.waive-gate"


class FreezeScreen(ModalScreen["Frozen | None"]):
    """Enter freezes, where every gate lets it; escape goes back, or cancels what goes on."""

    CSS_PATH = "freezing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "back", show=False, priority=True)]

    app: CuratorApp

    def __init__(self, flow: Flow, name: str) -> None:
        super().__init__()
        self._flow, self._name = flow, name
        self._ready: Ready | None = None
        self._gathering = QuietProgress()
        self._typing: Timer | None = None

    def compose(self) -> ComposeResult:
        """Name and query above what will be frozen."""
        with Vertical(id="freeze-box"):
            yield Input(self._name, placeholder="name; it gets the next number", id="name", max_length=64)
            yield Input(placeholder="only turns of this query; empty for all rows that stand", id="only")
            yield Static(id="ahead", markup=False)
            yield JobLine("freeze-job")
            yield Static(id="freeze-said", markup=False)

    def on_mount(self) -> None:
        """Say at once what the meters know, then gather."""
        box = self.query_one("#freeze-box")
        box.border_title = "FREEZE A DATA SET"
        self.query_one("#name", Input).border_title = "name"
        self.query_one("#only", Input).border_title = "query"
        self._hint()
        self.query_one("#name", Input).focus()
        if self._flow.meters.sft_rows <= _GATHERED:
            self._gather()

    def on_resize(self, event: events.Resize) -> None:
        """Fill the lines."""
        self.call_after_refresh(self._paint)

    @property
    def gates(self) -> tuple[GateState, ...]:
        """How every gate stands now."""
        from curator.datasets import check_gates

        return check_gates(self._flow.meters, self._flow.desk.profile, self._flow.waivers)

    def _hint(self) -> None:
        busy = self.query_one(JobLine).is_busy
        keys = "⏎  freezes it   tab  query   esc  back"
        self.query_one("#freeze-box").border_subtitle = "esc  cancels" if busy else keys

    def _paint(self) -> None:
        ahead = self.query_one("#ahead", Static)
        width = max(40, ahead.size.width or self.size.width - _EDGE)
        ahead.update(
            ahead_content(self._flow.meters, self._flow.desk.profile, self.gates, self._ready, width)
        )

    def _say(self, text: str, style: str = "$error") -> None:
        said = self.query_one("#freeze-said", Static)
        said.update(styled(text, style))
        said.display = bool(text)

    # What will be frozen

    @on(Input.Changed, "#only")
    def _typed(self) -> None:
        if self._typing is not None:
            self._typing.stop()
        if self._flow.meters.sft_rows <= _GATHERED:
            self._typing = self.set_timer(_TYPED_S, self._gather)

    @work(group="gather", exclusive=True, exit_on_error=False)
    async def _gather(self) -> None:
        from curator.datasets.freezing import gather

        self._gathering.cancelled = True
        self._gathering = progress = QuietProgress()
        query = self.query_one("#only", Input).value.strip()
        look = asyncio.to_thread(gather, self.app.workspace, query, progress=progress)
        [ready] = await asyncio.gather(look, return_exceptions=True)
        if progress.cancelled:
            return
        if isinstance(ready, BaseException):
            self._ready = None
            self._say(explain(ready).text)
        else:
            self._ready = ready
            self._say("")
        self._paint()

    # Freezing

    @on(Input.Submitted)
    def _entered(self) -> None:
        missing = [gate.missing for gate in self.gates if gate.state == "open"]
        if self.query_one(JobLine).is_busy:
            return
        if missing:
            words = (
                f"Not yet: {'; '.join(missing)}. Decide more turns, or waive a gate for a reason: 1, then W."
            )
            self._say(words, "$warning")
            return
        self._freeze(
            self.query_one("#name", Input).value.strip(), self.query_one("#only", Input).value.strip()
        )

    @work(group="freeze", exclusive=True, exit_on_error=False)
    async def _freeze(self, name: str, query: str) -> None:
        job = self.query_one(JobLine)
        self._gathering.cancelled = True
        progress = job.follow()
        self._say("")
        self._enable(False)
        work = asyncio.to_thread(partial(self._frozen, name, query, progress))
        [frozen] = await asyncio.gather(work, return_exceptions=True)
        job.end()
        self._enable(True)
        if isinstance(frozen, BaseException):
            problem = explain(frozen)
            self._say(f"✗ {problem.title}: {problem.text}")
            self.query_one("#name", Input).focus()
        else:
            self.dismiss(frozen)

    def _frozen(self, name: str, query: str, progress: QuietProgress) -> Frozen:
        """Freeze. Runs in a thread.

        Raises:
            CuratorError: The name or the query is none, a gate is open, there is no row, or it was stopped.
        """
        from curator.datasets.freezing import freeze

        return freeze(self.app.workspace, name, query=query, reviewer=self.app.reviewer, progress=progress)

    def _enable(self, on: bool) -> None:
        for line in self.query(Input):
            line.disabled = not on
        self._hint()

    def action_back(self) -> None:
        """Cancel what goes on; else go back."""
        job = self.query_one(JobLine)
        if not job.cancel():
            self.dismiss(None)

    def on_unmount(self) -> None:
        """Gather nothing that nobody looks at."""
        self._gathering.cancelled = True
