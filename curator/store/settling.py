"""Appends decisions and brings the derived rows of their turns up to date, for one turn or for many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, Row, delete, insert, select, update

from curator.errors import DecisionError
from curator.model import (
    Candidate,
    Correction,
    Decision,
    DecisionKind,
    Output,
    Preference,
    Redaction,
    Resolution,
    TurnState,
    Verdict,
)
from curator.store.candidates import keep_candidates
from curator.store.facts import RowRules, add_facts, facts_by_decision
from curator.store.packing import raw_text, unpack_output
from curator.store.resolve import resolve
from curator.store.rows import Change, Heard
from curator.store.tables import (
    DecisionTable,
    MessageTable,
    ResolutionTable,
    TurnTable,
    TurnTextTable,
    table_of,
)

T = TypeVar("T")

_D = table_of(DecisionTable)
_R = table_of(ResolutionTable)
_TURN = table_of(TurnTable)
_TEXT = table_of(TurnTextTable)
_MESSAGE = table_of(MessageTable)
_CHUNK = 500


class _Body(msgspec.Struct, omit_defaults=True):
    """The parts of a decision that no query asks for."""

    verdict: Verdict | None = None
    reason: str | None = None
    correction: Correction | None = None
    note: str | None = None
    tag: str | None = None
    removes: bool = False
    rating: int | None = None
    redactions: tuple[Redaction, ...] = ()
    preference: Preference | None = None
    seconds: float | None = None


class _Said(NamedTuple):
    """What the state of a turn depends on besides its journal."""

    tier: str
    output: Output
    raw: str

    def resolved(self, turn: int, decisions: Sequence[Decision]) -> Resolution:
        return resolve(turn, self.tier, self.output, decisions, self.raw)


def append(
    connection: Connection,
    decisions: Sequence[Decision],
    found: RowRules | None = None,
    candidates: Sequence[Candidate] = (),
) -> list[Change]:
    """Write decisions in the transaction of ``connection`` and settle their turns; return what changed.

    ``candidates`` are what their preferences compare.

    Raises:
        DecisionError: A decision names a turn that is not there.
    """
    keep_candidates(connection, candidates)
    changes: list[Change] = []
    for start in range(0, len(decisions), _CHUNK):
        part = decisions[start : start + _CHUNK]
        facts = RowRules(found.rules, found.facts[start : start + _CHUNK]) if found else None
        changes += _append(connection, part, facts)
    return changes


def settle_all(connection: Connection, turn_ids: Iterable[int]) -> None:
    """Compute the resolution of these turns anew from their journal."""
    remaining = iter(turn_ids)
    while part := list(islice(remaining, _CHUNK)):
        outputs = _outputs(connection, part)
        histories = histories_of(connection, part)
        _write(connection, {turn: outputs[turn].resolved(turn, histories[turn]) for turn in part})


def resolutions(connection: Connection, turn_ids: Sequence[int]) -> dict[int, Resolution]:
    """Return the current state of turns.

    Raises:
        DecisionError: One of them is not there.
    """
    found: dict[int, Resolution] = {}
    for part in parts(turn_ids):
        tiers = dict(connection.execute(select(_TURN.c.id, _TURN.c.tier).where(_TURN.c.id.in_(part))).all())
        for turn in part:
            if turn not in tiers:
                raise DecisionError(f"There is no turn {turn}; nothing was recorded.")
            found[turn] = Resolution(turn=turn, tier=tiers[turn])
        rows = connection.execute(select(_R).where(_R.c.turn_id.in_(part))).mappings()
        found |= {row["turn_id"]: resolution_of(dict(row)) for row in rows}
    return found


def heard_since(connection: Connection, seen: int, newest: int, base: int) -> list[Heard]:
    """Return the turns that decisions in ``seen`` < id <= ``newest`` are about, by the first of them."""
    query = select(_D).where(_D.c.id > seen, _D.c.id <= newest).order_by(_D.c.id)
    fresh: defaultdict[int, list[Decision]] = defaultdict(list)
    for row in connection.execute(query):
        fresh[row.turn_id].append(decision_of(row))
    heard: list[Heard] = []
    for turns in parts(list(fresh)):
        now, outputs = resolutions(connection, turns), _outputs(connection, turns)
        histories = histories_of(connection, turns)
        before = {
            turn: outputs[turn].resolved(turn, [one for one in histories[turn] if one.id <= base])
            for turn in turns
        }
        settling = {one.decision for states in (now, before) for one in states.values() if one.decision}
        facts = facts_by_decision(connection, sorted(settling))
        heard += [
            Heard(
                turn,
                before[turn],
                facts.get(before[turn].decision or 0, ()),
                now[turn],
                facts.get(now[turn].decision or 0, ()),
                tuple(fresh[turn]),
            )
            for turn in turns
        ]
    return heard


def resolution_of(row: dict[str, Any]) -> Resolution:
    """Return the resolution that a row holds."""
    row["turn"], row["decision"] = row.pop("turn_id"), row.pop("decision_id")
    row["tags"] = msgspec.json.decode(row["tags"])
    return msgspec.convert(row, Resolution)


def decision_of(row: Row[Any]) -> Decision:
    """Return the decision that a row holds."""
    body = msgspec.json.decode(row.body, type=_Body)
    return Decision(
        turn=row.turn_id,
        kind=msgspec.convert(row.kind, DecisionKind),
        reviewer=row.reviewer,
        at=row.at,
        act=row.act,
        undoes=row.undoes,
        id=row.id,
        **{name: getattr(body, name) for name in _Body.__struct_fields__},
    )


def history(connection: Connection, turn_id: int) -> list[Decision]:
    """Return everything ever decided on a turn, oldest first."""
    query = select(_D).where(_D.c.turn_id == turn_id).order_by(_D.c.id)
    return [decision_of(row) for row in connection.execute(query)]


def histories_of(connection: Connection, turns: Sequence[int]) -> defaultdict[int, list[Decision]]:
    """Return everything ever decided on turns, oldest first."""
    found: defaultdict[int, list[Decision]] = defaultdict(list)
    for part in parts(turns):
        query = select(_D).where(_D.c.turn_id.in_(part)).order_by(_D.c.id)
        for row in connection.execute(query):
            found[row.turn_id].append(decision_of(row))
    return found


def parts(values: Sequence[T]) -> Iterator[list[T]]:
    """Cut values into as many as one statement asks for."""
    for start in range(0, len(values), _CHUNK):
        yield list(values[start : start + _CHUNK])


def _append(connection: Connection, decisions: Sequence[Decision], found: RowRules | None) -> list[Change]:
    turns = list(dict.fromkeys(decision.turn for decision in decisions))
    standing = resolutions(connection, turns)
    outputs, histories = _outputs(connection, turns), histories_of(connection, turns)
    ids = _insert(connection, decisions)
    if found:
        add_facts(connection, found.rules, dict(zip(ids, found.facts, strict=True)))
    steps: list[tuple[Decision, Resolution, Resolution]] = []
    for decision, id in zip(decisions, ids, strict=True):
        before = standing[decision.turn]
        histories[decision.turn].append(replace(decision, id=id))
        after = outputs[decision.turn].resolved(decision.turn, histories[decision.turn])
        standing[decision.turn] = after
        steps.append((decision, before, after))
    _write(connection, standing)
    return list(_changes(connection, steps))


def _changes(
    connection: Connection, steps: Sequence[tuple[Decision, Resolution, Resolution]]
) -> Iterator[Change]:
    settling = {one.decision for _, *both in steps for one in both if one.decision}
    known = facts_by_decision(connection, sorted(settling))
    for decision, before, after in steps:
        yield Change(
            decision.turn,
            before,
            after,
            decision.act,
            decision.kind,
            known.get(before.decision or 0, ()),
            known.get(after.decision or 0, ()),
        )


def _insert(connection: Connection, decisions: Sequence[Decision]) -> list[int]:
    rows = [
        {
            "turn_id": decision.turn,
            "kind": decision.kind,
            "act": decision.act,
            "undoes": decision.undoes,
            "reviewer": decision.reviewer,
            "at": decision.at,
            "body": _body(decision),
        }
        for decision in decisions
    ]
    query = insert(_D).returning(_D.c.id, sort_by_parameter_order=True)
    return list(connection.execute(query, rows).scalars())


def _body(decision: Decision) -> str:
    body = _Body(**{name: getattr(decision, name) for name in _Body.__struct_fields__})
    return msgspec.json.encode(body).decode()


def _outputs(connection: Connection, turns: Sequence[int]) -> dict[int, _Said]:
    """Return tier, output and raw text of each turn."""
    query = (
        select(_TURN.c.id, _TURN.c.tier, _TEXT.c.output, _TEXT.c.raw, _MESSAGE.c.body)
        .join(_TEXT, _TEXT.c.turn_id == _TURN.c.id)
        .outerjoin(_MESSAGE, _MESSAGE.c.id == _TEXT.c.answer_id)
        .where(_TURN.c.id.in_(turns))
    )
    found: dict[int, _Said] = {}
    for turn, tier, stored, own, answer in connection.execute(query):
        raw = raw_text(own, answer)
        found[turn] = _Said(tier, unpack_output(stored, raw), raw)
    return found


def _write(connection: Connection, standing: dict[int, Resolution]) -> None:
    """Replace the resolutions of turns and the states in their narrow rows."""
    connection.execute(delete(_R).where(_R.c.turn_id.in_(list(standing))))
    kept = [_row(one) for one in standing.values() if _is_kept(one)]
    if kept:
        connection.execute(insert(_R), kept)
    by_state: defaultdict[TurnState, list[int]] = defaultdict(list)
    for turn, one in standing.items():
        by_state[one.state].append(turn)
    for state, turns in by_state.items():
        connection.execute(update(_TURN).where(_TURN.c.id.in_(turns)).values(state=state))


def _is_kept(one: Resolution) -> bool:
    return one.state != "undecided" or bool(one.tags or one.preferences) or one.redactions is not None


def _row(one: Resolution) -> dict[str, Any]:
    values = msgspec.structs.asdict(one)
    values["turn_id"], values["decision_id"] = values.pop("turn"), values.pop("decision")
    values["tags"] = msgspec.json.encode(one.tags).decode()
    return values
