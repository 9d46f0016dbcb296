"""Finds a text in the paragraphs of a turn's columns and highlights it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from curator.tui.paragraphs import CURRENT, FOUND, Block

MOST = 5000


class Match(NamedTuple):
    """A place where the text stands: column, paragraph, and characters in its content."""

    column: str
    block: int
    start: int
    end: int


def matches(text: str, columns: dict[str, Sequence[Block]]) -> list[Match]:
    """Return where a text stands, column by column from the top; upper and lower case are the same."""
    if not text:
        return []
    pattern = re.compile(re.escape(text), re.IGNORECASE)
    found = (
        Match(column, at, *match.span())
        for column, blocks in columns.items()
        for at, block in enumerate(blocks)
        for match in pattern.finditer(block.content.plain)
    )
    return [match for match, _ in zip(found, range(MOST), strict=False)]


def highlighted(
    blocks: Sequence[Block], column: str, found: Sequence[Match], current: Match | None
) -> list[Block]:
    """Return the paragraphs of a column with the matches in them highlighted."""
    result = list(blocks)
    for match in found:
        if match.column == column:
            block = result[match.block]
            style = CURRENT if match is current else FOUND
            result[match.block] = block._replace(content=block.content.stylize(style, match.start, match.end))
    return result
