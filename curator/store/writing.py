"""Stores packs: what a pack holds and the database does not, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, func, select

from curator.model import Finding
from curator.store.addressing import Interner, insert_rows
from curator.store.packing import NONE, Node, Pack, PackedSession, PackedTurn, suspicion
from curator.store.rows import Added
from curator.store.tables import (
    CallTable,
    FindingTable,
    SessionTable,
    TurnTable,
    TurnTextTable,
    table_of,
)

_CHUNK = 500
_TURN, _TEXT, _CALL = table_of(TurnTable), table_of(TurnTextTable), table_of(CallTable)
_FINDING, _SESSION = table_of(FindingTable), table_of(SessionTable)
_TURN_COLUMNS = [
    "id",
    "key",
    "session_id",
    "source_id",
    "idx",
    "tier",
    "origin",
    "calls",
    "thinks",
    "errors",
    "warnings",
    "suspicion",
    "state",
]
_TEXT_COLUMNS = [
    "turn_id",
    "prompt_id",
    "toolset_id",
    "answer_id",
    "path",
    "start",
    "end",
    "line",
    "raw",
    "output",
    "rest",
]
_SESSION_COLUMNS = ["key", "source_id", "name", "tier", "model", "provider", "started_at"]
_FINDING_COLUMNS = ["turn_id", "check_id", "severity", "message", "evidence", "suggestion"]


class Into(NamedTuple):
    """The source that turns belong to; ``path`` is not repeated in each of them."""

    source_id: int
    path: str


def write_pack(connection: Connection, interner: Interner, into: Into, pack: Pack) -> Added:
    """Store the sessions and turns of a pack that are not there yet; both are known by their keys."""
    known = _places(connection, [turn.key for turn in pack.turns])
    fresh: dict[str, PackedTurn] = {}
    repeated = []
    for position, turn in enumerate(pack.turns):
        place = known.get(turn.key)
        if turn.key in fresh or (place and place[0] == into.source_id and place[1] != turn.start):
            repeated.append(position)
        elif place is None:
            fresh[turn.key] = turn
    sessions, added = _write_sessions(connection, into, pack.sessions)
    if fresh:
        _write_turns(connection, interner, into, _pruned(pack, list(fresh.values())), sessions)
    return Added(sessions=added, turns=len(fresh), repeated=tuple(repeated))


def _places(connection: Connection, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return the source and the start of the turns that are stored already."""
    places: dict[str, tuple[int, int]] = {}
    for start in range(0, len(keys), _CHUNK):
        query = (
            select(_TURN.c.key, _TURN.c.source_id, _TEXT.c.start)
            .join(_TEXT, _TEXT.c.turn_id == _TURN.c.id)
            .where(_TURN.c.key.in_(keys[start : start + _CHUNK]))
        )
        places.update((key, (source, at)) for key, source, at in connection.execute(query))
    return places


def finding_rows(turn_id: int, findings: Iterable[Finding]) -> list[tuple[object, ...]]:
    """Return the rows of the finding table for one turn."""
    return [
        (turn_id, f.check, f.severity, f.message, msgspec.json.encode(f.evidence).decode(), f.suggestion)
        for f in findings
    ]


