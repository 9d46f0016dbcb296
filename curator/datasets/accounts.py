"""Keeps the meters true while several processes decide: each turn is accounted for once, whoever decided."""

from __future__ import annotations

from typing import NamedTuple

from curator.datasets.meters import Meters
from curator.model import Resolution
from curator.store import Change, Facts, Heard


class State(NamedTuple):
    """What a turn amounts to: its resolution, and what its row shows."""

    resolution: Resolution
    facts: Facts


class _Entry(NamedTuple):
    first: State
    """The turn as the meters had it when it was first touched."""
    last: State
    """The turn as the meters have it now."""


class Accounts:
    """Meters, and for each turn that changed since they were counted what they have of it."""

    def __init__(self, meters: Meters) -> None:
        self.meters = meters
        self._entries: dict[int, _Entry] = {}

    def take(self, change: Change) -> None:
        """Count a change of this process, as it was foreseen or written."""
        entry = self._entries.get(change.turn)
        before = entry.last if entry else State(change.before, change.facts_before)
        after = State(change.after, change.facts_after)
        self._move(change.turn, before, after)
        self._entries[change.turn] = _Entry(entry.first if entry else before, after)

    def take_back(self, change: Change) -> None:
        """Uncount a foreseen change that was not written."""
        entry = self._entries[change.turn]
        before = State(change.before, change.facts_before)
        self._move(change.turn, entry.last, before)
        self._entries[change.turn] = _Entry(entry.first, before)

    def hear(self, heard: Heard) -> None:
        """Count a turn as the journal has it, whatever was foreseen of it.

        A decision that was foreseen from a card that did not know of somebody else's is put right here:
        all that was counted of the turn is taken out, and the way from its state when the meters were
        counted to its state now is taken in.
        """
        base, now = State(heard.base, heard.facts_base), State(heard.now, heard.facts_now)
        if entry := self._entries.get(heard.turn):
            self._move(heard.turn, entry.last, entry.first)
        self._move(heard.turn, base, now)
        self._entries[heard.turn] = _Entry(base, now)

    def _move(self, turn: int, before: State, after: State) -> None:
        change = Change(
            turn,
            before.resolution,
            after.resolution,
            "",
            "",
            facts_before=before.facts,
            facts_after=after.facts,
        )
        self.meters = self.meters.moved(change)
