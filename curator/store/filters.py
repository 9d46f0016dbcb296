"""Immutable filters over turns: they combine with ``&``, describe themselves and compile to SQL."""

from __future__ import annotations

import json
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import ColumnElement, and_, exists, not_, or_, select, true

from curator.model import Origin, Severity, TurnState
from curator.store.conditions import HasArgument, Matches
from curator.store.tables import (
    CallTable,
    DecisionTable,
    FindingTable,
    ResolutionTable,
    SessionTable,
    SourceTable,
    TurnTable,
    table_of,
)

_TURN, _CALL = table_of(TurnTable).c, table_of(CallTable).c
_FINDING, _SESSION = table_of(FindingTable).c, table_of(SessionTable).c
_SOURCE, _DECISION = table_of(SourceTable).c, table_of(DecisionTable).c
_RESOLUTION = table_of(ResolutionTable).c

VERDICT_WORDS: dict[str, TurnState] = {"none": "undecided", "skip": "skipped"}
"""How a query writes states that have another name there."""
_ALL_HOLD = (
    "tools",
    "checks",
    "severities",
    "sources",
    "models",
    "tags",
    "arguments",
    "words",
    "ids",
    "keys",
    "excluded",
)
"""Fields of which a turn must have every member; of the others it has one, and they intersect."""
_ONE_HOLDS = ("tiers", "states", "origins", "sessions", "reviewers", "reasons")
_NOTHING = "\0none"
KEY_DIGITS = 32
"""Digits of the key of a turn."""


