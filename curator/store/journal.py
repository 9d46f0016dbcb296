"""The journal of decisions: appended to, never changed. State follows in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

from sqlalchemy import Connection, Engine, case, delete, func, or_, select, update

from curator.model import Candidate, Decision, Redaction, Resolution
from curator.store.facts import RowRules
from curator.store.resolve import active
from curator.store.rows import Change, Heard, Totals
from curator.store.settling import (
    append,
    decision_of,
    heard_since,
    histories_of,
    history,
    parts,
    resolution_of,
    resolutions,
    settle_all,
)
from curator.store.tables import DecisionTable, ResolutionTable, TurnTable, table_of

_D = table_of(DecisionTable)
_R = table_of(ResolutionTable)
_TURN = table_of(TurnTable)


def now() -> str:
    """Return the current time as decisions record it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def new_act() -> str:
    """Return a fresh id that groups the decisions of one key press."""
    return uuid4().hex


class Journal:
    """Appends decisions and answers what they amount to."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)

    def append(
        self,
        decisions: Sequence[Decision],
        facts: RowRules | None = None,
        candidates: Sequence[Candidate] = (),
    ) -> list[Change]:
        """Append decisions and settle their turns, in one transaction that is on disk on return.

        ``facts`` are what the row of each decision shows, kept with it for the meters; ``candidates``
        are what preferences compare.

        Raises:
            DecisionError: A decision names a turn that is not there.
        """
        with self._writing.begin() as connection:
            return append(connection, decisions, facts, candidates)

    def undo(self, reviewer: str) -> list[Change]:
        """Take back the reviewer's last act that still stands; an empty list when none is left."""
        return self._take_back(reviewer, "undo")

    def redo(self, reviewer: str) -> list[Change]:
        """Bring back the act that the reviewer undid last, unless something was decided since."""
        return self._take_back(reviewer, "redo")

    def _take_back(self, reviewer: str, what: Literal["undo", "redo"]) -> list[Change]:
        with self._writing.begin() as connection:
            act = _last_act(connection, reviewer, what)
            if act is None:
                return []
            turns = connection.execute(select(_D.c.turn_id).where(_D.c.act == act).distinct()).scalars()
            undoing, at = new_act(), now()
            decisions = [
                Decision(turn=t, kind="undo", reviewer=reviewer, at=at, act=undoing, undoes=act)
                for t in turns
            ]
            return append(connection, decisions)

    def resolutions(self, turn_ids: Sequence[int]) -> dict[int, Resolution]:
        """Return the current state of turns.

        Raises:
            DecisionError: One of them is not there.
        """
        with self._engine.connect() as connection:
            return resolutions(connection, turn_ids)

    def resolution(self, turn_id: int) -> Resolution:
        """Return the current state of a turn."""
        with self._engine.connect() as connection:
            return resolutions(connection, [turn_id])[turn_id]

    def history(self, turn_id: int) -> list[Decision]:
        """Return everything ever decided on a turn, oldest first, undone or not."""
        with self._engine.connect() as connection:
            return history(connection, turn_id)

    def histories(self, turn_ids: Sequence[int]) -> dict[int, list[Decision]]:
        """Return everything ever decided on turns, oldest first; turns without a decision are left out."""
        with self._engine.connect() as connection:
            return histories_of(connection, turn_ids)

    def preferences(self) -> Iterator[Decision]:
        """Yield the preferences that stand, turn by turn."""
        compared = select(_R.c.turn_id).where(_R.c.preferences > 0).order_by(_R.c.turn_id)
        with self._engine.connect() as connection:
            turns = list(connection.execute(compared).scalars())
            for decisions in histories_of(connection, turns).values():
                yield from (one for one in active(decisions) if one.preference is not None)

    def all(self) -> Iterator[Decision]:
        """Yield the whole journal, oldest first."""
        with self._engine.connect().execution_options(yield_per=1000) as connection:
            for row in connection.execute(select(_D).order_by(_D.c.id)):
                yield decision_of(row)

    def last_id(self) -> int:
        """Return the id of the newest decision of anybody, 0 without any."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.max(_D.c.id))).scalar() or 0

    def since(self, seen: int, base: int) -> tuple[int, list[Heard]]:
        """Return the id of the newest decision, and the turns decided on after the decision ``seen``.

        Each comes with its state as it was after the decision ``base``, and as it is now.
        """
        with self._engine.connect() as connection:
            newest = connection.execute(select(func.max(_D.c.id))).scalar() or 0
            return newest, heard_since(connection, seen, newest, base) if newest > seen else []

    def timed(self) -> Iterator[Decision]:
        """Yield the decisions that were recorded with the seconds they took, oldest first."""
        query = select(_D).where(_D.c.body.contains('"seconds":', autoescape=True)).order_by(_D.c.id)
        with self._engine.connect().execution_options(yield_per=1000) as connection:
            for row in connection.execute(query):
                decision = decision_of(row)
                if decision.seconds is not None:
                    yield decision

    def redactions(self, turn_id: int) -> tuple[Redaction, ...]:
        """Return the texts that no row of a turn may hold."""
        return self.redactions_of([turn_id]).get(turn_id, ())

    def redactions_of(self, turn_ids: Sequence[int]) -> dict[int, tuple[Redaction, ...]]:
        """Return the texts that no row may hold, of those of the turns where somebody has looked for any."""
        with self._engine.connect() as connection:
            found = histories_of(connection, turn_ids)
        hidden = {turn: [d for d in active(all) if d.kind == "redaction"] for turn, all in found.items()}
        return {turn: said[-1].redactions for turn, said in hidden.items() if said}

    def decisions(self, decision_ids: Sequence[int]) -> dict[int, Decision]:
        """Return decisions by their ids."""
        found: dict[int, Decision] = {}
        with self._engine.connect() as connection:
            for part in parts(decision_ids):
                rows = connection.execute(select(_D).where(_D.c.id.in_(part)))
                found |= {row.id: decision_of(row) for row in rows}
        return found

    def decision(self, decision_id: int) -> Decision:
        """Return one decision by its id."""
        with self._engine.connect() as connection:
            return decision_of(connection.execute(select(_D).where(_D.c.id == decision_id)).one())

    def settled(self, tier: str | None = None) -> Iterator[tuple[Resolution, Decision]]:
        """Yield every turn that has a standing decision with that decision, in the order of the log."""
        for resolution, decision in self.giving(tier):
            if decision is not None:
                yield resolution, decision

    def giving(self, tier: str | None = None) -> Iterator[tuple[Resolution, Decision | None]]:
        """Yield every turn that is settled or gives a pair, in the order of the log.

        A turn of which only candidates were compared has no decision that settles it.
        """
        query = (
            select(*_D.c, *[c.label(f"r_{c.name}") for c in _R.c])
            .select_from(_R.outerjoin(_D, _R.c.decision_id == _D.c.id))
            .where(or_(_R.c.decision_id.is_not(None), _R.c.pairs > 0))
            .order_by(_R.c.turn_id)
        )
        if tier is not None:
            query = query.where(_R.c.tier == tier)
        with self._engine.connect().execution_options(yield_per=1000) as connection:
            for row in connection.execute(query):
                yield (
                    resolution_of({k[2:]: v for k, v in row._mapping.items() if k[:2] == "r_"}),
                    decision_of(row) if row.id is not None else None,
                )

    def totals(self, tier: str | None = None) -> Totals:
        """Count states, classes and rows over the workspace or one tier."""
        # Without a condition the count by state never leaves the index.
        inside = [_TURN.c.tier == tier] if tier is not None else []
        r_inside = [_R.c.tier == tier] if tier is not None else []
        states = select(_TURN.c.state, func.count()).where(*inside).group_by(_TURN.c.state)
        several = _R.c.reviewers > 1
        sums = select(
            _R.c.call_class,
            func.sum(_R.c.sft_rows),
            func.sum(_R.c.pairs),
            func.sum(_R.c.kto_rows),
            func.sum(_R.c.preferences),
            *(
                func.count(case((condition, 1)))
                for condition in (_R.c.marked.is_(True), several, several & _R.c.agreed.is_(True))
            ),
            func.count(),
        )
        sums = sums.where(*r_inside).group_by(_R.c.call_class)
        with self._engine.connect() as connection:
            by_state = {s: int(n) for s, n in connection.execute(states)}
            rows = connection.execute(sums).all()
        by_class = {row[0]: int(row[-1]) for row in rows if row[0] is not None}
        sft, pairs, kto, preferences, n_marked, compared, agreed = (
            sum(int(row[n]) for row in rows) for n in range(1, 8)
        )
        total = sum(by_state.values())
        return Totals(total, by_state, by_class, sft, pairs, kto, n_marked, compared, agreed, preferences)

    def recount(self) -> int:
        """Recompute every resolution from the journal; return how many turns have one.

        Nothing in normal work needs it: it repairs a database whose derived rows were edited by hand.
        """
        with self._writing.begin() as connection:
            turns = list(connection.execute(select(_D.c.turn_id).distinct()).scalars())
            connection.execute(delete(_R))
            connection.execute(update(_TURN).values(state="undecided"))
            settle_all(connection, turns)
        return len(turns)


def _last_act(connection: Connection, reviewer: str, what: Literal["undo", "redo"]) -> str | None:
    """Find what an undo or a redo of this reviewer would take back, walking the journal backwards."""
    taken_back: set[str] = set()
    for act, kind, undoes in _acts(connection, reviewer):
        if act in taken_back:
            continue
        if kind != "undo":
            return act if what == "undo" else None
        taken_back.add(undoes)
        if what == "redo" and not _is_undo(connection, undoes):
            return act
    return None


def _acts(connection: Connection, reviewer: str) -> Iterable[tuple[str, str, str]]:
    query = (
        select(_D.c.act, _D.c.kind, _D.c.undoes)
        .where(_D.c.reviewer == reviewer)
        .order_by(_D.c.id.desc())
        .execution_options(yield_per=256)
    )
    for row in connection.execute(query):
        yield row.act, row.kind, row.undoes


def _is_undo(connection: Connection, act: str) -> bool:
    kind = connection.execute(select(_D.c.kind).where(_D.c.act == act).limit(1)).scalar()
    return kind == "undo"
