"""The values Curator passes around: turns, messages, calls, findings, decisions.

Plain frozen structs without behaviour that touches files, databases or screens.
All spans are half-open code point ranges ``(start, end)`` into a named text field.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from msgspec import Struct

Role = Literal["system", "user", "assistant", "tool"]
CallStatus = Literal[
    "ok",
    "repaired",
    "invalid_json",
    "unclosed",
    "missing_name",
    "malformed",
    "unknown_tool",
    "in_code_fence",
]
OutcomeStatus = Literal["ok", "error", "denied", "blocked", "duplicate", "unknown"]
Severity = Literal["error", "warning", "info"]
Origin = Literal["real", "synthetic"]
Verdict = Literal["correct", "incorrect", "skip"]
DecisionKind = Literal["verdict", "correction", "preference", "tag", "note", "redaction", "undo"]
TurnState = Literal["undecided", "correct", "incorrect", "corrected", "skipped"]
CallClass = Literal["none", "one", "several"]
Better = Literal["first", "second", "tie", "neither"]
CandidateOrigin = Literal["logged", "correction", "session", "generated"]
Field = Literal["raw", "thinking", "content", "calls", "prompt"]

STATES: tuple[TurnState, ...] = get_args(TurnState)
CALL_CLASSES: tuple[CallClass, ...] = get_args(CallClass)

Span = tuple[int, int]


class ToolSpec(Struct, frozen=True, omit_defaults=True):
    """A tool that was offered to the model."""

    name: str
    description: str = ""
    parameters: dict[str, Any] | None = None
    """JSON Schema of the arguments; ``None`` when the log gives only the name."""


class ToolCall(Struct, frozen=True, omit_defaults=True):
    """One call of a tool, as emitted or as corrected."""

    name: str
    arguments: dict[str, Any] = {}
    syntax: str = ""
    """Id of the syntax it was read from; empty for a call that a person wrote."""
    status: CallStatus = "ok"
    span: Span | None = None
    """Where the call stands in the raw output."""
    typed: bool = True
    """False where the syntax has only strings and no schema gave the types."""
    id: str | None = None


class Problem(Struct, frozen=True, omit_defaults=True):
    """Something in a raw output that could not be used as it stands."""

    code: str
    message: str
    span: Span | None = None


class Output(Struct, frozen=True, omit_defaults=True):
    """A raw output, taken apart. Nothing is lost: the spans cover the raw text."""

    thinking: str | None = None
    content: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    problems: tuple[Problem, ...] = ()
    thinking_span: Span | None = None
    content_spans: tuple[Span, ...] = ()


class Message(Struct, frozen=True, omit_defaults=True):
    """One message of a prompt, as the model saw it."""

    role: str
    content: str = ""
    thinking: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    name: str | None = None
    """Tool name of a ``tool`` message."""
    tool_call_id: str | None = None


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What happened after one call of a turn."""

    call: int
    """Index into the turn's calls."""
    status: OutcomeStatus
    text: str = ""
    elapsed_ms: float | None = None


class SourceRef(Struct, frozen=True, omit_defaults=True):
    """Where a turn was read: bytes ``[start, end)`` of a file, and the 1-based line of ``start``."""

    path: str
    start: int
    end: int
    line: int


class Turn(Struct, frozen=True, omit_defaults=True):
    """One model generation: the exact prompt, the raw output, and what came of it."""

    key: str
    """Content-derived identity, stable across ingests and machines (32 hex digits)."""
    session: str
    """Key of the session it belongs to."""
    index: int
    """Position in the session, from 0."""
    prompt: tuple[Message, ...]
    raw: str
    output: Output
    source: SourceRef
    tools: tuple[ToolSpec, ...] = ()
    tools_in_prompt: bool = False
    """True when the prompt text itself lists the tools, so that no template may add them again."""
    structured: bool = False
    """True when the log held calls as fields; ``raw`` is then the JSON text of that message."""
    outcomes: tuple[Outcome, ...] = ()
    tier: str = ""
    origin: Origin = "real"
    finish_reason: str | None = None
    model: str | None = None
    provider: str | None = None
    timestamp: str | None = None
    labels: dict[str, Any] = {}
    """Upstream labels such as ``passed``, ratings or scores."""
    id: int = 0
    """Row id in the store; 0 before it is stored."""


class Evidence(Struct, frozen=True):
    """A piece of text that supports a finding. ``calls`` counts calls, the rest code points."""

    field: Field
    start: int
    end: int


class Finding(Struct, frozen=True, omit_defaults=True):
    """What a check says about a turn, in one sentence."""

    check: str
    severity: Severity
    message: str
    evidence: tuple[Evidence, ...] = ()
    suggestion: str | None = None
    """Name of the tool or value that would have been right, where the check knows it."""