def write_findings(connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows that ``finding_rows`` gave."""
    insert_rows(connection, _FINDING, _FINDING_COLUMNS, rows)


def weights(findings: Sequence[Finding]) -> tuple[int, int, float]:
    """Return the errors, the warnings and the suspicion that a turn has from its findings."""
    errors = sum(f.severity == "error" for f in findings)
    return errors, sum(f.severity == "warning" for f in findings), suspicion(findings)


def _write_sessions(
    connection: Connection, into: Into, sessions: Sequence[PackedSession]
) -> tuple[list[int], int]:
    """Return the ids of the sessions in order, and how many were new."""
    keys = [session.info.key for session in sessions]
    known = _session_ids(connection, list(dict.fromkeys(keys)))
    fresh = {s.info.key: s.info for s in sessions if s.info.key not in known}
    rows = [
        (s.key, into.source_id, s.name, s.tier, s.model, s.provider, s.started_at) for s in fresh.values()
    ]
    insert_rows(connection, _SESSION, _SESSION_COLUMNS, rows)
    known |= _session_ids(connection, list(fresh))
    return [known[key] for key in keys], len(rows)


def _session_ids(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for start in range(0, len(keys), _CHUNK):
        query = select(_SESSION.c.key, _SESSION.c.id).where(_SESSION.c.key.in_(keys[start : start + _CHUNK]))
        ids.update((key, number) for key, number in connection.execute(query))
    return ids


def _pruned(pack: Pack, turns: list[PackedTurn]) -> Pack:
    """Return a pack with these of its turns alone, and only the texts that they need."""
    if len(turns) == len(pack.turns):
        return pack
    nodes = _with_ancestors(pack.nodes, {turn.prompt for turn in turns})
    messages = {pack.nodes[n].message for n in nodes} | {turn.answer for turn in turns}
    toolsets = {turn.toolset for turn in turns}
    new_node, new_message = _renumbered(nodes), _renumbered(messages)
    new_toolset = _renumbered(toolsets)
    return Pack(
        messages=[pack.messages[m] for m in new_message if m != NONE],
        nodes=[
            Node(new_node[node.parent], new_message[node.message])
            for node in (pack.nodes[n] for n in new_node if n != NONE)
        ],
        toolsets=[pack.toolsets[t] for t in new_toolset if t != NONE],
        sessions=pack.sessions,
        turns=[
            msgspec.structs.replace(
                turn,
                prompt=new_node[turn.prompt],
                answer=new_message[turn.answer],
                toolset=new_toolset[turn.toolset],
            )
            for turn in turns
        ],
    )


def _with_ancestors(nodes: Sequence[Node], leaves: set[int]) -> set[int]:
    needed: set[int] = set()
    for leaf in leaves:
        at = leaf
        while at != NONE and at not in needed:
            needed.add(at)
            at = nodes[at].parent
    return needed


def _renumbered(positions: Collection[int]) -> dict[int, int]:
    """Return old position → new position, in order; ``NONE`` stays itself."""
    kept = sorted(position for position in positions if position != NONE)
    return {**{old: new for new, old in enumerate(kept)}, NONE: NONE}


def _write_turns(
    connection: Connection, interner: Interner, into: Into, pack: Pack, sessions: Sequence[int]
) -> None:
    messages, toolsets, prompts = interner.intern(connection, pack)
    first = int(connection.execute(select(func.coalesce(func.max(_TURN.c.id), 0))).scalar_one()) + 1
    numbered = list(enumerate(pack.turns, first))
    turn_rows = [
        (
            turn_id,
            bytes.fromhex(t.key),
            sessions[t.session],
            into.source_id,
            t.index,
            t.tier,
            t.origin,
            len(t.calls),
            t.thinks,
            *weights(t.findings),
            "undecided",
        )
        for turn_id, t in numbered
    ]
    text_rows = [
        (
            turn_id,
            prompts[t.prompt] if t.prompt != NONE else None,
            toolsets[t.toolset] if t.toolset != NONE else None,
            messages[t.answer] if t.answer != NONE else None,
            None if t.path == into.path else t.path,
            t.start,
            t.end,
            t.line,
            t.raw,
            t.output,
            t.rest,
        )
        for turn_id, t in numbered
    ]
    call_rows = [
        (turn_id, position, name, status)
        for turn_id, t in numbered
        for position, (name, status) in enumerate(t.calls)
    ]
    insert_rows(connection, _TURN, _TURN_COLUMNS, turn_rows)
    insert_rows(connection, _TEXT, _TEXT_COLUMNS, text_rows)
    insert_rows(connection, _CALL, ("turn_id", "idx", "name", "status"), call_rows)
    write_findings(connection, [row for turn_id, t in numbered for row in finding_rows(turn_id, t.findings)])
