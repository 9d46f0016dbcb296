"""Measures how long a reviewer looks at a turn; stops while nobody does."""

from __future__ import annotations

import time
from collections.abc import Callable

IDLE_S = 30.0
"""So long after the last key the reviewer counts as gone."""


class Stopwatch:
    """Counts seconds from ``start``; a pause, or the time after 30 seconds without a key, counts nothing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counted = 0.0
        self._since: float | None = None
        """When the stretch began that is not counted yet; ``None`` while it stands still."""
        self._key = clock()

    def start(self) -> None:
        """Begin at zero."""
        self._counted = 0.0
        self.resume()

    def touch(self) -> None:
        """Note a sign of life; what an absence before it took is left out."""
        if self._since is not None:
            self._counted = self.seconds
            self._since = self._key = self._clock()

    def pause(self) -> None:
        """Stand still until ``resume``."""
        self._counted, self._since = self.seconds, None

    def resume(self) -> None:
        """Go on counting."""
        self._since = self._key = self._clock()

    @property
    def is_running(self) -> bool:
        """Whether seconds are being counted: neither paused nor idle."""
        return self._since is not None and self._clock() - self._key < IDLE_S

    @property
    def seconds(self) -> float:
        """Seconds counted so far."""
        if self._since is None:
            return self._counted
        end = min(self._clock(), self._key + IDLE_S)
        return self._counted + max(0.0, end - self._since)
