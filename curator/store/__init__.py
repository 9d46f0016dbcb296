"""The store: sources, sessions, turns, findings and the journal of decisions, on SQLite.

Everything that leaves it is a plain struct; no caller sees a table or a session.
"""

from __future__ import annotations

from pathlib import Path

from curator.errors import WorkspaceError
from curator.store.answers import Answer, Answers
from curator.store.candidates import Candidates, candidate_hash
from curator.store.engine import open_engine
from curator.store.facts import FactBook, RowRules
from curator.store.filters import Filter
from curator.store.journal import Journal, new_act, now
from curator.store.listing import Facet, FacetName, Listing, ListRow, SessionRow
from curator.store.outlines import Outline, Outlines
from curator.store.packing import Pack, PackedSession, PackedTurn, Packer, raw_text, suspicion
from curator.store.resolve import active, comparisons, pair_decisions, resolve, said, same_output
from curator.store.rows import (
    Added,
    Change,
    Facts,
    Heard,
    RowFacts,
    Segment,
    SessionInfo,
    SourceRow,
    Totals,
    TurnRow,
    Waiver,
)
from curator.store.search import TextIndex
from curator.store.seen import Seen
from curator.store.siblings import Siblings
from curator.store.sources import Sources
from curator.store.summaries import Summaries, TierCounts
from curator.store.turns import Order, Turns
from curator.store.views import SavedView, SavedViews
from curator.store.waivers import Waivers

__all__ = [
    "Added",
    "Answer",
    "Answers",
    "Candidates",
    "Change",
    "Facet",
    "FacetName",
    "FactBook",
    "Facts",
    "Filter",
    "Heard",
    "Journal",
    "ListRow",
    "Listing",
    "Order",
    "Outline",
    "Outlines",
    "Pack",
    "PackedSession",
    "PackedTurn",
    "Packer",
    "RowFacts",
    "RowRules",
    "SavedView",
    "SavedViews",
    "Segment",
    "SessionInfo",
    "SessionRow",
    "SourceRow",
    "Sources",
    "Store",
    "Summaries",
    "TextIndex",
    "TierCounts",
    "Totals",
    "TurnRow",
    "Turns",
    "Waiver",
    "Waivers",
    "active",
    "candidate_hash",
    "comparisons",
    "new_act",
    "now",
    "pair_decisions",
    "raw_text",
    "resolve",
    "said",
    "same_output",
    "suspicion",
]


class Store:
    """One open database. Safe to share between threads: each use takes a connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = open_engine(url)
        self.sources = Sources(self._engine)
        self.turns = Turns(self._engine)
        self.outlines = Outlines(self._engine)
        self.journal = Journal(self._engine)
        self.facts = FactBook(self._engine)
        self.waivers = Waivers(self._engine)
        self.texts = TextIndex(self._engine)
        self.listing = Listing(self._engine)
        self.summaries = Summaries(self._engine)
        self.views = SavedViews(self._engine)
        self.seen = Seen(self._engine)
        self.answers = Answers(self._engine)
        self.candidates = Candidates(self._engine)
        self.siblings = Siblings(self._engine)

    @classmethod
    def open(cls, where: str | Path) -> Store:
        """Open the database file or URL ``where``; create it when it is not there.

        Raises:
            WorkspaceError: It cannot be opened, is no database, or was written by a newer Curator.
        """
        text = str(where)
        if "://" in text:
            return cls(text)
        path = Path(where)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WorkspaceError(f"{path.parent}: {error.strerror}.") from error
        return cls(f"sqlite:///{path}")

    def totals(self, tier: str | None = None) -> Totals:
        """Count states, classes and rows over the workspace or one tier."""
        return self.journal.totals(tier)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()
