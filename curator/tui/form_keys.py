"""What a key does to a value that is chosen and not typed. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

from curator.review.forms import Row
from curator.tui.form_lines import choice_text


class Chosen(NamedTuple):
    """A value, and the letters by which it was found."""

    value: Any
    query: str = ""


def chosen(row: Row, key: str, letter: str, query: str) -> Chosen | None:
    """Return the value that a key chooses in a row; ``None`` where the key means nothing there.

    ``letter`` is the character that the key prints, ``query`` what was typed in this row before.
    """
    if row.kind == "flag" and key in ("space", "left", "right", "t", "f"):
        fixed = {"t": True, "f": False}.get(key)
        return Chosen((not row.value if row.present else True) if fixed is None else fixed)
    if row.kind != "choice":
        return None
    if key in ("left", "right", "space"):
        return Chosen(_neighbour(row, -1 if key == "left" else 1))
    if key == "backspace" or letter:
        return _narrowed(row, query[:-1] if key == "backspace" else query + letter)
    return None


def _neighbour(row: Row, by: int) -> Any:
    known = [choice_text(one) for one in row.choices]
    at = known.index(choice_text(row.value)) if row.present and choice_text(row.value) in known else -1
    return row.choices[(at + by) % len(known) if at >= 0 or by > 0 else -1]


def _narrowed(row: Row, query: str) -> Chosen | None:
    """Take the choice that the letters begin, else one that they stand in."""
    words = [choice_text(one).lower() for one in row.choices]
    wanted = query.lower()
    begun = (n for n, word in enumerate(words) if word.startswith(wanted))
    within = (n for n, word in enumerate(words) if wanted in word)
    at = next(begun, next(within, None))
    return None if at is None else Chosen(row.choices[at], query)
