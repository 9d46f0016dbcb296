"""What a list shows of one turn: request, calls, thinking; what was looked for stands out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curator.tui.blocks import BLANK, Block, call_blocks, heading, request_blocks, think_blocks
from curator.tui.search import highlighted, matches

if TYPE_CHECKING:
    from curator.review import Card

_COLUMN = "preview"


def preview_blocks(card: Card, query: str) -> list[Block]:
    """Return the paragraphs of a turn, the words and phrases of a query highlighted."""
    from curator.store import Filter

    blocks = [
        *request_blocks(card.turn),
        *(BLANK, heading("CALLS"), *call_blocks(card, False)),
        *(BLANK, heading("THINK"), *think_blocks(card, False)),
    ]
    for text in sorted(Filter.parse(query).words):
        blocks = highlighted(blocks, _COLUMN, matches(text, {_COLUMN: blocks}), None)
    return blocks
