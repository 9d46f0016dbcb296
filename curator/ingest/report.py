"""What an ingest says about itself: read, repaired and dropped, per source and in all."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct, field

from curator.ingest.items import Loss


class LossCount(Struct):
    """How often one thing went wrong in a source, with its first place."""

    code: str
    count: int
    first: str
    """``file:line: sentence``."""


class SourceReport(Struct):
    """What one source gave."""

    path: str
    format: str
    sessions: int = 0
    turns: int = 0
    tool_calls: int = 0
    new_turns: int = 0
    repaired: list[LossCount] = field(default_factory=list)
    dropped: list[LossCount] = field(default_factory=list)
    records: int = 0
    """Generations that the source records, counted apart from the turns that were read."""
    dropped_records: int = 0
    """How many of them could not be read; ``dropped`` says why."""
    history: int = 0
    """How many of them only repeat an earlier turn of the source, as the history of a later prompt."""

    @property
    def unexplained(self) -> int:
        """Recorded generations that are neither turns nor dropped with a reason: 0, or a reader is wrong."""
        return self.records - self.turns - self.history - self.dropped_records

    def merge(self, other: SourceReport) -> None:
        """Add what another part of the same source gave."""
        for name in ("sessions", "turns", "tool_calls", "new_turns", "records", "dropped_records", "history"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for mine, theirs in ((self.repaired, other.repaired), (self.dropped, other.dropped)):
            known = {loss.code: loss for loss in mine}
            for loss in theirs:
                if loss.code in known:
                    known[loss.code].count += loss.count
                else:
                    mine.append(LossCount(loss.code, loss.count, loss.first))

    def lose(self, loss: Loss) -> None:
        """Count a loss, keeping the first of its code as the example."""
        counts = self.repaired if loss.kind == "repaired" else self.dropped
        self.dropped_records += loss.records
        for known in counts:
            if known.code == loss.code:
                known.count += 1
                return
        counts.append(LossCount(loss.code, 1, str(loss)))


class IngestTotals(Struct):
    """Sums over all sources; ``repaired`` and ``dropped`` count occurrences."""

    sessions: int = 0
    turns: int = 0
    tool_calls: int = 0
    new_turns: int = 0
    repaired: int = 0
    dropped: int = 0
    unexplained: int = 0
    history: int = 0


class IngestReport(Struct):
    """The outcome of one ingest. ``to_dict`` is what ``curator ingest --json`` prints."""

    sources: list[SourceReport] = field(default_factory=list)
    cancelled: bool = False
    """True when the user stopped it: what was read so far is stored."""

    @property
    def totals(self) -> IngestTotals:
        """Sums over the sources."""
        totals = IngestTotals()
        for source in self.sources:
            totals.sessions += source.sessions
            totals.turns += source.turns
            totals.tool_calls += source.tool_calls
            totals.new_turns += source.new_turns
            totals.repaired += sum(c.count for c in source.repaired)
            totals.dropped += sum(c.count for c in source.dropped)
            totals.history += source.history
            totals.unexplained += abs(source.unexplained)
        return totals

    @property
    def unexplained(self) -> int:
        """Recorded generations that went missing without a reason; 0 unless a reader is wrong."""
        return self.totals.unexplained

    @property
    def nothing_read(self) -> bool:
        """True when no source gave a session: the command then fails with exit code 2."""
        return not any(source.sessions for source in self.sources)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: sources and totals."""
        plain: dict[str, Any] = msgspec.to_builtins({"sources": self.sources, "totals": self.totals})
        if self.cancelled:
            plain["cancelled"] = True
        return plain
