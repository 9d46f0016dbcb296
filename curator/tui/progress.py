"""Progress of long work on a screen: counted in the thread that works, drawn when the screen asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from textual.content import Content

from curator.text import one_line, size_words
from curator.tui.blocks import number, styled

_BAR = 30
_SETTLED_S = 0.5
"""Before that, a rate says little."""
_MINUTE = 60


class ScreenProgress:
    """Counts; ``lines`` says how far the work is. ``cancelled`` asks it to stop at its next step."""

    def __init__(self, counted: Collection[str] = (), clock: Callable[[], float] = time.monotonic) -> None:
        self.cancelled = False
        self.label = ""
        self.total = 0
        self.done = 0
        self.notes: list[str] = []
        self._counted = counted
        """Phases whose units are not bytes."""
        self._clock = clock
        self._began = clock()

    def begin(self, label: str, total: int | None = None) -> None:
        """Start a phase."""
        self.label, self.total, self.done = label, total or 0, 0
        self._began = self._clock()

    def advance(self, n: int = 1) -> None:
        """Count ``n`` units as done."""
        self.done += n

    def note(self, text: str) -> None:
        """Keep the sentence."""
        self.notes.append(text)

    def lines(self, width: int) -> Content:
        """What is worked on, how much of it is done, how fast, and how long it will take."""
        amount = number if self.label in self._counted else size_words
        rate = self._rate()
        parts = [amount(self.done) + (f" of {amount(self.total)}" if self.total else "")]
        if rate:
            parts.append(f"{amount(int(rate))}/s")
        if rate and self.total > self.done:
            parts.append(f"{_time((self.total - self.done) / rate)} left")
        said = " · ".join(parts) if self.done or self.total else ""
        label = styled(one_line(self.label or "looking what is there", max(10, width)), "bold")
        return Content.assemble(label, "\n", self._bar(), styled(said, "$muted"))

    def _rate(self) -> float:
        passed = self._clock() - self._began
        return self.done / passed if passed > _SETTLED_S else 0.0

    def _bar(self) -> Content:
        if not self.total:
            return Content()
        filled = min(_BAR, round(_BAR * self.done / self.total))
        share = min(1.0, self.done / self.total)
        return Content.assemble(
            ("━" * filled, "$success"), ("─" * (_BAR - filled), "$faint"), (f" {share:.0%}  ", "bold")
        )


def _time(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds // _MINUTE:.0f} min {seconds % _MINUTE:.0f} s"
