"""Divides reasoning into sentences, in code points of the original text; it reads nothing into them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_END = re.compile(r"[.!?…。！？\n;；]+")
_BEHIND = re.compile(r"[\"'”’)\]*`」]*(?:\s|$)")
_NO_END = re.compile(r"(?:^|[\s(])(?:\(?\d{1,2}|e\.g|i\.e|vs|etc|approx|step \d+)$")
_OPENING = re.compile(r'["“”„«»「」『』]')
_LEVELS = {"“": 1, "„": 1, "«": 1, "「": 1, "『": 1, "”": -1, "»": -1, "」": -1, "』": -1}


class Sentence(NamedTuple):
    """The code points ``[start, end)`` of one sentence; ``asks`` when it ends with a question mark."""

    start: int
    end: int
    asks: bool


@lru_cache(maxsize=8)
def sentences(lower: str) -> tuple[Sentence, ...]:
    """Return the sentences of a text in lower case; list numbers and dots within names end none."""
    found: list[Sentence] = []
    start = 0
    for mark in _END.finditer(lower):
        kind = mark[0][-1]
        if kind in ".!?…" and not _BEHIND.match(lower, mark.end()):
            continue
        if kind == "." and _NO_END.search(lower[max(start, mark.start() - 12) : mark.start()]):
            continue
        if lower[start : mark.start()].strip():
            found.append(Sentence(start, mark.end(), "?" in mark[0] or "？" in mark[0]))
        elif found and ("?" in mark[0] or "？" in mark[0]):
            found[-1] = Sentence(found[-1].start, mark.end(), True)
        start = mark.end()
    if lower[start:].strip():
        found.append(Sentence(start, len(lower), False))
    return tuple(found)


def lowered(text: str) -> str:
    """Return ``text`` in lower case with exactly as many code points as it had."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(one if len(low := one.lower()) != 1 else low for one in text)


def quotations(text: str) -> list[tuple[int, int]]:
    """Return what stands in double quotation marks, line by line, and lines quoted with ``>``."""
    found: list[tuple[int, int]] = []
    opened, level, line = -1, 0, 0
    for mark in _OPENING.finditer(text):
        at = mark.start()
        if opened >= 0 and text.find("\n", opened, at) >= 0:
            opened, level = -1, 0
        step = _LEVELS.get(mark[0], -1 if level else 1)
        if step > 0 and not level:
            opened = at
        level = max(0, level + step)
        if not level and opened >= 0:
            found.append((opened, at + 1))
            opened = -1
    if text.startswith("> ") or "\n> " in text:
        for line_text in text.splitlines(keepends=True):
            if line_text.startswith("> "):
                found.append((line, line + len(line_text)))
            line += len(line_text)
    return found
