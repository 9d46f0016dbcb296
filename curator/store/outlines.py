"""What many turns look like at once: requests, called tools, checks, neighbours. Bounded work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, bindparam, or_, select

from curator.store.filters import Filter
from curator.store.packing import unpack_message
from curator.store.rows import TurnRow
from curator.store.tables import (
    CallTable,
    DecisionTable,
    FindingTable,
    MessageTable,
    PromptTable,
    TurnTable,
    TurnTextTable,
    table_of,
)

_CHUNK = 500
_LONGEST_CLIMB = 60
"""A request stands among the last messages of its prompt; so many are looked at."""
_TURN, _TEXT = table_of(TurnTable), table_of(TurnTextTable)
_CALL, _FINDING = table_of(CallTable), table_of(FindingTable)
_DECISION = table_of(DecisionTable)
_PROMPT, _MESSAGE = table_of(PromptTable), table_of(MessageTable)
_ROW = [_TURN.c[name] for name in TurnRow.__struct_fields__ if name != "index"]
_ROW.insert(TurnRow.__struct_fields__.index("index"), _TURN.c.idx)


def _roots() -> Select[tuple[int]]:
    """The first messages of two prompts; both climbs share their way as soon as they meet."""
    leaves = select(_TEXT.c.prompt_id).where(_TEXT.c.turn_id.in_((bindparam("one"), bindparam("other"))))
    p, above = _PROMPT.c, _PROMPT.alias()
    chain = select(p.id, p.parent_id, p.message_id).where(p.id.in_(leaves)).cte(recursive=True)
    climb = select(above.c.id, above.c.parent_id, above.c.message_id)
    chain = chain.union(climb.join(chain, above.c.id == chain.c.parent_id))
    return select(chain.c.message_id).where(chain.c.parent_id == 0).distinct()


_ROOTS = _roots()
"""Built once: to build it costs more than to run it, and every card asks."""


class Outline(Struct, frozen=True):
    """What a turn has in common with others of its kind."""

    request: str
    tools: tuple[str, ...]
    """Names of the calls, in order."""
    checks: frozenset[str]
    """Checks that found an error or a warning."""
    named: frozenset[str]
    """What checks say would have been right."""


class Outlines:
    """Reads outlines and neighbours of turns from one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, ids: Sequence[int]) -> dict[int, Outline]:
        """Return the outlines of these turns; unknown ids are left out."""
        outlines: dict[int, Outline] = {}
        with self._engine.connect() as connection:
            for start in range(0, len(ids), _CHUNK):
                outlines |= _outlines(connection, list(ids[start : start + _CHUNK]))
        return {turn: outlines[turn] for turn in ids if turn in outlines}

    def session_around(self, turn_id: int, most: int) -> tuple[TurnRow, ...]:
        """Return the turn between its neighbours in the session: at most so many before it and after it."""
        here = select(_TURN.c.session_id, _TURN.c.idx).where(_TURN.c.id == turn_id)
        with self._engine.connect() as connection:
            session, at = connection.execute(here).one()
            idx, number = _TURN.c.idx, _TURN.c.id
            before = or_(idx < at, and_(idx == at, number < turn_id))
            query = select(*_ROW).where(_TURN.c.session_id == session)
            left = query.where(before).order_by(idx.desc(), number.desc()).limit(most)
            right = query.where(~before).order_by(idx, number).limit(most + 1)
            rows = [*reversed(connection.execute(left).all()), *connection.execute(right)]
        return tuple(TurnRow(*row) for row in rows)

    def begin_alike(self, one: int, other: int) -> bool:
        """Return whether the prompts of two turns begin with the same message."""
        with self._engine.connect() as connection:
            return len(connection.execute(_ROOTS, {"one": one, "other": other}).all()) == 1

    def undecided_with_check(self, check: str, near: int, most: int) -> list[int]:
        """Return undecided turns about which a check says something, those stored nearest first."""
        return self._near(_FINDING.c.turn_id, _FINDING.c.check_id == check, near, most)

    def undecided_with_call(self, tool: str, near: int, most: int) -> list[int]:
        """Return undecided turns that call a tool, those stored nearest first."""
        return self._near(_CALL.c.turn_id, _CALL.c.name == tool, near, most)

    def undecided_without_call(self, near: int, most: int) -> list[int]:
        """Return undecided turns that call nothing, those stored nearest first."""
        return self._near(_TURN.c.id, _TURN.c.calls == 0, near, most)

    def nearest_suspicion(self, value: float, filter: Filter, most: int) -> list[tuple[int, float]]:
        """Return turns by how near their suspicion is to a value, in log order where that is equal."""
        column, number = _TURN.c.suspicion, _TURN.c.id
        query = select(number, column).where(filter.where())
        above = query.where(column >= value).order_by(column, number).limit(most)
        below = query.where(column < value).order_by(column.desc(), number).limit(most)
        with self._engine.connect() as connection:
            rows = [(n, s) for side in (above, below) for n, s in connection.execute(side)]
        return sorted(rows, key=lambda row: (abs(row[1] - value), row[0]))[:most]

    def decided_by(self, reviewer: str) -> set[int]:
        """Return the turns that this reviewer has decided on, unless nothing of it stands."""
        query = (
            select(_DECISION.c.turn_id)
            .distinct()
            .join(_TURN, _TURN.c.id == _DECISION.c.turn_id)
            .where(_DECISION.c.reviewer == reviewer, _DECISION.c.kind.in_(("verdict", "correction")))
            .where(_TURN.c.state != "undecided")
        )
        with self._engine.connect() as connection:
            return set(connection.execute(query).scalars())

    def _near(
        self, column: ColumnElement[int], holds: ColumnElement[bool], near: int, most: int
    ) -> list[int]:
        """Look at ``most`` rows on either side of a turn, whatever their number in the workspace."""
        ids: set[int] = set()
        with self._engine.connect() as connection:
            for side, order in ((column > near, column), (column < near, column.desc())):
                some = select(column.label("id")).where(holds, side).order_by(order).limit(most).subquery()
                query = select(_TURN.c.id).join(some, some.c.id == _TURN.c.id)
                ids.update(connection.execute(query.where(_TURN.c.state == "undecided")).scalars())
        return sorted(ids, key=lambda turn: (abs(turn - near), turn))[:most]


