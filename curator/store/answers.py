"""Generated answers: what a model said when it was asked a turn's prompt again. Added, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Engine, func, insert, select

from curator.errors import CuratorError
from curator.store.packing import digest
from curator.store.tables import AnswerTable, TurnTable, table_of

_A, _T = table_of(AnswerTable), table_of(TurnTable)


class Answer(Struct, frozen=True):
    """One answer to the prompt of a turn: the raw text, and what gave it."""

    turn: int
    raw: str
    model: str
    """Name of the base, with its adapter where it had one, as runs name them."""
    settings: dict[str, Any] = {}
    """What decides the text: engine, temperature, top_p, seed, max_tokens."""
    reviewer: str = ""
    """Who asked for it."""
    at: str = ""
    """UTC, ISO 8601."""
    id: int = 0
    """Row id in the store; 0 before it is stored."""


class Answers:
    """Keeps the answers that were generated for turns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)

    def add(self, answers: Sequence[Answer]) -> list[Answer]:
        """Store answers; return those that were new, with their ids.

        A turn keeps a text once, under the model and settings that gave it first.

        Raises:
            CuratorError: An answer names a turn that is not there.
        """
        with self._writing.begin() as connection:
            wanted = {answer.turn for answer in answers}
            there = set(connection.execute(select(_T.c.id).where(_T.c.id.in_(wanted))).scalars())
            if missing := sorted(wanted - there):
                raise CuratorError(f"There is no turn {missing[0]}; `curator search` lists them.")
            known = {
                (row.turn_id, row.hash)
                for row in connection.execute(select(_A.c.turn_id, _A.c.hash).where(_A.c.turn_id.in_(wanted)))
            }
            added = []
            for answer in answers:
                key = (answer.turn, digest(answer.raw.encode("utf-8", "surrogatepass")))
                if key in known:
                    continue
                known.add(key)
                written = insert(_A).values(_values(answer, key[1])).returning(_A.c.id)
                number = int(connection.execute(written).scalar_one())
                added.append(msgspec.structs.replace(answer, id=number))
            return added

    def of(self, *turn_ids: int) -> list[Answer]:
        """Return the answers to the prompt of a turn, or of several, oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(_A).where(_A.c.turn_id.in_(turn_ids)).order_by(_A.c.id))
            return [_answer(row) for row in rows]

    def get(self, answer_id: int) -> Answer:
        """Return one answer by its id.

        Raises:
            CuratorError: There is no such answer.
        """
        with self._engine.connect() as connection:
            row = connection.execute(select(_A).where(_A.c.id == answer_id)).one_or_none()
        if row is None:
            raise CuratorError(f"There is no generated answer {answer_id}.")
        return _answer(row)

    def turns(self) -> dict[int, int]:
        """Return how many answers each turn has that has any."""
        query = select(_A.c.turn_id, func.count()).group_by(_A.c.turn_id)
        with self._engine.connect() as connection:
            return {turn: int(n) for turn, n in connection.execute(query)}


def _values(answer: Answer, hash: bytes) -> dict[str, Any]:
    return {
        "turn_id": answer.turn,
        "hash": hash,
        "raw": answer.raw,
        "model": answer.model,
        "settings": msgspec.json.encode(answer.settings, order="sorted").decode(),
        "reviewer": answer.reviewer,
        "at": answer.at,
    }


def _answer(row: Any) -> Answer:
    settings = msgspec.json.decode(row.settings, type=dict[str, Any])
    return Answer(row.turn_id, row.raw, row.model, settings, row.reviewer, row.at, row.id)
