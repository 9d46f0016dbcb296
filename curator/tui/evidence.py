"""Where the evidence of findings stands in a text while the text is edited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from curator.tui.blocks import evidence_spans, merged

__all__ = ["Phrase", "evidence_spans", "found_again", "phrases"]

_SHORTEST = 2


class Phrase(NamedTuple):
    """Words that support a finding, and where they stood."""

    words: str
    at: int


def phrases(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Phrase, ...]:
    """Return the words of the spans."""
    found = (Phrase(text[start:end], start) for start, end in merged(spans, len(text)))
    return tuple(one for one in found if len(one.words.strip()) >= _SHORTEST)


def found_again(text: str, wanted: Sequence[Phrase]) -> list[tuple[int, int]]:
    """Return where the words stand in an edited text: each nearest to its old place, or nowhere."""
    spans: list[tuple[int, int]] = []
    for words, at in wanted:
        places = [
            place for place in (text.find(words, at), text.rfind(words, 0, at + len(words))) if place >= 0
        ]
        if places:
            place = min(places, key=lambda one: abs(one - at))
            spans.append((place, place + len(words)))
    return merged(spans, len(text))
