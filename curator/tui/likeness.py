"""Two texts side by side, with the words marked in which they differ. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from textual.content import Content

from curator.tui.blocks import marked

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_MOST_WORDS = 4_000
"""Beyond so many, only what is before the first and after the last difference is told apart."""

Spans = list[tuple[int, int]]


def differences(one: str, other: str) -> tuple[Content, Content, int]:
    """Return both texts with what differs marked, and the number of places."""
    words, others = _WORD.findall(one), _WORD.findall(other)
    changed = _changes(words, others)
    left = _spans(words, [(a, b) for a, b, _, _ in changed])
    right = _spans(others, [(c, d) for _, _, c, d in changed])
    return marked(one, left), marked(other, right), len(changed)


def _changes(words: Sequence[str], others: Sequence[str]) -> list[tuple[int, int, int, int]]:
    start = 0
    while start < min(len(words), len(others)) and words[start] == others[start]:
        start += 1
    end = 0
    while end < min(len(words), len(others)) - start and words[-1 - end] == others[-1 - end]:
        end += 1
    first, second = words[start : len(words) - end], others[start : len(others) - end]
    if not first and not second:
        return []
    if len(first) + len(second) > _MOST_WORDS:
        return [(start, start + len(first), start, start + len(second))]
    found = SequenceMatcher(None, first, second, autojunk=False).get_opcodes()
    return [(a + start, b + start, c + start, d + start) for tag, a, b, c, d in found if tag != "equal"]


def _spans(words: Sequence[str], changed: Sequence[tuple[int, int]]) -> Spans:
    """Return the code points of ranges of words."""
    places = [0]
    for word in words:
        places.append(places[-1] + len(word))
    return [(places[start], places[end]) for start, end in changed if end > start]
