"""Reads from a workspace's database what an ingest must leave behind, however often it was interrupted."""

from __future__ import annotations

import contextlib
import sqlite3
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

_SIZE = 16
_COUNTED = {
    "sessions": "SELECT count(*) FROM session",
    "calls": "SELECT count(*) FROM turn_call",
    "usable calls": "SELECT count(*) FROM turn_call WHERE status = 'ok'",
    "findings": "SELECT count(*) FROM finding",
    "errors": "SELECT sum(errors) FROM turn",
    "warnings": "SELECT sum(warnings) FROM turn",
    "messages": "SELECT count(*) FROM message",
    "prompts": "SELECT count(*) FROM prompt",
}


class EndState(NamedTuple):
    """What two workspaces of the same log must have in common."""

    turns: frozenset[bytes]
    """A hash of the key, the raw output and the prompt of each turn."""
    counts: dict[str, int]
    integrity: str
    """``ok``, or what SQLite found wrong."""

    def differences(self, other: EndState) -> list[str]:
        """Say in what the other one differs."""
        found = [f"integrity: {state.integrity}" for state in (self, other) if state.integrity != "ok"]
        if self.turns != other.turns:
            lost, more = len(self.turns - other.turns), len(other.turns - self.turns)
            found.append(f"turns: {lost:,} missing, {more:,} more")
        for name in sorted(self.counts.keys() | other.counts.keys()):
            here, there = self.counts.get(name, 0), other.counts.get(name, 0)
            if here != there:
                found.append(f"{name}: {here:,} and {there:,}")
        return found


def end_state(database: Path) -> EndState:
    """Read a database."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as file:
        counts = {name: int(file.execute(query).fetchone()[0] or 0) for name, query in _COUNTED.items()}
        counts |= {
            f"findings of {check}": number
            for check, number in file.execute("SELECT check_id, count(*) FROM finding GROUP BY 1")
        }
        integrity = str(file.execute("PRAGMA integrity_check").fetchone()[0])
        return EndState(_turns(file), counts, integrity)


def _turns(file: sqlite3.Connection) -> frozenset[bytes]:
    prompts = _prompt_hashes(file)
    rows = file.execute(_TURNS)
    return frozenset(
        _hash(key, _hash(raw.encode("utf-8", "replace")), prompts[prompt or 0]) for key, prompt, raw in rows
    )


_TURNS = """
SELECT key, prompt_id, coalesce(raw, body, '')
FROM turn JOIN turn_text ON turn_id = turn.id LEFT JOIN message ON message.id = answer_id
"""
"""Where a raw output is shared with a later prompt, the body of that message stands for it."""


def _prompt_hashes(file: sqlite3.Connection) -> dict[int, bytes]:
    """Return the hash of the messages of each prompt by its id; 0 is the empty one.

    A prompt is stored after the one that it continues.
    """
    bodies = {number: _hash(body.encode()) for number, body in file.execute("SELECT id, body FROM message")}
    hashes = {0: b""}
    for number, parent, message in file.execute("SELECT id, parent_id, message_id FROM prompt ORDER BY id"):
        hashes[number] = _hash(hashes[parent or 0], bodies[message])
    return hashes


def _hash(*parts: bytes) -> bytes:
    return blake2b(b"".join(parts), digest_size=_SIZE).digest()
