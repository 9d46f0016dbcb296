"""Knows which rows of a source go on where an earlier row ended.

A proxy logs every request with its whole history, so most answers of a row are those of earlier rows.
A row whose beginning is an earlier row, whole, continues that row's session; a row that is equal to an
earlier one is a session of its own, told apart by counting. Rows that name their session need neither:
their turns are known by their keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from curator.ingest.identity import message_digest, prompt_digest, session_key, turn_key
from curator.ingest.items import Item, Repeated, RowSession
from curator.model import Turn
from curator.store import Pack, PackedSession, PackedTurn, raw_text

_END_BYTES, _KEY_BYTES = 8, 16
_ENTRY_BYTES = _END_BYTES + _KEY_BYTES


class Strand(NamedTuple):
    """Where a row belongs."""

    key: str
    """Of its session."""
    history: int = 0
    """So many of its answers, at the beginning, are those of earlier rows."""
    is_first: bool = True
    """Whether it opens its session."""


class Lineage:
    """Remembers how the rows of one source end, in about 100 bytes for each."""

    def __init__(self, stored: Iterable[bytes] = ()) -> None:
        self._roots: dict[int, bytes] = {}
        self._repeats: dict[int, int] = {}
        for entries in stored:
            for at in range(0, len(entries), _ENTRY_BYTES):
                end = int.from_bytes(entries[at : at + _END_BYTES], "little")
                self._put(end, entries[at + _END_BYTES : at + _ENTRY_BYTES])
        self._fresh = bytearray()

    def settle(self, key: str, ends: Sequence[int]) -> Strand:
        """Say where a row belongs, from the key it would have alone and how it ends."""
        if not ends:
            mark = int.from_bytes(bytes.fromhex(key)[:_END_BYTES], "little")
            is_first = mark not in self._roots
            if is_first:
                self._remember(mark, key)
            return Strand(key, is_first=is_first)
        last = ends[-1]
        if last in self._roots:
            own = session_key("again", key, self._repeats.get(last, 0) + 1)
            self._remember(last, own)
            return Strand(own)
        for position in reversed(range(len(ends) - 1)):
            if root := self._roots.get(ends[position]):
                self._remember(last, root.hex())
                return Strand(root.hex(), position + 1, is_first=False)
        self._remember(last, key)
        return Strand(key)

    def take(self) -> bytes:
        """Return what was learned since the last time, to be given to ``stored`` one day."""
        fresh, self._fresh = bytes(self._fresh), bytearray()
        return fresh

    def _remember(self, end: int, key: str) -> None:
        root = bytes.fromhex(key)
        self._put(end, root)
        self._fresh += end.to_bytes(_END_BYTES, "little") + root

    def _put(self, end: int, root: bytes) -> None:
        if end in self._roots:
            self._repeats[end] = self._repeats.get(end, 0) + 1
        else:
            self._roots[end] = root


def settled(items: Iterable[Item]) -> Iterator[Item]:
    """Give the sessions and turns of rows their places; what is history is counted."""
    lineage, strand = Lineage(), Strand("")
    for item in items:
        if isinstance(item, RowSession):
            strand = lineage.settle(item.info.key, item.ends)
            yield replace(item.info, key=strand.key)
        elif isinstance(item, Turn) and item.index < strand.history:
            yield Repeated(1)
        elif isinstance(item, Turn) and item.session != strand.key:
            prompt = prompt_digest(message_digest(message) for message in item.prompt)
            key = turn_key(strand.key, item.index, item.raw, prompt)
            yield replace(item, session=strand.key, key=key)
        else:
            yield item


class Settled(NamedTuple):
    """A pack whose sessions have their places."""

    pack: Pack
    sessions: int
    """How many of them are new in their source."""
    history: int
    """How many turns were left out because an earlier row has them."""


def settle_pack(pack: Pack, lineage: Lineage) -> Settled:
    """Give the sessions and turns of a pack their places."""
    strands = [lineage.settle(session.info.key, session.ends) for session in pack.sessions]
    kept = [turn for turn in pack.turns if turn.index >= strands[turn.session].history]
    turns = [_moved(pack, turn, strands[turn.session].key) for turn in kept]
    sessions = [_renamed(one, strand.key) for one, strand in zip(pack.sessions, strands, strict=True)]
    settled_pack = Pack(pack.messages, pack.nodes, pack.toolsets, sessions, turns)
    return Settled(settled_pack, sum(strand.is_first for strand in strands), len(pack.turns) - len(kept))


def _renamed(session: PackedSession, key: str) -> PackedSession:
    if session.info.key == key:
        return session
    return replace(session, info=replace(session.info, key=key))


def _moved(pack: Pack, turn: PackedTurn, session: str) -> PackedTurn:
    if pack.sessions[turn.session].info.key == session:
        return turn
    answer = pack.messages[turn.answer].body.decode() if turn.raw is None else None
    prompt = prompt_digest(_prompt_hashes(pack, turn.prompt))
    return replace(turn, key=turn_key(session, turn.index, raw_text(turn.raw, answer), prompt))


def _prompt_hashes(pack: Pack, node: int) -> list[bytes]:
    hashes: list[bytes] = []
    while node >= 0:
        hashes.append(pack.messages[pack.nodes[node].message].hash)
        node = pack.nodes[node].parent
    return hashes[::-1]
