"""Facts of rows, kept beside their decisions: meters start from one query and then move by differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, insert, not_, or_, select

from curator.store.rows import Facts, RowFacts
from curator.store.tables import ResolutionTable, RowFactsTable, table_of

_FACTS, _R = table_of(RowFactsTable), table_of(ResolutionTable)
_decoder = msgspec.json.Decoder(Facts)
_BETWEEN = '"],["'


class RowRules(NamedTuple):
    """The facts of some rows, and a fingerprint of the rules they were found by."""

    rules: str
    facts: Sequence[Facts]


class FactBook:
    """Reads and writes the facts of the rows that stand."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)

    def tally(self, rules: str, tier: str | None = None) -> dict[str, dict[str, int]]:
        """Count what plain rows show, by kind and value: those by these rules, without tags or hidings."""
        query = select(_FACTS.c.facts).join(_R, _FACTS.c.decision_id == _R.c.decision_id)
        query = query.where(_R.c.sft_rows > 0, *_of_tier(tier), _plain(rules))
        with self._engine.connect() as connection:
            texts = connection.execute(query).scalars()
            # Few of a million facts differ, so they are counted as text. In JSON the quotes of a string
            # are escaped: what stands between two facts occurs nowhere else.
            counts = Counter(chain.from_iterable(text[3:-3].split(_BETWEEN) for text in texts))
        counts.pop("", None)
        tally: dict[str, dict[str, int]] = {}
        for text, number in counts.items():
            [(kind, value)] = _decoder.decode(f'[["{text}"]]')
            tally.setdefault(kind, {})[value] = number
        return tally

    def standing(self, tier: str | None = None, besides: str | None = None) -> Iterator[RowFacts]:
        """Yield the facts of every row that stands; those never computed have no rules.

        ``besides`` leaves out the plain rows of some rules, which ``tally`` counts.
        """
        query = (
            select(
                _R.c.turn_id,
                _R.c.decision_id,
                _R.c.tier,
                _R.c.tags,
                _R.c.redactions,
                _FACTS.c.rules,
                _FACTS.c.facts,
            )
            .outerjoin(_FACTS, _FACTS.c.decision_id == _R.c.decision_id)
            .where(_R.c.sft_rows > 0, *_of_tier(tier))
        )
        if besides is not None:
            query = query.where(or_(_FACTS.c.rules.is_(None), not_(_plain(besides))))
        with self._engine.connect().execution_options(yield_per=1000) as connection:
            for turn, decision, in_tier, tags, hidden, rules, facts in connection.execute(query):
                found = _decoder.decode(facts) if facts else ()
                given = tuple(msgspec.json.decode(tags))
                yield RowFacts(turn, decision, in_tier, given, hidden is not None, rules or "", found)

    def of(self, decision_id: int | None) -> Facts:
        """Return the facts of one decision's row."""
        if decision_id is None:
            return ()
        with self._engine.connect() as connection:
            return facts_by_decision(connection, [decision_id]).get(decision_id, ())

    def write(self, rules: str, facts: dict[int, Facts]) -> None:
        """Replace the facts of these decisions, in one transaction."""
        with self._writing.begin() as connection:
            for decision_id, found in facts.items():
                write_facts(connection, decision_id, rules, found)


def _plain(rules: str) -> ColumnElement[bool]:
    return and_(_FACTS.c.rules == rules, _R.c.tags == "[]", _R.c.redactions.is_(None))


def _of_tier(tier: str | None) -> list[ColumnElement[bool]]:
    return [] if tier is None else [_R.c.tier == tier]


def facts_by_decision(connection: Connection, decisions: Sequence[int]) -> dict[int, Facts]:
    """Return the facts of decisions that have some."""
    query = select(_FACTS.c.decision_id, _FACTS.c.facts).where(_FACTS.c.decision_id.in_(decisions))
    return {number: _decoder.decode(facts) for number, facts in connection.execute(query)}


def write_facts(connection: Connection, decision_id: int, rules: str, facts: Facts) -> None:
    """Write the facts of one decision in the transaction of ``connection``."""
    connection.execute(delete(_FACTS).where(_FACTS.c.decision_id == decision_id))
    text = msgspec.json.encode(facts).decode()
    connection.execute(insert(_FACTS).values(decision_id=decision_id, rules=rules, facts=text))