class Taken(Struct, frozen=True, omit_defaults=True):
    """The answer of a model that a correction was made of."""

    answer: int = 0
    """Id of a generated answer; 0 for one that the log holds."""
    turn: int = 0
    """The turn that logged it; 0 for a generated one."""
    model: str = ""
    seed: int | None = None
    edited: bool = False
    """Whether a person changed it before saving."""

    def words(self) -> str:
        """Say where it comes from."""
        if not self.answer:
            parts = [f"logged in #{self.turn}", self.model]
        else:
            parts = ["generated", self.model, f"seed {self.seed}" if self.seed is not None else ""]
        return " · ".join([*filter(None, parts), *(["then edited"] if self.edited else [])])


class Correction(Struct, frozen=True, omit_defaults=True):
    """What the turn should have been."""

    thinking: str | None = None
    content: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    violations: tuple[str, ...] = ()
    """Schema violations that the reviewer saw and saved on purpose."""
    taken: Taken | None = None
    """The answer it was made of; ``None`` where a person wrote it."""


class Redaction(Struct, frozen=True):
    """A text that no row may hold, and what stands in its place. The log and the store keep it."""

    text: str
    replacement: str


class Candidate(Struct, frozen=True, omit_defaults=True):
    """One answer to the prompt of a turn. A preference keeps it by its hash, so that it stays what it was."""

    output: Output
    raw: str = ""
    """The exact text; empty where a person wrote the parts."""
    structured: bool = False
    """True when the log held calls as fields."""


class Weighed(Struct, frozen=True, omit_defaults=True):
    """One of the two candidates of a preference, and where it came from."""

    candidate: str
    """Hash of the stored candidate, in hex digits."""
    said: str
    """Digest of what it says: equal for equal texts and calls, whoever said them."""
    origin: CandidateOrigin
    turn: int = 0
    """The turn that was logged, corrected or asked again."""
    model: str = ""


class Preference(Struct, frozen=True, omit_defaults=True):
    """Which of two candidates is better. The reviewer did not see where they come from."""

    first: Weighed
    second: Weighed
    better: Better
    left: Literal["first", "second"] | None = None
    """Which of them stood at the left; ``None`` where they were not shown side by side."""

    @property
    def chosen(self) -> Weighed | None:
        """The better one, where one is better."""
        return {"first": self.first, "second": self.second}.get(self.better)

    @property
    def rejected(self) -> Weighed | None:
        """The worse one, where one is better."""
        return {"first": self.second, "second": self.first}.get(self.better)


class Decision(Struct, frozen=True, omit_defaults=True):
    """One act of a reviewer. The journal holds these, appended and never changed."""

    turn: int
    kind: DecisionKind
    reviewer: str
    at: str
    """UTC, ISO 8601 with microseconds."""
    act: str
    """Groups the decisions of one key press; undone together."""
    verdict: Verdict | None = None
    reason: str | None = None
    """Error class of an ``incorrect`` verdict, or free text."""
    correction: Correction | None = None
    note: str | None = None
    tag: str | None = None
    """Tag that a ``tag`` gives, or takes away where ``removes`` is set."""
    removes: bool = False
    rating: int | None = None
    """1 (bad) to 5 (good), beside any verdict."""
    redactions: tuple[Redaction, ...] = ()
    """All that a ``redaction`` wants hidden; it replaces the one before."""
    preference: Preference | None = None
    seconds: float | None = None
    """How long the reviewer looked at the turn before; ``None`` where nobody measured it."""
    undoes: str | None = None
    """The act that an ``undo`` takes back (an act of undoing too: that is a redo)."""
    id: int = 0


class Resolution(Struct, frozen=True, omit_defaults=True):
    """The current state of one turn, computed from its active decisions."""

    turn: int
    tier: str = ""
    state: TurnState = "undecided"
    decision: int | None = None
    """The decision that settled it."""
    reviewer: str | None = None
    call_class: CallClass | None = None
    """Class of the SFT row it gives; ``None`` when it gives none."""
    sft_rows: int = 0
    pairs: int = 0
    kto_rows: int = 0
    marked: bool = False
    """True when its correction was saved in spite of schema violations."""
    tags: tuple[str, ...] = ()
    redactions: int | None = None
    """How many texts are hidden in its rows; ``None`` while nobody has looked for any."""
    reviewers: int = 0
    """How many people decided on it and did not take that back."""
    agreed: bool = True
    """Whether they all decided the same."""
    preferences: int = 0
    """How many pairs of candidates were compared; the latest comparison of two texts counts."""


def call_class(calls: tuple[ToolCall, ...]) -> CallClass:
    """Return the composition class of a turn with these calls."""
    if not calls:
        return "none"
    return "one" if len(calls) == 1 else "several"
