"""The journal of waived gates: appended to, never changed."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine, insert, select

from curator.errors import DecisionError
from curator.store.rows import Waiver
from curator.store.tables import WaiverTable, table_of

_W = table_of(WaiverTable)


class Waivers:
    """Reads and writes waivers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)

    def give(self, gate: str, reason: str, reviewer: str) -> Waiver:
        """Let a gate pass.

        Raises:
            DecisionError: There is no reason.
        """
        if not reason.strip():
            raise DecisionError(f"A waiver of {gate} needs a reason: it travels with the data set.")
        return self._write(Waiver(gate, reason.strip(), reviewer, _now()), withdrawn=False)

    def withdraw(self, gate: str, reviewer: str) -> None:
        """Hold a gate again."""
        self._write(Waiver(gate, "", reviewer, _now()), withdrawn=True)

    def standing(self) -> dict[str, Waiver]:
        """Return the waivers that hold, by gate."""
        found: dict[str, Waiver] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(select(_W).order_by(_W.c.id)):
                if row.withdrawn:
                    found.pop(row.gate, None)
                else:
                    found[row.gate] = Waiver(row.gate, row.reason, row.reviewer, row.at)
        return found

    def _write(self, waiver: Waiver, *, withdrawn: bool) -> Waiver:
        with self._writing.begin() as connection:
            connection.execute(
                insert(_W).values(
                    gate=waiver.gate,
                    reason=waiver.reason,
                    reviewer=waiver.reviewer,
                    at=waiver.at,
                    withdrawn=withdrawn,
                )
            )
        return waiver


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
