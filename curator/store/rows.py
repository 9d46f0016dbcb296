"""What the store returns besides the structs of ``model``: narrow rows and counts."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from curator.model import CallClass, Decision, Origin, Resolution, TurnState


class SessionInfo(Struct, frozen=True, omit_defaults=True):
    """One conversation: its stable key, a name to show, and what is known of its model."""

    key: str
    name: str = ""
    tier: str = ""
    model: str | None = None
    provider: str | None = None
    started_at: str | None = None
    turns: int = 0


class SourceRow(Struct, frozen=True):
    """One state of a source that was ingested; ``report`` is what its last ingest said."""

    id: int
    path: str
    format: str
    reader: str
    sha256: str
    size: int
    origin: Origin
    ingested_at: str
    report: dict[str, Any]
    complete: bool = True
    """False when an ingest did not come to its end; the next one goes on there."""
    replaced: bool = False
    """True when the file was rewritten and read again since."""


class Segment(Struct, frozen=True):
    """A stretch of a source that is stored; the next one begins at byte ``end``, on line ``line``."""

    end: int
    line: int
    sha256: str
    """Of the file from its beginning up to ``end``."""
    lineage: bytes
    """What the reader must know of these rows to read on."""
    report: bytes
    """JSON of what this stretch gave."""


class TurnRow(Struct, frozen=True):
    """The narrow row of a turn."""

    id: int
    key: str
    session_id: int
    index: int
    tier: str
    calls: int
    thinks: bool
    errors: int
    warnings: int
    suspicion: float
    state: TurnState
    origin: Origin


class Added(Struct, frozen=True):
    """How many sessions and turns a write really added."""

    sessions: int
    turns: int
    repeated: tuple[int, ...] = ()
    """Positions of turns that the same source has had at an earlier place: history of a later prompt."""


Facts = tuple[tuple[str, str], ...]
"""What the row of a turn shows, as pairs (kind, value); meters count them."""


class Change(Struct, frozen=True):
    """What one decision did to one turn."""

    turn: int
    before: Resolution
    after: Resolution
    act: str
    kind: str
    facts_before: Facts = ()
    facts_after: Facts = ()


class Heard(Struct, frozen=True):
    """A turn that was decided on since one looked, with its state when the meters were counted, and now."""

    turn: int
    base: Resolution
    facts_base: Facts
    now: Resolution
    facts_now: Facts
    decisions: tuple[Decision, ...]
    """What is new, oldest first."""


class RowFacts(Struct, frozen=True):
    """The facts of a row that stands, and the rules they were found by."""

    turn: int
    decision: int
    tier: str
    tags: tuple[str, ...]
    is_redacted: bool
    """Whether somebody has said what is to be hidden in it."""
    rules: str
    facts: Facts


class Waiver(Struct, frozen=True):
    """A gate that somebody let pass, and why."""

    gate: str
    reason: str
    reviewer: str
    at: str


class Totals(Struct, frozen=True):
    """Counts over a whole workspace or one tier."""

    turns: int
    states: dict[TurnState, int]
    classes: dict[CallClass, int]
    sft_rows: int
    pairs: int
    kto_rows: int
    marked: int
    compared: int = 0
    """Turns that several people decided on."""
    agreed: int = 0
    """How many of those they decided alike."""
    preferences: int = 0
    """Pairs of candidates that were compared."""
