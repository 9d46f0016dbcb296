"""Progress on standard error: a line that renews itself on a terminal, silence elsewhere."""

from __future__ import annotations

import signal
import sys
import time
from typing import Any, Self

from curator.cli.context import narrate


class TerminalProgress:
    """Shows count, rate and time left.

    Within ``with``, ctrl+c asks the work to stop at its next step; a second one ends the process.
    """

    def __init__(self) -> None:
        self.cancelled = False
        self._ends_process: Any = None
        self._live = sys.stderr.isatty()
        self._label, self._total, self._done = "", 0, 0
        self._began = self._shown = time.monotonic()

    def __enter__(self) -> Self:
        self._ends_process = signal.signal(signal.SIGINT, self._cancel)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._ends_process)
        self.end()

    def _cancel(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._ends_process)
        self.cancelled = True
        self.note("Stopping after this step; ctrl+c again ends at once.")

    def begin(self, label: str, total: int | None = None) -> None:
        """Start a phase."""
        self.end()
        self._label, self._total, self._done = label, total or 0, 0
        self._began = self._shown = time.monotonic()

    def advance(self, n: int = 1) -> None:
        """Count ``n`` units as done."""
        self._done += n
        now = time.monotonic()
        if self._live and now - self._shown > 0.1:
            self._shown = now
            sys.stderr.write(f"\r\x1b[2K{self._line(now)}")
            sys.stderr.flush()

    def note(self, text: str) -> None:
        """Print the sentence on a line of its own."""
        self.end()
        narrate(text)

    def end(self) -> None:
        """Wipe the live line."""
        if self._live:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()

    def _line(self, now: float) -> str:
        rate = self._done / max(now - self._began, 1e-6)
        if not self._total:
            return f"{self._label}  {self._done:,}  {rate:,.0f}/s"
        left = (self._total - self._done) / rate if rate else 0.0
        return f"{self._label}  {self._done:,}/{self._total:,}  {rate:,.0f}/s  {left:,.0f} s left"
