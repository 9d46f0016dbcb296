"""What the rows are made of: tools, numbers of calls, origins, files."""

from __future__ import annotations

from msgspec import Struct

from curator.datasets.meters import Meters
from curator.model import CALL_CLASSES, CallClass
from curator.store import Store


class Shares(Struct, frozen=True):
    """Counts, the largest first where no other order is natural."""

    tools: dict[str, int] = {}
    """Rows that call each tool; tools that are offered and never called have 0."""
    classes: dict[CallClass, int] = {}
    """Rows with no, one and several calls."""
    logged: dict[CallClass, int] = {}
    """Turns with no, one and several calls, as they were logged; empty while they are counted."""
    origins: dict[str, int] = {}
    """Rows from real and from synthetic logs."""
    sources: dict[str, int] = {}
    """Rows by file; empty while they are counted."""


class Counted(Struct, frozen=True):
    """The counts that no meter keeps."""

    logged: dict[CallClass, int]
    sources: dict[str, int]


def count_shares(store: Store) -> Counted:
    """Count what no meter keeps. Takes up to a second or two at a million turns: for a worker thread."""
    logged: dict[CallClass, int] = dict.fromkeys(CALL_CLASSES, 0)
    for calls, turns in store.summaries.logged_calls().items():
        logged[CALL_CLASSES[min(calls, 2)]] += turns
    return Counted(logged, store.summaries.rows_by_source())


def shares(meters: Meters, counted: Counted | None = None) -> Shares:
    """Return the shares that the meters know, with the counted ones where they are there."""
    called = meters.tally.get("tool", {})
    tools = {name: 0 for name in sorted(meters.tally.get("offered", {})) if name not in called}
    return Shares(
        tools=_largest_first(called) | tools,
        classes={name: meters.classes.get(name, 0) for name in CALL_CLASSES},
        logged=counted.logged if counted else {},
        origins=_largest_first(meters.tally.get("origin", {})),
        sources=counted.sources if counted else {},
    )


def _largest_first(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
