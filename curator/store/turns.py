"""Writes and reads turns: narrow rows for lists, whole turns for one screen."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, bindparam, delete, func, select, update

from curator.errors import CuratorError
from curator.model import Finding, Turn
from curator.store.addressing import Interner
from curator.store.filters import KEY_DIGITS, Filter
from curator.store.packing import Pack, Packer
from curator.store.rows import Added, Segment, SessionInfo, SourceRow, TurnRow
from curator.store.settling import parts
from curator.store.sources import add_segment, source_row
from curator.store.tables import (
    CallTable,
    FindingTable,
    SessionTable,
    SourceTable,
    TurnTable,
    table_of,
)
from curator.store.whole import chunks, read_turns
from curator.store.writing import Into, finding_rows, weights, write_findings, write_pack

Order = Literal["queue", "log", "surest", "newest", "calls"]
Batch = Sequence[tuple[Turn, tuple[Finding, ...]]]

_KEY_BEGINNING = re.compile(rf"[0-9a-fA-F]{{0,{KEY_DIGITS}}}")


class _Tables:
    turn = table_of(TurnTable)
    call = table_of(CallTable)
    finding = table_of(FindingTable)
    session = table_of(SessionTable)
    source = table_of(SourceTable)


T = _Tables
_ORDERS: dict[Order, tuple[ColumnElement[Any], ...]] = {
    "log": (T.turn.c.id,),
    "queue": (T.turn.c.suspicion.desc(), T.turn.c.id),
    "surest": (T.turn.c.suspicion, T.turn.c.id),
    "newest": (T.turn.c.id.desc(),),
    "calls": (T.turn.c.calls.desc(), T.turn.c.id),
}
_ROW_COLUMNS = "id key session_id idx tier calls thinks errors warnings suspicion state origin"
_ROW = [T.turn.c[name] for name in _ROW_COLUMNS.split()]


class Turns:
    """Reads and writes turns of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)
        self._interner = Interner()

    def add(self, source_id: int, sessions: Sequence[SessionInfo], turns: Batch) -> Added:
        """Write sessions and turns that are not there yet, in one transaction.

        Sessions and turns are known by their keys, so writing the same again adds nothing.
        """
        packer = Packer()
        for session in sessions:
            packer.add_session(session)
        for turn, findings in turns:
            packer.add(turn, findings)
        return self.write(source_id, packer.take())

    def write(
        self, source_id: int, pack: Pack, segment: Callable[[Added], Segment | None] = lambda _: None
    ) -> Added:
        """Write what is new of a pack, and with it how far the source is read, in one transaction."""
        try:
            with self._writing.begin() as connection:
                query = select(T.source.c.path).where(T.source.c.id == source_id)
                into = Into(source_id, connection.execute(query).scalar_one())
                added = write_pack(connection, self._interner, into, pack)
                if stored := segment(added):
                    add_segment(connection, source_id, stored)
                return added
        except BaseException:
            # Ids that it remembers may have been rolled back.
            self._interner = Interner()
            raise

    def get(self, turn_id: int) -> Turn:
        """Return one whole turn, its prompt rebuilt.

        Raises:
            CuratorError: There is no such turn.
        """
        return self.get_many([turn_id])[0]

    def get_many(self, turn_ids: Sequence[int]) -> list[Turn]:
        """Return whole turns in the order of ``turn_ids``, a few hundred with two statements.

        All of them are held at once: where there may be more than that, ``each`` gives them one by one.

        Raises:
            CuratorError: One of them is not there.
        """
        return list(self.each(turn_ids))

    def each(self, turn_ids: Iterable[int]) -> Iterator[Turn]:
        """Yield whole turns in the order of ``turn_ids``, reading ahead a few hundred.

        Raises:
            CuratorError: One of them is not there.
        """
        for part in chunks(turn_ids):
            with self._engine.connect() as connection:
                turns = read_turns(connection, part)
            yield from turns

    def find(self, text: str) -> int:
        """Return the id of the turn that ``text`` names: an id, or the beginning of a key.

        Raises:
            CuratorError: No turn, or several, answer to it.
        """
        with self._engine.connect() as connection:
            if text.isdecimal() and len(text) < 19:
                found = connection.execute(select(T.turn.c.id).where(T.turn.c.id == int(text))).scalar()
                if found is not None:
                    return int(found)
            ids: Sequence[int] = ()
            if _KEY_BEGINNING.fullmatch(text):
                key = T.turn.c.key
                inside = key.between(text.ljust(KEY_DIGITS, "0"), text.ljust(KEY_DIGITS, "f"))
                ids = connection.execute(select(T.turn.c.id).where(inside).limit(2)).scalars().all()
        if len(ids) != 1:
            what = "more than one turn has" if ids else "no turn has"
            raise CuratorError(f"{what} the id or key {text!r}; `curator search` lists them.")
        return int(ids[0])

    def at(self, session: str, index: int) -> int | None:
        """Return the id of a turn by the key or name of its session and its position, or None."""
        query = (
            select(T.turn.c.id)
            .join(T.session, T.session.c.id == T.turn.c.session_id)
            .where((T.session.c.key == session) | (T.session.c.name == session), T.turn.c.idx == index)
            .order_by(T.turn.c.id)
        )
        with self._engine.connect() as connection:
            return connection.execute(query).scalars().first()

    def ids(self, filter: Filter | None = None, order: Order = "log", limit: int | None = None) -> array[int]:
        """Return the ids of all turns the filter takes: as the log has them, or the worst, surest, newest
        or those with the most calls first.
        """
        if filter and filter.arguments and order == "queue" and limit is not None:
            return self._first_in_queue(filter, limit)
        query = select(T.turn.c.id).where((filter or Filter()).where()).limit(limit)
        query = query.order_by(*_ORDERS[order])
        with self._engine.connect() as connection:
            # A million plain integers: rows of the driver take half the time of SQLAlchemy's.
            rows: Any = connection.execute(query).cursor
            return array("q", chain.from_iterable(rows))

    def _first_in_queue(self, filter: Filter, limit: int) -> array[int]:
        """Return the front of the queue, one degree of suspicion after the other.

        The index has the degrees in falling and the ids in rising order, so that the database would look
        at all turns of a degree to sort them; arguments take too long for that.
        """
        degree, found = T.turn.c.suspicion, array("q")
        with self._engine.connect() as connection:
            at = connection.execute(select(func.max(degree))).scalar()
            while at is not None and len(found) < limit:
                query = select(T.turn.c.id).where(filter.where(), degree == at).order_by(T.turn.c.id)
                found.extend(connection.execute(query.limit(limit - len(found))).scalars())
                at = connection.execute(select(func.max(degree)).where(degree < at)).scalar()
        return found

    def count(self, filter: Filter | None = None) -> int:
        """Count the turns that the filter takes."""
        query = select(func.count()).select_from(T.turn).where((filter or Filter()).where())
        with self._engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def rows(self, ids: Sequence[int]) -> list[TurnRow]:
        """Return the narrow rows of ``ids``, in their order; unknown ids are left out."""
        found: dict[int, TurnRow] = {}
        with self._engine.connect() as connection:
            for part in parts(ids):
                query = select(*_ROW).where(T.turn.c.id.in_(part))
                found.update({r[0]: TurnRow(*r) for r in connection.execute(query)})
        return [found[i] for i in ids if i in found]

    def session(self, turn_id: int) -> SessionInfo:
        """Return the session a turn belongs to, with its number of turns."""
        turn = T.turn.alias()
        size = select(func.count()).where(T.turn.c.session_id == T.session.c.id).scalar_subquery()
        s = T.session.c
        query = (
            select(s.key, s.name, s.tier, s.model, s.provider, s.started_at, size)
            .join(turn, turn.c.session_id == s.id)
            .where(turn.c.id == turn_id)
        )
        with self._engine.connect() as connection:
            return SessionInfo(*connection.execute(query).one())

    def source(self, turn_id: int) -> SourceRow:
        """Return the source that a turn was first read from, as it was then."""
        query = (
            select(T.source).join(T.turn, T.turn.c.source_id == T.source.c.id).where(T.turn.c.id == turn_id)
        )
        with self._engine.connect() as connection:
            return source_row(connection.execute(query).mappings().one())

    def session_turns(self, turn_id: int) -> list[TurnRow]:
        """Return the narrow rows of all turns of the same session, in log order."""
        inside = select(T.turn.c.session_id).where(T.turn.c.id == turn_id).scalar_subquery()
        query = select(*_ROW).where(T.turn.c.session_id == inside).order_by(T.turn.c.idx, T.turn.c.id)
        with self._engine.connect() as connection:
            return [TurnRow(*row) for row in connection.execute(query)]

    def findings(self, turn_id: int) -> tuple[Finding, ...]:
        """Return what the checks said about a turn, in the order they were stored."""
        return self.findings_of([turn_id])[turn_id]

    def findings_of(self, turn_ids: Sequence[int]) -> dict[int, tuple[Finding, ...]]:
        """Return what the checks said about turns, in the order it was stored."""
        f, found = T.finding.c, {turn_id: list[Finding]() for turn_id in turn_ids}
        columns = (f.turn_id, f.check_id, f.severity, f.message, f.evidence, f.suggestion)
        with self._engine.connect() as connection:
            for part in parts(turn_ids):
                query = select(*columns).where(f.turn_id.in_(part)).order_by(f.id)
                for turn_id, *values in connection.execute(query):
                    found[turn_id].append(_finding(*values))
        return {turn_id: tuple(findings) for turn_id, findings in found.items()}

    def set_findings(self, findings: dict[int, tuple[Finding, ...]]) -> None:
        """Replace the findings of these turns and their place in the queue, in one transaction."""
        with self._writing.begin() as connection:
            for part in parts(list(findings)):
                connection.execute(delete(T.finding).where(T.finding.c.turn_id.in_(part)))
            _weigh(connection, findings)
            rows = [row for turn_id, found in findings.items() for row in finding_rows(turn_id, found)]
            write_findings(connection, rows)

    def mark(self, check: str, findings: dict[int, Finding]) -> None:
        """Replace everything that one check has said, about any turn, in one transaction."""
        f = T.finding.c
        with self._writing.begin() as connection:
            before = connection.execute(select(f.turn_id).where(f.check_id == check).distinct()).scalars()
            touched = sorted({*before, *findings})
            connection.execute(delete(T.finding).where(f.check_id == check))
            write_findings(connection, [row for n, one in findings.items() for row in finding_rows(n, [one])])
        for part in parts(touched):
            found = self.findings_of(part)
            with self._writing.begin() as connection:
                _weigh(connection, found)

    def tool_names(self) -> list[str]:
        """Return the names of all tools that were ever called, most called first."""
        query = select(T.call.c.name).group_by(T.call.c.name).order_by(func.count().desc(), T.call.c.name)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def tiers(self) -> list[str]:
        """Return the tiers that occur, in alphabetical order."""
        tier, found = T.turn.c.tier, list[str]()
        with self._engine.connect() as connection:
            # A look into the index for each tier, not a walk over every turn.
            query = select(func.min(tier))
            while (one := connection.execute(query).scalar()) is not None:
                found.append(one)
                query = select(func.min(tier)).where(tier > one)
        return found


def _weigh(connection: Connection, findings: dict[int, tuple[Finding, ...]]) -> None:
    """Write what the findings of turns weigh, which is their place in the queue."""
    t, values = T.turn.c, []
    for turn_id, found in findings.items():
        errors, warnings, suspicion = weights(found)
        values.append({"turn": turn_id, "errors": errors, "warnings": warnings, "suspicion": suspicion})
    if values:
        names = ("errors", "warnings", "suspicion")
        query = update(T.turn).where(t.id == bindparam("turn"))
        connection.execute(query.values({name: bindparam(name) for name in names}), values)


def _finding(check: str, severity: str, message: str, evidence: str, suggestion: str | None) -> Finding:
    stated = {"check": check, "severity": severity, "message": message, "suggestion": suggestion}
    return msgspec.convert(stated | {"evidence": msgspec.json.decode(evidence)}, Finding)
