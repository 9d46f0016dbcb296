"""What a workspace holds by tier, by source and by number of calls: one query each, over narrow rows."""

from __future__ import annotations

from array import array

from msgspec import Struct
from sqlalchemy import ColumnElement, Engine, case, func, or_, select

from curator.store.tables import FindingTable, ResolutionTable, SourceTable, TurnTable, table_of

_TURN, _R = table_of(TurnTable).c, table_of(ResolutionTable).c
_FINDING, _SOURCE = table_of(FindingTable).c, table_of(SourceTable).c


class TierCounts(Struct, frozen=True):
    """What one tier has."""

    tier: str
    turns: int = 0
    decided: int = 0
    findings: int = 0
    """Errors and warnings of the turns that nobody has decided on."""
    sft_rows: int = 0
    pairs: int = 0
    kto_rows: int = 0


class Summaries:
    """Counts over all turns. Each takes up to a second for a million: for a worker thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def tiers(self) -> list[TierCounts]:
        """Count by tier, in the order of their names."""
        is_open = _TURN.state == "undecided"
        found = case((is_open, _TURN.errors + _TURN.warnings), else_=0)
        turns = select(
            _TURN.tier, func.count(), func.sum(case((is_open, 0), else_=1)), func.sum(found)
        ).group_by(_TURN.tier)
        rows = select(_R.tier, func.sum(_R.sft_rows), func.sum(_R.pairs), func.sum(_R.kto_rows))
        with self._engine.connect() as connection:
            given = {
                tier: tuple(map(int, sums)) for tier, *sums in connection.execute(rows.group_by(_R.tier))
            }
            return [
                TierCounts(tier, *map(int, counts), *given.get(tier, ()))
                for tier, *counts in connection.execute(turns.order_by(_TURN.tier))
            ]

    def rows_by_source(self) -> dict[str, int]:
        """Count the SFT rows by the file that their turns were read from, the largest first."""
        number = func.count()
        query = (
            select(_SOURCE.path, number)
            .join(table_of(TurnTable), _TURN.source_id == _SOURCE.id)
            .join(table_of(ResolutionTable), _R.turn_id == _TURN.id)
            .where(_R.sft_rows > 0)
            .group_by(_SOURCE.path)
            .order_by(number.desc(), _SOURCE.path)
        )
        with self._engine.connect() as connection:
            return dict(connection.execute(query).all())

    def logged_calls(self) -> dict[int, int]:
        """Count the turns by their number of calls, as they were logged."""
        query = select(_TURN.calls, func.count()).group_by(_TURN.calls).order_by(_TURN.calls)
        with self._engine.connect() as connection:
            return dict(connection.execute(query).all())

    def unlooked(self, check: str) -> array[int]:
        """Return the turns with a finding of a check in which nobody has looked for texts to hide.

        Turns that give a row come first, then those with an error; turns that are left out of the data
        are left out here too.
        """
        gives: ColumnElement[bool] = or_(_R.sft_rows > 0, _R.pairs > 0)
        first = func.max(case((gives, 1), else_=0)).desc()
        grave = func.max(case((_FINDING.severity == "error", 1), else_=0)).desc()
        query = (
            select(_FINDING.turn_id)
            .join(table_of(TurnTable), _TURN.id == _FINDING.turn_id)
            .outerjoin(table_of(ResolutionTable), _R.turn_id == _FINDING.turn_id)
            .where(_FINDING.check_id == check, _TURN.state != "skipped", _R.redactions.is_(None))
            .group_by(_FINDING.turn_id)
            .order_by(first, grave, _FINDING.turn_id)
        )
        with self._engine.connect() as connection:
            return array("q", connection.execute(query).scalars())
