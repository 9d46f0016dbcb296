"""The call syntaxes that Curator knows, found by the markers that open their calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from curator.discovery import load_modules
from curator.model import Problem, Span, ToolCall
from curator.parsing.scan import Scan


class Read(NamedTuple):
    """What a syntax made of the text at one marker: ``[start, end)`` is its own, not content."""

    start: int
    end: int
    calls: tuple[ToolCall, ...] = ()
    problems: tuple[Problem, ...] = ()


class Delimiters(NamedTuple):
    """The tags around reasoning."""

    open: str
    close: str
    label: str = ""
    """A word that some models write after the opener on a line of its own; not part of the reasoning."""
    is_prose: bool = False
    """True for plain words, which close no reasoning that they did not open."""


THINK = Delimiters("<think>", "</think>")


class Thinking(NamedTuple):
    """``[start, end)`` is the reasoning with its tags; ``span`` only its words, stripped."""

    start: int
    end: int
    span: Span | None = None
    problems: tuple[Problem, ...] = ()


class Whole(NamedTuple):
    """What a syntax that frames the entire output made of it, in place of the walk over markers."""

    thinking: Thinking
    calls: tuple[ToolCall, ...]
    problems: tuple[Problem, ...]
    pieces: tuple[Span, ...]
    """The spans that are content, in order."""


@dataclass(frozen=True)
class Syntax:
    """One way to write calls. ``read`` returns ``None`` for text that is not in this syntax.

    Several syntaxes may share a marker: each is asked in the order of ``rank``, and the first
    that recognises the text gets it.
    """

    id: str
    markers: tuple[str, ...]
    """Literal strings where a call of this syntax may begin."""
    read: Callable[[Scan, str, int], Read | None]
    """Called with the scan, the marker and its position."""
    render: Callable[[Sequence[ToolCall]], str]
    families: tuple[str, ...] = ()
    """Names of model families that write this syntax."""
    rank: int = 50
    thinking: Delimiters = THINK
    """How these models mark their reasoning."""
    read_whole: Callable[[Scan, int, str], Whole | None] | None = None
    """Called with the scan, the start and the prefill; ``None`` where the output is not framed so."""
    render_turn: Callable[[str, str, Sequence[ToolCall]], str] | None = None
    """Writes thinking, content and calls where a turn is more than these one after another."""
    bare: Callable[[Scan, int, int], Sequence[Read]] | None = None
    """For calls without any marker: called with the bounds of a whole message, without white space
    around it; returns what it read there, in order. Unless ``scan.family`` names this syntax, it
    may read only a message that is nothing but calls beyond doubt."""
    hints: tuple[str, ...] = ()
    """Like ``markers``, but ordinary text where no syntax claims them."""

    def is_family(self, name: str | None) -> bool:
        """Tell whether ``name`` is this syntax or a model family that writes it."""
        return name == self.id or name in self.families


_registered: dict[str, Syntax] = {}


def register(new: Syntax) -> Syntax:
    """Add a syntax; called once by each module under ``families``."""
    _registered[new.id] = new
    return new


@cache
def syntaxes() -> tuple[Syntax, ...]:
    """Return every syntax, in the order in which they are asked."""
    load_modules("curator.parsing.families")
    return tuple(sorted(_registered.values(), key=lambda one: (one.rank, one.id)))


def syntax(name: str) -> Syntax | None:
    """Return the syntax with this id, or the one that this model family writes."""
    for one in syntaxes():
        if one.is_family(name):
            return one
    return None


@cache
def delimiters() -> tuple[Delimiters, ...]:
    """Return every way to mark reasoning, each once, the most common first."""
    return tuple(dict.fromkeys((THINK, *(one.thinking for one in syntaxes() if not one.read_whole))))


@cache
def marker_pattern(hints: bool = True) -> re.Pattern[str]:
    """Return the pattern that finds any marker of any syntax, longest first; ``hints`` too if wanted."""
    markers = {marker for one in syntaxes() for marker in (*one.markers, *(one.hints if hints else ()))}
    return re.compile("|".join(map(re.escape, sorted(markers, key=len, reverse=True))))


@cache
def is_hint(marker: str) -> bool:
    """Tell whether ``marker`` is ordinary text unless a syntax claims it."""
    return not any(marker in one.markers for one in syntaxes())


@cache
def readers(marker: str, family: str | None) -> tuple[tuple[Syntax, str], ...]:
    """Return the syntaxes that may begin with ``marker``, that of ``family`` first.

    With each comes its own marker, which may be shorter: the longest at a place is what was found.
    """
    candidates = [
        (one, own)
        for one in syntaxes()
        for own in sorted((*one.markers, *one.hints), key=len, reverse=True)
        if marker.startswith(own)
    ]
    return tuple(sorted(candidates, key=lambda pair: not pair[0].is_family(family)))


@cache
def bare_syntaxes(family: str | None) -> tuple[Syntax, ...]:
    """Return the syntaxes whose calls may stand without a marker, that of ``family`` first."""
    candidates = [one for one in syntaxes() if one.bare]
    return tuple(sorted(candidates, key=lambda one: not one.is_family(family)))