def _outlines(connection: Connection, ids: list[int]) -> dict[int, Outline]:
    requests = dict(_requests(connection, ids))
    tools, checks, named = defaultdict(list), defaultdict(set), defaultdict(set)
    calls = select(_CALL.c.turn_id, _CALL.c.name).where(_CALL.c.turn_id.in_(ids))
    for turn, name in connection.execute(calls.order_by(_CALL.c.turn_id, _CALL.c.idx)):
        tools[turn].append(name)
    f = _FINDING.c
    found = select(f.turn_id, f.check_id, f.suggestion).where(f.turn_id.in_(ids), f.severity != "info")
    for turn, check, suggestion in connection.execute(found):
        checks[turn].add(check)
        if suggestion:
            named[turn].add(suggestion)
    return {
        turn: Outline(request, tuple(tools[turn]), frozenset(checks[turn]), frozenset(named[turn]))
        for turn, request in requests.items()
    }


def _requests(connection: Connection, ids: list[int]) -> Iterator[tuple[int, str]]:
    """Yield the last user message of each prompt, climbing the tree of prompts for all of them at once."""
    query = select(_TEXT.c.turn_id, _TEXT.c.prompt_id).where(_TEXT.c.turn_id.in_(ids))
    at: dict[int, int] = {turn: node for turn, node in connection.execute(query)}  # noqa: C416
    for _ in range(_LONGEST_CLIMB):
        nodes = {node for node in at.values() if node}
        if not nodes:
            break
        above = _nodes(connection, list(nodes))
        for turn, node in list(at.items()):
            parent, request = above.get(node or 0, (0, None))
            if request is not None:
                yield turn, request
                del at[turn]
            else:
                at[turn] = parent
    yield from ((turn, "") for turn in at)


def _nodes(connection: Connection, nodes: list[int]) -> dict[int, tuple[int, str | None]]:
    """Return for each node its parent, and its text where it is a user's message."""
    query = (
        select(_PROMPT.c.id, _PROMPT.c.parent_id, _MESSAGE.c.body)
        .join(_MESSAGE, _MESSAGE.c.id == _PROMPT.c.message_id)
        .where(_PROMPT.c.id.in_(nodes))
    )
    found = {}
    for node, parent, body in connection.execute(query):
        message = unpack_message(body)
        found[node] = parent, message.content if message.role == "user" else None
    return found
