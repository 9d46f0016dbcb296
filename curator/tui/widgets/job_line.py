"""One line on long work: what is done, how fast, how long it will take, and how to cancel."""

from __future__ import annotations

import time

from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from curator.jobs import QuietProgress
from curator.tui.blocks import number
from curator.tui.widgets.run_words import clock

_EVERY_S = 0.2
_BAR = 20
_SURE_S = 1.0
"""After so long a rate says something."""


class JobLine(Static):
    """Hidden while nothing goes on. The work itself runs in a thread and knows only its progress."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id, markup=False)
        self.progress: QuietProgress | None = None
        self._timer: Timer | None = None
        self._began, self._phase = 0.0, ""

    def on_mount(self) -> None:
        """Nothing goes on yet."""
        self.display = False

    def on_unmount(self) -> None:
        """Cancel what nobody waits for any more."""
        self.cancel()

    @property
    def is_busy(self) -> bool:
        """Whether work goes on."""
        return self.progress is not None

    def follow(self) -> QuietProgress:
        """Begin to show the progress that is returned, to be given to the work."""
        self.end()
        self.progress, self._phase = QuietProgress(), ""
        self._began = time.monotonic()
        self._timer = self.set_interval(_EVERY_S, self._tell)
        self.display = True
        self._tell()
        return self.progress

    def cancel(self) -> bool:
        """Ask the work to end at its next step; False where none goes on."""
        if self.progress is None:
            return False
        self.progress.cancelled = True
        self._tell()
        return True

    def end(self) -> None:
        """The work is over."""
        if self._timer is not None:
            self._timer.stop()
        self.progress = self._timer = None
        self.display = False

    def _tell(self) -> None:
        if self.progress is not None:
            if self.progress.label != self._phase:
                self._phase, self._began = self.progress.label, time.monotonic()
            self.update(job_words(self.progress, time.monotonic() - self._began))


def job_words(progress: QuietProgress, seconds: float) -> Content:
    """Say how far a phase is after so many seconds of it."""
    label = progress.label or "beginning"
    if progress.cancelled:
        return Content.styled(f"{label} · stopping …", "$warning")
    end = "   esc cancels"
    if not progress.total:
        done = f" {number(progress.done)}" if progress.done else ""
        return Content.assemble((f"{label} …", "$accent"), done, (end, "$muted"))
    share = min(1.0, progress.done / progress.total)
    filled = round(share * _BAR)
    speed = ""
    if seconds >= _SURE_S and progress.done:
        rate = progress.done / seconds
        speed = f" · {rate:,.0f}/s · {clock((progress.total - progress.done) / rate)} left"
    return Content.assemble(
        (f"{label} ", "$accent"),
        ("━" * filled, "$accent"), ("─" * (_BAR - filled), "$faint"),
        f" {number(progress.done)} of {number(progress.total)}{speed}",
        (end, "$muted"),
    )  # fmt: skip
