"""The detectors that coverage items may name, and what they look at: a row, and the item that asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple

from msgspec import Struct

from curator.discovery import load_modules
from curator.model import Output, Turn
from curator.profiles.model import CoverageItem


class Row(Struct, frozen=True):
    """What one row teaches."""

    turn: Turn
    output: Output
    """The correction, or the logged output where it was right."""
    tags: frozenset[str] = frozenset()


class Case(NamedTuple):
    """A row that counts only beside others: rows of one group are cases, and what they answer is compared."""

    group: str
    """Rows with the same group are compared."""
    value: str
    """In what the rows of a group have to differ."""
    plan: str
    """What the row answers."""


Detect = Callable[[Row, CoverageItem], bool | Case | None]


class Detector(NamedTuple):
    """One detector: it says whether a row has what an item asks for, or of which group it is a case."""

    name: str
    doc: str
    detect: Detect


_registered: dict[str, Detector] = {}


def detector(name: str) -> Callable[[Detect], Detect]:
    """Register the decorated function as the detector ``name``; its docstring is the detector's."""

    def add(detect: Detect) -> Detect:
        _registered[name] = Detector(name, (detect.__doc__ or "").strip(), detect)
        return detect

    return add


@cache
def detectors() -> dict[str, Detector]:
    """Return every detector by its name, in the order of the names."""
    load_modules("curator.coverage")
    return dict(sorted(_registered.items()))


def group_counts(cases: Iterable[Case]) -> bool:
    """Tell whether the cases of one group show what they should: two values, with different plans."""
    rows = set(cases)
    return len({row.value for row in rows}) > 1 and len({row.plan for row in rows}) > 1
