"""What people attach to a turn beside a verdict: tags, hidden texts, notes. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from curator.text import display_text, one_line
from curator.tui.blocks import BLANK, Block, heading, styled

if TYPE_CHECKING:
    from curator.model import Decision
    from curator.review import Card

TAG_MARK = "⚑"
HIDDEN_MARK = "▒"
_MOST_TAGS = 2
_TAG_WIDTH = 20
_BEST = 5


def tag_marks(tags: Sequence[str], wide: bool) -> Content:
    """The tags of a turn, or how many they are where there is no room."""
    if not tags:
        return Content()
    shown = [one_line(tag, _TAG_WIDTH) for tag in tags[:_MOST_TAGS]]
    more = [f"+{len(tags) - _MOST_TAGS}"] if len(tags) > _MOST_TAGS else []
    words = ", ".join([*shown, *more]) if wide else str(len(tags))
    return Content.styled(f"{TAG_MARK} {words}", "bold $secondary")


def hidden_mark(count: int | None) -> Content:
    """How many texts are hidden in the rows of a turn; empty while nobody has looked for any."""
    if count is None:
        return Content()
    return Content.styled(f"{HIDDEN_MARK} {hidden_words(count)}", "bold $secondary" if count else "$muted")


def hidden_words(count: int) -> str:
    """Say how many texts are hidden."""
    return f"{count} hidden" if count else "nothing to hide"


def stars(rating: int | None) -> str:
    """Write a rating from 1 to 5 as stars; nothing for none."""
    return "★" * rating + "☆" * (_BEST - rating) if rating else ""


def note_blocks(card: Card) -> list[Block]:
    """Return the notes that stand on a turn, oldest first."""
    from curator.store import active

    notes = [decision for decision in active(card.history) if decision.kind == "note"]
    return [BLANK, heading("NOTES"), *(_note(note) for note in notes)] if notes else []


def _note(note: Decision) -> Block:
    by = display_text(note.reviewer, keep_newlines=False)
    rated = stars(note.rating)
    lead = Content.assemble((f"{by} ", "bold $secondary"), (f"{rated} " if rated else "", "$warning"))
    return Block(styled(note.note or ""), lead)
