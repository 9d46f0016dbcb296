"""The words by which reasoning settles, rejects, orders and doubts, a file per language in ``languages/``.

A file has the letters or the small words that its language is told by, then one section per kind of
cue with one alternative of a regular expression a line. Patterns match lower-case text. Those named
``…_left`` look at the words before a tool's name, those named ``…_right`` at the words behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "languages"
_NOTHING = "(?!)"


@dataclass(frozen=True)
class Language:
    """The cues of one language, and how it is told."""

    name: str
    letters: re.Pattern[str] | None
    """Letters that only this language (or its script) has."""
    words: frozenset[str]
    """Small words of a language in Latin letters."""
    kinds: dict[str, str]


@dataclass(frozen=True)
class Cues:
    """One compiled pattern per kind of cue, for one set of languages besides English."""

    languages: tuple[str, ...]
    patterns: dict[str, re.Pattern[str]]

    def __getitem__(self, kind: str) -> re.Pattern[str]:
        """Return the pattern of one kind."""
        return self.patterns[kind]


def cues_for(lower: str) -> Cues:
    """Return the cues of the languages that a text in lower case is written in, English always."""
    told: list[str] = []
    known = _languages()
    if not lower.isascii():
        told = [one.name for one in known if one.letters and one.letters.search(lower)]
    if lower.count(" the ") + lower.count(" to ") <= len(lower) // 400:
        words = set(lower[:2_000].split())
        if not words.isdisjoint(_small_words()):
            least = 2 + len(words) // 40
            told += [one.name for one in known if one.words and len(words & one.words) >= least]
    return _cues(tuple(told))


@cache
def _languages() -> tuple[Language, ...]:
    return tuple(_read(path) for path in sorted(_FOLDER.glob("*.cues")))


@cache
def _small_words() -> frozenset[str]:
    return frozenset().union(*(one.words for one in _languages()))


def _read(path: Path) -> Language:
    head, *sections = re.split(r"^\[(\w+)\]\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    told = dict(line.split(" ", 1) for line in head.splitlines() if line)
    kinds = {
        kind: "|".join(line for line in body.splitlines() if line)
        for kind, body in zip(sections[::2], sections[1::2], strict=True)
    }
    letters = re.compile(told["letters"]) if "letters" in told else None
    return Language(path.stem, letters, frozenset(told.get("words", "").split()), kinds)


@lru_cache(maxsize=32)
def _cues(told: tuple[str, ...]) -> Cues:
    used = [one for one in _languages() if one.name == "en" or one.name in told]
    every = {kind for one in _languages() for kind in one.kinds}
    patterns = {
        kind: re.compile("|".join(one.kinds[kind] for one in used if kind in one.kinds) or _NOTHING)
        for kind in every
    }
    return Cues(told, patterns)
