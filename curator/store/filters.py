"""Immutable filters over turns: they combine with ``&``, describe themselves and compile to SQL."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import ColumnElement, and_, exists, select, true

from curator.errors import CuratorError
from curator.model import STATES, Origin, TurnState
from curator.store.tables import CallTable, FindingTable, SessionTable, TurnTable, table_of

_VERDICT_WORDS: dict[str, TurnState] = {"none": "undecided", "skip": "skipped"}
_CALLS = re.compile(r"(>=|<=|>|<|=)?(\d+)")


class Filter(Struct, frozen=True, omit_defaults=True):
    """Which turns to take. An empty filter takes all of them; every field narrows it."""

    tiers: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()
    checks: frozenset[str] = frozenset()
    states: frozenset[TurnState] = frozenset()
    origins: frozenset[Origin] = frozenset()
    sessions: frozenset[str] = frozenset()
    min_calls: int | None = None
    max_calls: int | None = None
    has_thinking: bool | None = None

    @classmethod
    def parse(cls, query: str) -> Filter:
        """Read ``tier:code tool:bash.execute check:coherence verdict:none calls:>1 has:think``.

        Raises:
            CuratorError: A word that is not ``key:value`` with a known key.
        """
        result = cls()
        try:
            words = shlex.split(query)
        except ValueError as error:
            raise CuratorError(f"In the query {query!r}: {error}.") from error
        for word in words:
            result &= _word(word)
        return result

    def __and__(self, other: Filter) -> Filter:
        """Take what both take: sets of the same field intersect, or unite with an empty one."""
        changes: dict[str, Any] = {}
        for name in ("tiers", "tools", "checks", "states", "origins", "sessions"):
            mine, theirs = getattr(self, name), getattr(other, name)
            changes[name] = mine | theirs if name in ("tools", "checks") else _both(mine, theirs)
        changes["min_calls"] = _bound(self.min_calls, other.min_calls, max)
        changes["max_calls"] = _bound(self.max_calls, other.max_calls, min)
        if other.has_thinking is not None:
            changes["has_thinking"] = other.has_thinking
        return structs.replace(self, **changes)

    def describe(self) -> str:
        """Write the filter as the query that gives it."""
        words = [f"tier:{t}" for t in sorted(self.tiers)]
        words += [f"tool:{t}" for t in sorted(self.tools)]
        words += [f"check:{c}" for c in sorted(self.checks)]
        words += [f"verdict:{_state_word(s)}" for s in sorted(self.states)]
        words += [f"origin:{o}" for o in sorted(self.origins)]
        words += [f"session:{s}" for s in sorted(self.sessions)]
        if self.min_calls is not None:
            words.append(f"calls:>={self.min_calls}")
        if self.max_calls is not None:
            words.append(f"calls:<={self.max_calls}")
        if self.has_thinking is not None:
            words.append("has:think" if self.has_thinking else "no:think")
        return " ".join(shlex.quote(w) if " " in w else w for w in words)

    def where(self) -> ColumnElement[bool]:
        """Compile to a condition over the ``turn`` table."""
        turn = table_of(TurnTable).c
        call = table_of(CallTable).c
        finding = table_of(FindingTable).c
        session = table_of(SessionTable).c
        terms: list[ColumnElement[bool]] = []
        for column, values in (
            (turn.tier, self.tiers),
            (turn.state, self.states),
            (turn.origin, self.origins),
        ):
            if values:
                terms.append(column.in_(sorted(values)))
        terms += [exists().where(call.turn_id == turn.id, call.name == t) for t in sorted(self.tools)]
        terms += [
            exists().where(finding.turn_id == turn.id, finding.check_id == c) for c in sorted(self.checks)
        ]
        if self.sessions:
            named = select(session.id).where(
                session.key.in_(sorted(self.sessions)) | session.name.in_(sorted(self.sessions))
            )
            terms.append(turn.session_id.in_(named))
        if self.min_calls is not None:
            terms.append(turn.calls >= self.min_calls)
        if self.max_calls is not None:
            terms.append(turn.calls <= self.max_calls)
        if self.has_thinking is not None:
            terms.append(turn.thinks.is_(self.has_thinking))
        return and_(true(), *terms)


def _both(mine: frozenset[str], theirs: frozenset[str]) -> frozenset[str]:
    if not mine or not theirs:
        return mine or theirs
    # An empty set means "all", so two that share nothing need a member that matches no row.
    return (mine & theirs) or frozenset({"\0none"})


def _bound(mine: int | None, theirs: int | None, choose: Any) -> int | None:
    if mine is None or theirs is None:
        return theirs if mine is None else mine
    return int(choose(mine, theirs))


def _state_word(state: TurnState) -> str:
    return next((word for word, meant in _VERDICT_WORDS.items() if meant == state), state)


def _word(word: str) -> Filter:
    key, colon, value = word.partition(":")
    if not colon or not value:
        raise CuratorError(f"{word!r} is not key:value; the keys are {', '.join(QUERY_KEYS)}.")
    if key not in QUERY_KEYS:
        raise CuratorError(f"There is no filter {key!r}; the keys are {', '.join(QUERY_KEYS)}.")
    return QUERY_KEYS[key](value)


def _verdict(value: str) -> Filter:
    state = _VERDICT_WORDS.get(value, value)
    for known in STATES:
        if known == state:
            return Filter(states=frozenset({known}))
    words = [_state_word(known) for known in STATES]
    raise CuratorError(f"verdict:{value} is not one of {', '.join(words)}.")


def _origin(value: str) -> Filter:
    origin: Origin
    for origin in ("real", "synthetic"):
        if value == origin:
            return Filter(origins=frozenset({origin}))
    raise CuratorError(f"origin:{value} is neither real nor synthetic.")


def _calls(value: str) -> Filter:
    match = _CALLS.fullmatch(value)
    if match is None:
        raise CuratorError(f"calls:{value} is not a number such as 0, >1 or <=2.")
    sign, number = match[1] or "=", int(match[2])
    low = {"=": number, ">=": number, ">": number + 1}.get(sign)
    high = {"=": number, "<=": number, "<": number - 1}.get(sign)
    return Filter(min_calls=low, max_calls=high)


def _think(present: bool) -> Callable[[str], Filter]:
    def build(value: str) -> Filter:
        if value != "think":
            raise CuratorError(f"only 'think' can stand there, not {value!r}.")
        return Filter(has_thinking=present)

    return build


QUERY_KEYS: dict[str, Callable[[str], Filter]] = {
    "tier": lambda v: Filter(tiers=frozenset({v})),
    "tool": lambda v: Filter(tools=frozenset({v})),
    "check": lambda v: Filter(checks=frozenset({v})),
    "verdict": _verdict,
    "calls": _calls,
    "has": _think(True),
    "no": _think(False),
    "origin": _origin,
    "session": lambda v: Filter(sessions=frozenset({v})),
}
