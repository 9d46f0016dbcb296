"""What was called before: arguments of recent calls by the name of their tool, from a bounded look back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Engine, select

from curator.model import Correction
from curator.store.packing import unpack_output
from curator.store.tables import CallTable, DecisionTable, TurnTextTable, table_of

_C, _X, _D = table_of(CallTable), table_of(TurnTextTable), table_of(DecisionTable)


class _Body(msgspec.Struct):
    correction: Correction | None = None


_decode = msgspec.json.Decoder(_Body).decode


class Seen:
    """Reads arguments that calls had; never more rows than it is told, however large the workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def arguments(self, tool: str, most: int) -> Iterator[dict[str, Any]]:
        """Yield the arguments of calls of a tool, those of the latest ``most`` turns that called it."""
        latest = select(_C.c.turn_id).where(_C.c.name == tool).order_by(_C.c.turn_id.desc()).limit(most)
        query = select(_X.c.output).where(_X.c.turn_id.in_(latest))
        with self._engine.connect() as connection:
            outputs = connection.execute(query).scalars().all()
        for output in outputs:
            # The calls stand in the output itself; only its texts are cut from the raw one.
            yield from (call.arguments for call in unpack_output(output, "").tool_calls if call.name == tool)

    def corrected(self, tool: str, most: int) -> Iterator[dict[str, Any]]:
        """Yield the arguments that reviewers gave a tool in the latest ``most`` decisions."""
        query = select(_D.c.kind, _D.c.body).order_by(_D.c.id.desc()).limit(most)
        with self._engine.connect() as connection:
            bodies = [body for kind, body in connection.execute(query) if kind == "correction"]
        for body in bodies:
            correction = _decode(body).correction
            calls = correction.tool_calls if correction else ()
            yield from (call.arguments for call in calls if call.name == tool)
