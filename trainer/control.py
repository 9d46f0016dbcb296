"""The wish to stop a run, from its ``control`` file or from a signal. Standard library only."""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType

from trainer.spec import TrainerError


class Stopped(TrainerError):
    """Raised between two pieces of work when the run shall end."""

    title = "Stopped"


class Control:
    """Knows whether somebody wants the run to end. Asking is cheap: one ``stat`` of a small file."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._signal = 0

    def listen(self) -> None:
        """Take SIGINT and SIGTERM as the wish to stop, instead of dying of them."""
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)

    def listen_at_once(self) -> None:
        """Take the signals as a reason to stop in the middle of what goes on, until ``listen``.

        For work of which nothing is to be kept, as loading a model in one long step.
        """
        signal.signal(signal.SIGINT, self._stop_now)
        signal.signal(signal.SIGTERM, self._stop_now)

    def reason(self) -> str | None:
        """Return why the run shall end, as the end of a sentence, or None to go on."""
        if self._signal:
            return f"by {signal.Signals(self._signal).name}"
        if self._path is not None and self._path.exists():
            return "as asked"
        return None

    def check(self) -> None:
        """Raise Stopped when the run shall end."""
        reason = self.reason()
        if reason:
            raise Stopped(f"Stopped {reason}.")

    def clear(self) -> None:
        """Forget a wish that has been obeyed."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _stop_now(self, number: int, frame: FrameType | None) -> None:
        # Should a library take the exception for its own, the next check still sees the wish.
        self._signal = number
        self.check()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signal = number
