"""Makes new turns findable by words right after they were read, where that does not take long."""

from __future__ import annotations

from curator.jobs import Progress
from curator.store import Store

_INDEXED_AT_ONCE = 50_000
"""So many turns take two seconds; more are left to the first search by words."""


def index_new_turns(store: Store, progress: Progress) -> None:
    """Fill the text index, unless that would take long: then the first search does it."""
    waiting = store.texts.waiting()
    if waiting <= _INDEXED_AT_ONCE:
        store.texts.catch_up(progress)
    else:
        progress.note(f"The first search by words will make the index of {waiting} turns.")
