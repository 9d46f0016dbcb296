"""Paragraphs, the unit that columns draw, and how long texts are cut and folded. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from textual.content import Content

from curator.text import display_text

SHOWN_CHARS = 20_000
FOLDED_CHARS = 900
FOLDED_LINES = 12

CURRENT = "bold reverse $warning"
"""Style of what was jumped to, a finding's evidence or a match; a column can scroll to it."""
FOUND = "bold underline $accent"
"""Style of the other matches of a search."""
_THIN_SPACE = "\u202f"


class Block(NamedTuple):
    """A paragraph: ``lead`` stands before its first line, ``rest`` (of the same width) before the others."""

    content: Content
    lead: Content = Content()
    rest: Content | None = None
    anchor: bool = False
    """True for the line that the column scrolls to."""


BLANK = Block(Content())


def number(count: int) -> str:
    """Write a count with thin spaces between thousands."""
    return f"{count:,}".replace(",", _THIN_SPACE)


def styled(text: str, style: str = "") -> Content:
    """Return outside text as safe content in one style."""
    return Content.styled(display_text(text), style)


def heading(text: str) -> Block:
    """A small title inside a column."""
    return Block(Content.styled(text, "bold $muted"))


def marked(
    text: str,
    spans: Sequence[tuple[int, int]],
    style: str = "bold underline $warning",
    current: Sequence[tuple[int, int]] = (),
) -> Content:
    """Return text with the spans highlighted and held between ``▌`` and ``▐``; current ones stand out."""
    safe = display_text(text)
    parts: list[Content | str | tuple[str, str]] = []
    end = 0
    for start, stop in merged([*spans, *current], len(safe)):
        is_current = any(first < stop and last > start for first, last in current)
        here = CURRENT if is_current else style
        parts += [safe[end:start], ("▌", "$warning"), (safe[start:stop], here), ("▐", "$warning")]
        end = stop
    return Content.assemble(*parts, safe[end:])


def merged(spans: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """Return the spans in order, inside the text, overlapping ones joined."""
    result: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        start, stop = max(0, start), min(length, stop)
        if start >= stop:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(stop, result[-1][1]))
        else:
            result.append((start, stop))
    return result


def folded(text: str, lines: int = FOLDED_LINES, chars: int = FOLDED_CHARS) -> tuple[str, int]:
    """Return the start of a long text, and how many characters of it are left out."""
    kept = "\n".join(text[: chars + 1].split("\n")[:lines])[:chars]
    return kept, len(text) - len(kept)


def shown(text: str) -> str:
    """Return as much of a text as a screen shows at all."""
    return text[:SHOWN_CHARS]


def cut(text: str) -> list[Block]:
    """Say how much of a text is not shown; nothing where all of it is."""
    left = len(text) - SHOWN_CHARS
    if left <= 0:
        return []
    words = f"… {number(left)} more chars; `curator show` prints all of it"
    return [Block(Content.styled(words, "$muted"))]
