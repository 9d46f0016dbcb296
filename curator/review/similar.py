"""Undecided turns with the same defect as one turn: same findings, same tools, a similar request."""

from __future__ import annotations

from typing import NamedTuple

from rapidfuzz import fuzz

from curator.images import without_images
from curator.similar import template
from curator.store import Outline, Store

CHOSEN_FROM = 80
"""Likeness (0–100) from which a turn is so similar that one decision may hold for both."""
MOST = 200
_LOOKED_AT = 4000
"""Rows looked at on either side of the turn, however many the workspace has."""
_COMPARED = 2000
_COMPARED_CHARS = 1000
"""The start of a request says what is asked; the rest is often pasted."""


class Alike(NamedTuple):
    """A turn of the same pattern, and how similar its request is."""

    turn: int
    likeness: int
    """0 to 100, of the requests with numbers and names abstracted."""
    request: str


def similar_turns(store: Store, turn_id: int, most: int = MOST) -> list[Alike]:
    """Return undecided turns of the same pattern, the most similar request first.

    The pattern is: the same checks found the same tools amiss, and the same tools were called. Only turns
    that are stored near this one are looked at, so that the work does not grow with the workspace.
    """
    own = store.outlines.of([turn_id])[turn_id]
    near = [turn for turn in _candidates(store, own, turn_id) if turn != turn_id]
    mine = request_template(own.request)
    alike = [
        Alike(
            turn, round(fuzz.token_sort_ratio(mine, request_template(other.request))), _start(other.request)
        )
        for turn, other in store.outlines.of(near[:_COMPARED]).items()
        if _pattern(other) == _pattern(own)
    ]
    return sorted(alike, key=lambda one: (-one.likeness, one.turn))[:most]


def request_template(request: str) -> str:
    """Return what a request shares with others made from the same template; images are no part of it."""
    return template(_start(request))


def _start(request: str) -> str:
    return without_images(request)[:_COMPARED_CHARS]


def _candidates(store: Store, own: Outline, turn_id: int) -> list[int]:
    """Look where the fewest turns are: by a check, by a called tool, or else by having no call."""
    outlines = store.outlines
    if own.checks:
        return outlines.undecided_with_check(min(own.checks), turn_id, _LOOKED_AT)
    if own.tools:
        return outlines.undecided_with_call(own.tools[0], turn_id, _LOOKED_AT)
    return outlines.undecided_without_call(turn_id, _LOOKED_AT)


def _pattern(outline: Outline) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    return outline.checks, outline.named, outline.tools
