"""SQLModel tables. They hold rows, nothing else: everything that leaves the store is a struct of ``model``.

Messages, tool lists and prompts are content-addressed. A prompt is a chain of nodes (parent, message),
as commits are in git, so that a conversation of n turns costs O(n) rows and bytes, not O(n²).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Dialect, Index, LargeBinary, Table, Text, TypeDecorator, UniqueConstraint
from sqlmodel import Field, SQLModel

CLUSTERED = {"sqlite_with_rowid": False}
"""For a table whose primary key is not its number: SQLite then keeps the rows in the key itself."""


def table_of(model: Any) -> Table:
    """Return the SQLAlchemy table behind a model, which SQLModel does not declare."""
    table: Table = model.__table__
    return table


class Hex(TypeDecorator[str]):
    """Hex digits in pairs, kept as the bytes that they stand for."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Return the bytes of hex digits."""
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Return the hex digits of bytes."""
        return None if value is None else value.hex()


class SourceTable(SQLModel, table=True):
    """One state of a file or folder that was ingested; a rewritten file is a new source of the same path."""

    __tablename__ = "source"
    id: int | None = Field(default=None, primary_key=True)
    path: str = Field(index=True, sa_type=Text)
    format: str
    reader: str
    sha256: str
    size: int = Field(sa_type=BigInteger)
    origin: str
    ingested_at: str
    report: str = Field(default="{}", sa_type=Text)
    complete: bool = True


class SegmentTable(SQLModel, table=True):
    """A stretch of a source whose turns are stored: the place where the next ingest reads on."""

    __tablename__ = "segment"
    id: int | None = Field(default=None, primary_key=True)
    source_id: int = Field(foreign_key="source.id", index=True)
    end: int = Field(sa_type=BigInteger)
    line: int
    sha256: str
    lineage: bytes = Field(sa_type=LargeBinary)
    report: str = Field(sa_type=Text)


class SessionTable(SQLModel, table=True):
    """One conversation of one agent process."""

    __tablename__ = "session"
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    source_id: int = Field(foreign_key="source.id")
    name: str = Field(sa_type=Text)
    tier: str
    model: str | None = None
    provider: str | None = None
    started_at: str | None = None


class MessageTable(SQLModel, table=True):
    """One message, stored once however many prompts repeat it."""

    __tablename__ = "message"
    id: int | None = Field(default=None, primary_key=True)
    body: str = Field(sa_type=Text)


class MessageHashTable(SQLModel, table=True):
    """Which message has a hash."""

    __tablename__ = "message_hash"
    __table_args__ = (CLUSTERED,)
    hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    id: int = Field(foreign_key="message.id")


class ToolsetTable(SQLModel, table=True):
    """One list of tools, stored once however many turns offer it."""

    __tablename__ = "toolset"
    id: int | None = Field(default=None, primary_key=True)
    body: str = Field(sa_type=Text)


class ToolsetHashTable(SQLModel, table=True):
    """Which list of tools has a hash."""

    __tablename__ = "toolset_hash"
    __table_args__ = (CLUSTERED,)
    hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    id: int = Field(foreign_key="toolset.id")


class PromptTable(SQLModel, table=True):
    """A node of the tree of prompts: the prompt ``parent_id`` (0 = empty) followed by one more message."""

    __tablename__ = "prompt"
    __table_args__ = (UniqueConstraint("parent_id", "message_id"),)
    id: int | None = Field(default=None, primary_key=True)
    parent_id: int = 0
    message_id: int = Field(foreign_key="message.id")


class TurnTable(SQLModel, table=True):
    """The narrow row of a turn: what lists, filters and queues need."""

    __tablename__ = "turn"
    __table_args__ = (
        Index("ix_turn_queue", "state", "suspicion", "id"),
        Index("ix_turn_session", "session_id", "idx"),
        Index("ix_turn_tier", "tier"),
        Index("ix_turn_tier_state", "tier", "state"),
        Index("ix_turn_suspicion", "suspicion", "id"),
        Index("ix_turn_source", "source_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, sa_type=Hex)
    session_id: int = Field(foreign_key="session.id")
    source_id: int = Field(foreign_key="source.id")
    idx: int
    tier: str
    origin: str
    calls: int
    thinks: bool
    errors: int
    warnings: int
    suspicion: float
    state: str = "undecided"


class TurnTextTable(SQLModel, table=True):
    """The wide half of a turn: raw output, parsed output, outcomes, provenance.

    The raw output stands in ``raw``, or is the content of the message ``answer_id``, which later prompts
    of the same dialogue share. ``path`` is empty where it is that of the source.
    """

    __tablename__ = "turn_text"
    __table_args__ = (Index("ix_turn_text_prompt", "prompt_id"),)
    turn_id: int = Field(primary_key=True, foreign_key="turn.id")
    prompt_id: int | None = Field(default=None, foreign_key="prompt.id")
    toolset_id: int | None = Field(default=None, foreign_key="toolset.id")
    answer_id: int | None = Field(default=None, foreign_key="message.id")
    path: str | None = Field(default=None, sa_type=Text)
    start: int = Field(sa_type=BigInteger)
    end: int = Field(sa_type=BigInteger)
    line: int
    raw: str | None = Field(default=None, sa_type=Text)
    output: str = Field(sa_type=Text)
    rest: str = Field(sa_type=Text)


class CallTable(SQLModel, table=True):
    """The calls of a turn by name, for filters and balances."""

    __tablename__ = "turn_call"
    __table_args__ = (Index("ix_turn_call_name", "name", "turn_id"), CLUSTERED)
    turn_id: int = Field(primary_key=True, foreign_key="turn.id")
    idx: int = Field(primary_key=True)
    name: str
    status: str


class FindingTable(SQLModel, table=True):
    """What a check said about a turn."""

    __tablename__ = "finding"
    __table_args__ = (Index("ix_finding_check", "check_id", "turn_id"),)
    id: int | None = Field(default=None, primary_key=True)
    turn_id: int = Field(foreign_key="turn.id", index=True)
    check_id: str
    severity: str
    message: str = Field(sa_type=Text)
    evidence: str = Field(sa_type=Text)
    suggestion: str | None = None


class DecisionTable(SQLModel, table=True):
    """The journal: appended to, never changed."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_turn", "turn_id", "id"),
        Index("ix_decision_act", "act"),
        Index("ix_decision_reviewer", "reviewer", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    turn_id: int = Field(foreign_key="turn.id")
    kind: str
    act: str
    undoes: str | None = None
    reviewer: str
    at: str
    body: str = Field(sa_type=Text)


class ResolutionTable(SQLModel, table=True):
    """The current state of each turn that has decisions; kept in the decision's own transaction."""

    __tablename__ = "resolution"
    turn_id: int = Field(primary_key=True, foreign_key="turn.id")
    tier: str = Field(index=True)
    state: str
    decision_id: int | None = Field(default=None, foreign_key="decision.id")
    reviewer: str | None = None
    call_class: str | None = None
    sft_rows: int = 0
    pairs: int = 0
    kto_rows: int = 0
    marked: bool = False
    tags: str = Field(default="[]", sa_type=Text)
    redactions: int | None = None
    reviewers: int = 0
    agreed: bool = True
    preferences: int = 0


class CandidateTable(SQLModel, table=True):
    """What preferences compared, each text once; added, never changed."""

    __tablename__ = "candidate"
    __table_args__ = (CLUSTERED,)
    hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    body: str = Field(sa_type=Text)


class RowFactsTable(SQLModel, table=True):
    """What the row of a decision shows, as meters count it; computed again when the rules change."""

    __tablename__ = "row_facts"
    decision_id: int = Field(primary_key=True, foreign_key="decision.id")
    rules: str
    facts: str = Field(sa_type=Text)


class AnswerTable(SQLModel, table=True):
    """What a model answered when it was asked the prompt of a turn again."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("turn_id", "hash"),)
    id: int | None = Field(default=None, primary_key=True)
    turn_id: int = Field(foreign_key="turn.id")
    hash: bytes = Field(sa_type=LargeBinary)
    raw: str = Field(sa_type=Text)
    model: str = Field(sa_type=Text)
    settings: str = Field(sa_type=Text)
    reviewer: str
    at: str


class SavedViewTable(SQLModel, table=True):
    """A query that somebody wants to come back to, with its order."""

    __tablename__ = "saved_view"
    name: str = Field(primary_key=True)
    query: str = Field(sa_type=Text)
    sort: str
    reviewer: str
    at: str


class WaiverTable(SQLModel, table=True):
    """The journal of waivers: a gate that was let pass, why, by whom; appended to, never changed."""

    __tablename__ = "waiver"
    id: int | None = Field(default=None, primary_key=True)
    gate: str = Field(index=True)
    reason: str = Field(sa_type=Text)
    reviewer: str
    at: str
    withdrawn: bool = False
