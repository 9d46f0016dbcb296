"""What is wrong with a profile file: one sentence each, with the key and its line."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable

from msgspec import Struct

Place = tuple[str | int, ...]
"""Where a value stands: keys of tables, and positions in lists from 0."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")


class Fault(Struct, frozen=True):
    """One thing that is wrong. ``message`` is the rest of a sentence that begins with the key."""

    place: Place
    message: str
    line: int | None = None
    """1-based line of the file; None where it is not known."""
    rests_on: tuple[str, ...] = ()
    """Tables of the top level that this was concluded from, besides its own."""

    @property
    def key(self) -> str:
        """The full dotted key, as TOML writes it; empty for the file as a whole."""
        return dotted(self.place)

    def describe(self) -> str:
        """Write it as a sentence without the file: ``line 4: gates.bands wants true or false, not 3``."""
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.key} {self.message}" if self.place else f"{where}{self.message}"


def dotted(place: Place) -> str:
    """Write a place as a dotted key, such as ``expectations[0].tier`` or ``tiers."a b".focus``."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if _BARE.fullmatch(part) else quoted(part))
    return text


def quoted(text: str) -> str:
    """Write a TOML basic string; JSON's escapes are a part of TOML's, which also wants DEL escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def near(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest known name, else the list of all that are known."""
    names = list(known)
    found = difflib.get_close_matches(name, names, 1)
    if found:
        return f"; did you mean {found[0]!r}?"
    return f"; known are {', '.join(names)}." if names else "."
