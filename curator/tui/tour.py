"""Five hints for newcomers, one at a time; each goes when its key is pressed, all go with escape."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from textual.content import Content

from curator.tui.commands.base import BACK, UNDO, Command, key_of
from curator.tui.lines import spread


class Hint(NamedTuple):
    """What a newcomer should know, with the commands that show it was understood."""

    words: str
    """A sentence; ``{0}``, ``{1}`` … are the keys of the commands."""
    commands: tuple[str, ...]


HINTS = (
    Hint(
        "Is this right?  {0} yes · {1} no, and why · {2} correct it",
        ("review.mark-correct", "review.mark-incorrect", "review.correct-turn"),
    ),
    Hint("It is on disk. Changed your mind?  {0} takes it back", (UNDO,)),
    Hint(
        "Too long?  {0} unfolds it · {1} next column",
        ("review.expand-context", "review.next-column"),
    ),
    Hint(
        "May you train?  {0} shows what is missing and what helps",
        ("review.what-is-missing",),
    ),
    Hint("Anything else?  {0} shows every key, ctrl+p finds by name", ("everywhere.show-keys",)),
)


class Tour:
    """How far a reviewer is in the hints; remembered in a file, so that nobody is told twice."""

    def __init__(self, path: Path | None, at: int) -> None:
        self._path = path
        self.at = at

    @classmethod
    def load(cls, path: Path) -> Tour:
        """Return the tour where the reviewer left it; at its beginning where nothing is remembered."""
        with suppress(OSError, ValueError):
            at = json.loads(path.read_text("utf-8"))
            if isinstance(at, int) and 0 <= at <= len(HINTS):
                return cls(path, at)
        return cls(path, 0)

    @classmethod
    def ended(cls) -> Tour:
        """Return a tour that shows nothing and remembers nothing."""
        return cls(None, len(HINTS))

    @property
    def hint(self) -> Hint | None:
        """The hint to show now."""
        return HINTS[self.at] if self.at < len(HINTS) else None

    def pressed(self, key: str) -> bool:
        """Go on if the key is one of the hint's; True where it is."""
        if self.hint is None or key not in _keys(self.hint):
            return False
        self._go(self.at + 1)
        return True

    def end(self) -> None:
        """Show no hint any more."""
        self._go(len(HINTS))

    def restart(self) -> None:
        """Begin with the first hint."""
        self._go(0)

    def _go(self, at: int) -> None:
        self.at = at
        # Where nothing can be kept, the worst is to be told twice.
        with suppress(OSError):
            if self._path is not None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.write_text(json.dumps(at), "utf-8")


def tour_line(tour: Tour, width: int) -> Content:
    """The hint in one line, with how to end them all."""
    if tour.hint is None:
        return Content()
    words = tour.hint.words.format(*map(key_of, tour.hint.commands))
    left = Content.assemble((f" hint {tour.at + 1} of {len(HINTS)}  ", "bold $warning"), (words, "bold"))
    right = Content.styled(f"{key_of(BACK)} no more hints", "$muted")
    return spread(left, right if width >= 100 else Content.styled(f"{key_of(BACK)} ends", "$muted"), width)


def _keys(hint: Hint) -> set[str]:
    return {
        key
        for command in Command.__subclasses__()
        if command.id() in hint.commands
        for key in command.current_keys()
    }
