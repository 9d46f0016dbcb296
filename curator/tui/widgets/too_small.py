"""What stands over everything while the terminal is too small for it."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

LEAST = Size(80, 24)


class TooSmall(Static):
    """Says which size is needed. What is below it stays as it is and comes back."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._said = Size(0, 0)

    def on_mount(self) -> None:
        """Say it."""
        self.say(self.app.size)

    def say(self, size: Size) -> None:
        """Say how large the terminal is, and how large it must be."""
        if size == self._said:
            return
        self._said = size
        self.update(
            Content.assemble(
                (f"{LEAST.width} × {LEAST.height} is needed", "bold $warning"),
                f"\nthis is {size.width} × {size.height}\n\n",
                ("Enlarge the window, or make the font smaller: everything comes back as it was.", "$muted"),
                ("\n\nctrl+q", "bold $accent"),
                (" quits", "$muted"),
            )
        )


def is_too_small(size: Size) -> bool:
    """Whether the screens have no room."""
    return size.width < LEAST.width or size.height < LEAST.height
