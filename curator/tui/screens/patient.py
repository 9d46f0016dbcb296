"""A screen over the screen that a worker may close: it waits while something else stands over it."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import ModalScreen

T = TypeVar("T")


class PatientScreen(ModalScreen[T]):
    """``close`` never takes away another screen, such as the palette, that was opened meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self._result: T | None = None
        self._is_closing = False

    def close(self, result: T | None = None) -> None:
        """Dismiss, now or as soon as this screen is on top again."""
        if self.is_active:
            self.dismiss(result)
        else:
            self._result, self._is_closing = result, True

    def on_screen_resume(self) -> None:
        """Close, if that was wanted meanwhile."""
        if self._is_closing:
            self._is_closing = False
            self.dismiss(self._result)
