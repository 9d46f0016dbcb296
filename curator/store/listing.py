"""What lists of turns show: a page of rows, counts by what can be filtered, the sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Engine, Select, func, select, text

from curator.model import STATES, Severity, TurnState
from curator.store.filters import Filter, state_word
from curator.store.outlines import Outlines
from curator.store.tables import (
    CallTable,
    FindingTable,
    ResolutionTable,
    SessionTable,
    SourceTable,
    TurnTable,
    table_of,
)

_TURN, _CALL = table_of(TurnTable).c, table_of(CallTable).c
_FINDING, _SESSION = table_of(FindingTable).c, table_of(SessionTable).c
_SOURCE, _RESOLUTION = table_of(SourceTable).c, table_of(ResolutionTable).c
_FACETS = 12
FacetName = Literal["verdict", "tier", "check", "tool", "source", "model", "reviewer", "origin"]


class ListRow(Struct, frozen=True):
    """One turn in a list."""

    id: int
    key: str
    session: str
    index: int
    tier: str
    model: str
    state: TurnState
    calls: int
    tools: tuple[str, ...]
    """Names of the calls, in order."""
    checks: tuple[tuple[str, Severity], ...]
    """What checks say of it, the gravest first."""
    request: str
    """The last message of the user in its prompt."""


class Facet(NamedTuple):
    """One value of a key of the query language, and how many turns of a filter have it."""

    key: FacetName
    value: str
    turns: int


class SessionRow(NamedTuple):
    """One session, with the number of its turns that a filter takes."""

    key: str
    name: str
    tier: str
    turns: int
    undecided: int
    errors: int


class Listing:
    """Reads what lists show from one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._outlines = Outlines(engine)

    def page(self, ids: Sequence[int]) -> list[ListRow]:
        """Return the rows of these turns, in their order; unknown ids are left out."""
        outlines = self._outlines.of(ids)
        query = (
            select(
                _TURN.id,
                _TURN.key,
                func.coalesce(func.nullif(_SESSION.name, ""), _SESSION.key).label("session"),
                _TURN.idx.label("index"),
                _TURN.tier,
                func.coalesce(_SESSION.model, "").label("model"),
                _TURN.state,
                _TURN.calls,
            )
            .join(table_of(SessionTable), _SESSION.id == _TURN.session_id)
            .where(_TURN.id.in_(list(ids)))
        )
        with self._engine.connect() as connection:
            checks = _checks(connection, ids)
            rows = {
                row["id"]: ListRow(
                    **row,
                    tools=outlines[row["id"]].tools,
                    checks=tuple(checks.get(row["id"], ())),
                    request=outlines[row["id"]].request,
                )
                for row in connection.execute(query).mappings()
            }
        return [rows[id] for id in ids if id in rows]

    def facets(self, filter: Filter, key: FacetName) -> list[Facet]:
        """Count the turns of a filter by one key, the most frequent values first."""
        value, query = _facet_query(key)
        if filter != Filter():
            query = query.where(filter.where())
        query = query.group_by(value).order_by(func.count().desc(), value).limit(_FACETS)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return [Facet(key, _said(key, value), turns) for value, turns in rows if value]

    def sessions(self, filter: Filter, most: int = 500) -> list[SessionRow]:
        """Return the sessions with turns of a filter, those with the most errors first."""
        undecided = func.count().filter(_TURN.state == "undecided")
        errors = func.sum(_TURN.errors)
        counted = (
            select(
                _TURN.session_id.label("id"),
                func.count().label("turns"),
                undecided.label("undecided"),
                errors.label("errors"),
            )
            .where(filter.where())
            .group_by(_TURN.session_id)
            .order_by(errors.desc(), _TURN.session_id)
            .limit(most)
            .subquery()
        )
        c = counted.c
        query = (
            select(_SESSION.key, _SESSION.name, _SESSION.tier, c.turns, c.undecided, c.errors)
            .join(counted, c.id == _SESSION.id)
            .order_by(c.errors.desc(), c.id)
        )
        with self._engine.connect() as connection:
            return [SessionRow(*row) for row in connection.execute(query)]


def _facet_query(key: FacetName) -> tuple[ColumnElement[Any], Select[Any]]:
    """Return the value to group by, and the query that has it beside each turn."""
    turn = table_of(TurnTable)
    if key == "tool":
        called = select(_CALL.turn_id, _CALL.name).distinct().subquery()
        return called.c.name, select(called.c.name, func.count()).join(turn, _TURN.id == called.c.turn_id)
    if key == "check":
        found = select(_FINDING.turn_id, _FINDING.check_id).distinct().subquery()
        return found.c.check_id, select(found.c.check_id, func.count()).join(
            turn, _TURN.id == found.c.turn_id
        )
    if key == "reviewer":
        query = select(_RESOLUTION.reviewer, func.count()).join(turn, _TURN.id == _RESOLUTION.turn_id)
        return _RESOLUTION.reviewer, query
    if key == "source":
        query = select(_SOURCE.path, func.count()).join(turn, _TURN.source_id == _SOURCE.id)
        return _SOURCE.path, query
    if key == "model":
        query = select(_SESSION.model, func.count()).join(turn, _TURN.session_id == _SESSION.id)
        return _SESSION.model, query
    column = {"verdict": _TURN.state, "tier": _TURN.tier, "origin": _TURN.origin}[key]
    return column, select(column, func.count())


def _said(key: FacetName, value: str) -> str:
    """Return a value as a query writes it."""
    known = next((state for state in STATES if state == value), None)
    return state_word(known) if key == "verdict" and known else value


def _checks(connection: Connection, ids: Sequence[int]) -> dict[int, list[tuple[str, Severity]]]:
    f = _FINDING
    gravity = text("CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END")
    query = select(f.turn_id, f.check_id, f.severity).where(f.turn_id.in_(list(ids))).order_by(gravity, f.id)
    found: dict[int, list[tuple[str, Severity]]] = {}
    for turn, check, severity in connection.execute(query):
        told = found.setdefault(turn, [])
        if check not in [known for known, _ in told]:
            told.append((check, severity))
    return found
