"""Candidates that preferences compared: stored once by their hash, in the transaction of the decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Connection, Engine, insert, select

from curator.model import Candidate
from curator.store.packing import digest
from curator.store.tables import CandidateTable, table_of

_C = table_of(CandidateTable)
_encode = msgspec.json.Encoder(order="deterministic").encode
_decoder = msgspec.json.Decoder(Candidate)
_CHUNK = 500


class Candidates:
    """Reads the candidates of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, hashes: Iterable[str]) -> dict[str, Candidate]:
        """Return candidates by their hashes; those that are not there are left out."""
        wanted = [bytes.fromhex(one) for one in dict.fromkeys(hashes)]
        found: dict[str, Candidate] = {}
        with self._engine.connect() as connection:
            for start in range(0, len(wanted), _CHUNK):
                query = select(_C.c.hash, _C.c.body).where(_C.c.hash.in_(wanted[start : start + _CHUNK]))
                found |= {bytes(h).hex(): _decoder.decode(b) for h, b in connection.execute(query)}
        return found


def candidate_hash(candidate: Candidate) -> str:
    """Return the hash under which a candidate is stored, in hex digits."""
    return digest(_encode(candidate)).hex()


def keep_candidates(connection: Connection, candidates: Sequence[Candidate]) -> None:
    """Store those of the candidates that are not there yet."""
    bodies = {digest(body): body for body in map(_encode, candidates)}
    if not bodies:
        return
    known = connection.execute(select(_C.c.hash).where(_C.c.hash.in_(list(bodies)))).scalars()
    there = {bytes(one) for one in known}
    fresh = [{"hash": h, "body": body.decode()} for h, body in bodies.items() if h not in there]
    if fresh:
        connection.execute(insert(_C), fresh)
