"""The rules that gates are made of. A module of this package that registers a rule is found by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Literal

from msgspec import Struct

from curator.datasets.meters import Meters
from curator.discovery import load_modules
from curator.profiles import Profile


class GateState(Struct, frozen=True):
    """One gate: ``missing`` says what would meet it, and is empty when it is met."""

    id: str
    title: str
    state: Literal["met", "open", "waived"]
    missing: str = ""
    query: str = ""
    """Filter for the turns that would help; empty where no filter can find them."""
    detector: str = ""
    """Coverage item whose detector finds the turns that would help."""
    reason: str = ""
    """Why it was waived, and by whom."""


Rule = Callable[[Meters, Profile], Iterable[GateState]]
_registered: list[tuple[int, Rule]] = []


def rule(rank: int) -> Callable[[Rule], Rule]:
    """Register the decorated function as a rule; gates are shown in the order of their ranks."""

    def add(function: Rule) -> Rule:
        _registered.append((rank, function))
        return function

    return add


@cache
def rules() -> tuple[Rule, ...]:
    """Return every rule in the order of the ranks."""
    load_modules("curator.datasets.gates")
    return tuple(function for _, function in sorted(_registered, key=lambda one: one[0]))


def gate(id: str, title: str, missing: str = "", *, query: str = "", detector: str = "") -> GateState:
    """Return a gate that is open where something is missing."""
    return GateState(id, title, "open" if missing else "met", missing, query if missing else "", detector)


def more(number: int, what: str, after: str = "") -> str:
    """Return "12 more rows", with what follows them."""
    return f"{number} more {what}{'' if number == 1 else 's'}{after}"


def at_least(id: str, title: str, have: int, wanted: int, what: str, query: str = "") -> GateState:
    """Return the gate of a number that has to be reached."""
    short = wanted - have
    return gate(id, title, more(short, what) if short > 0 else "", query=query)


def rows_to_reach(have: int, total: int, low: float) -> int:
    """Return the fewest rows n to add so that (have + n) / (total + n) >= low, for low < 1."""
    n = max(0, int((low * total - have) / (1 - low)) - 1) if low < 1 else 0
    while low < 1 and (have + n) < low * (total + n):
        n += 1
    return n


def rows_to_dilute(have: int, total: int, high: float) -> int:
    """Return the fewest other rows n to add so that have / (total + n) <= high; 0 if none suffice."""
    if high <= 0:
        return 0
    n = max(0, int(have / high - total) - 1)
    while have > high * (total + n):
        n += 1
    return n