class Filter(Struct, frozen=True, omit_defaults=True):
    """Which turns to take. An empty filter takes all of them; every field narrows it."""

    tiers: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()
    checks: frozenset[str] = frozenset()
    states: frozenset[TurnState] = frozenset()
    origins: frozenset[Origin] = frozenset()
    sessions: frozenset[str] = frozenset()
    severities: frozenset[Severity] = frozenset()
    sources: frozenset[str] = frozenset()
    """Parts of the path that a turn was read from."""
    models: frozenset[str] = frozenset()
    """Parts of the name of the model."""
    reviewers: frozenset[str] = frozenset()
    """Who settled it."""
    reasons: frozenset[str] = frozenset()
    """Error classes of the verdict that settled it."""
    tags: frozenset[str] = frozenset()
    arguments: frozenset[tuple[str, str]] = frozenset()
    """(name, text): a call has an argument of this name whose value holds the text."""
    ids: frozenset[int] = frozenset()
    keys: frozenset[str] = frozenset()
    """Beginnings of the key."""
    words: frozenset[str] = frozenset()
    """Words or phrases that its texts hold."""
    excluded: frozenset[Filter] = frozenset()
    """Filters of which it may fit none."""
    min_calls: int | None = None
    max_calls: int | None = None
    has_thinking: bool | None = None

    @classmethod
    def parse(cls, query: str) -> Filter:
        """Read ``tier:code tool:bash.execute -verdict:none calls:>1 arg:path~src/ "no such file"``.

        Raises:
            CuratorError: A word whose key is not known, or whose value cannot be.
        """
        from curator.store.queries import parse_query

        return parse_query(query)

    def __and__(self, other: Filter) -> Filter:
        """Take what both take."""
        changes: dict[str, Any] = {name: getattr(self, name) | getattr(other, name) for name in _ALL_HOLD}
        changes |= {name: _both(getattr(self, name), getattr(other, name)) for name in _ONE_HOLDS}
        changes["min_calls"] = _bound(self.min_calls, other.min_calls, max)
        changes["max_calls"] = _bound(self.max_calls, other.max_calls, min)
        if self.has_thinking is None:
            changes["has_thinking"] = other.has_thinking
        elif other.has_thinking not in (None, self.has_thinking):
            # Both at once fits no turn, and is written as what it is.
            changes["excluded"] |= {Filter(has_thinking=self.has_thinking)}
        return structs.replace(self, **changes)

    def describe(self) -> str:
        """Write the filter as a query that gives it."""
        words = [f"{key}:{quoted(value)}" for key, name in _KEYS for value in sorted(getattr(self, name))]
        words += [f"verdict:{state_word(s)}" for s in sorted(self.states)]
        words += [f"id:{one}" for one in sorted(self.ids)]
        words += [f"arg:{quoted(f'{name}~{text}')}" for name, text in sorted(self.arguments)]
        words += self._calls_words()
        if self.has_thinking is not None:
            words.append("has:think" if self.has_thinking else "no:think")
        words += [f"-{one.describe()}" for one in sorted(self.excluded, key=Filter.describe)]
        words += [quoted(one, always=True) for one in sorted(self.words)]
        return " ".join(words)

    def _calls_words(self) -> list[str]:
        if self.min_calls is not None and self.min_calls == self.max_calls:
            return [f"calls:{self.min_calls}"]
        low = [] if self.min_calls is None else [f"calls:>={self.min_calls}"]
        return low + ([] if self.max_calls is None else [f"calls:<={self.max_calls}"])

    @property
    def needs_text_index(self) -> bool:
        """Whether the index of texts must be up to date for it."""
        return bool(self.words) or any(one.needs_text_index for one in self.excluded)

    def where(self) -> ColumnElement[bool]:
        """Compile to a condition over the ``turn`` table."""
        return and_(true(), *self._narrow(), *self._elsewhere(), *self._decided())

    def _narrow(self) -> list[ColumnElement[bool]]:
        """Return the conditions on the narrow row itself."""
        terms: list[ColumnElement[bool]] = []
        for column, values in (
            (_TURN.tier, self.tiers),
            (_TURN.state, self.states),
            (_TURN.origin, self.origins),
        ):
            if values:
                terms.append(column.in_(sorted(values)))
        if self.min_calls is not None:
            terms.append(_TURN.calls >= self.min_calls)
        if self.max_calls is not None:
            terms.append(_TURN.calls <= self.max_calls)
        if self.has_thinking is not None:
            terms.append(_TURN.thinks.is_(self.has_thinking))
        terms += [_TURN.id == one for one in sorted(self.ids)]
        terms += [
            _TURN.key.between(one.ljust(KEY_DIGITS, "0"), one.ljust(KEY_DIGITS, "f"))
            for one in sorted(self.keys)
        ]
        return terms

    def _elsewhere(self) -> list[ColumnElement[bool]]:
        """Return the conditions on calls, findings, sessions, sources and texts."""
        terms: list[ColumnElement[bool]] = []
        terms += [_TURN.id.in_(select(_CALL.turn_id).where(_CALL.name == t)) for t in sorted(self.tools)]
        terms += [
            _TURN.id.in_(select(_FINDING.turn_id).where(_FINDING.check_id == c)) for c in sorted(self.checks)
        ]
        terms += [_severity(one) for one in sorted(self.severities)]
        if self.sessions:
            named = sorted(self.sessions)
            known = select(_SESSION.id).where(or_(_SESSION.key.in_(named), _SESSION.name.in_(named)))
            terms.append(_TURN.session_id.in_(known))
        for part in sorted(self.sources):
            read = select(_SOURCE.id).where(_SOURCE.path.icontains(part, autoescape=True))
            terms.append(_TURN.source_id.in_(read))
        for part in sorted(self.models):
            ran = select(_SESSION.id).where(_SESSION.model.icontains(part, autoescape=True))
            terms.append(_TURN.session_id.in_(ran))
        terms += [Matches(phrase) for phrase in sorted(self.words)]
        terms += [HasArgument(name, text) for name, text in sorted(self.arguments)]
        return terms + [not_(one.where()) for one in sorted(self.excluded, key=Filter.describe)]

    def _decided(self) -> list[ColumnElement[bool]]:
        """Return the conditions on what people decided."""
        terms: list[ColumnElement[bool]] = []
        here = _RESOLUTION.turn_id == _TURN.id
        if self.reviewers:
            terms.append(exists().where(here, _RESOLUTION.reviewer.in_(sorted(self.reviewers))))
        terms += [
            exists().where(here, _RESOLUTION.tags.contains(json.dumps(tag), autoescape=True))
            for tag in sorted(self.tags)
        ]
        if self.reasons:
            said = [
                _DECISION.body.contains(f'"reason":{json.dumps(reason)}', autoescape=True)
                for reason in sorted(self.reasons)
            ]
            terms.append(exists().where(here, _DECISION.id == _RESOLUTION.decision_id, or_(*said)))
        return terms


_KEYS = (
    ("tier", "tiers"),
    ("tool", "tools"),
    ("check", "checks"),
    ("severity", "severities"),
    ("origin", "origins"),
    ("session", "sessions"),
    ("source", "sources"),
    ("model", "models"),
    ("reviewer", "reviewers"),
    ("reason", "reasons"),
    ("tag", "tags"),
    ("key", "keys"),
)


def quoted(value: str, *, always: bool = False) -> str:
    """Write a value for a query, in quotes where it needs them."""
    if not always and value and not any(c.isspace() or c in '"\\' for c in value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def state_word(state: TurnState) -> str:
    """Return how a query writes a state."""
    return next((word for word, meant in VERDICT_WORDS.items() if meant == state), state)


def _severity(severity: Severity) -> ColumnElement[bool]:
    if severity == "error":
        return _TURN.errors > 0
    if severity == "warning":
        return _TURN.warnings > 0
    return _TURN.id.in_(select(_FINDING.turn_id).where(_FINDING.severity == severity))


def _both(mine: frozenset[str], theirs: frozenset[str]) -> frozenset[str]:
    if not mine or not theirs:
        return mine or theirs
    # An empty set means "all", so two that share nothing need a member that matches no row.
    return (mine & theirs) or frozenset({_NOTHING})


def _bound(mine: int | None, theirs: int | None, choose: Any) -> int | None:
    if mine is None or theirs is None:
        return theirs if mine is None else mine
    return int(choose(mine, theirs))
