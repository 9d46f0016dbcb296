"""Turns that answer the same prompt with the same tools: other runs, other models, other sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Engine, func, select

from curator.store.tables import SessionTable, TurnTable, TurnTextTable, table_of

_X, _T, _S = table_of(TurnTextTable), table_of(TurnTable), table_of(SessionTable)
_CHUNK = 500
MOST = 60
"""Of the turns with one prompt so many are looked at, those that were logged first."""


class Siblings:
    """Finds turns of one database by their prompts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, turn_id: int) -> tuple[int, ...]:
        """Return the turns with the prompt and the tools of this one, itself among them, in log order."""
        own = select(_X.c.prompt_id, _X.c.toolset_id).where(_X.c.turn_id == turn_id)
        with self._engine.connect() as connection:
            prompt, tools = connection.execute(own).one_or_none() or (None, None)
            if prompt is None:
                return (turn_id,)
            query = (
                select(_X.c.turn_id)
                .where(_X.c.prompt_id == prompt, _X.c.toolset_id.is_not_distinct_from(tools))
                .order_by(_X.c.turn_id)
                .limit(MOST)
            )
            found = list(connection.execute(query).scalars())
        return tuple(found) if turn_id in found else (*found, turn_id)

    def models(self, turn_ids: Sequence[int]) -> dict[int, str]:
        """Return the model of each turn's session, where the log names it."""
        query = (
            select(_T.c.id, _S.c.model)
            .join(_S, _S.c.id == _T.c.session_id)
            .where(_T.c.id.in_(turn_ids), _S.c.model.is_not(None))
        )
        with self._engine.connect() as connection:
            return {row.id: row.model for row in connection.execute(query)}

    def groups(self) -> list[tuple[int, ...]]:
        """Return the groups of turns with one prompt and one list of tools that did not all say the same."""
        groups: defaultdict[tuple[int, int | None], dict[int, object]] = defaultdict(dict)
        with self._engine.connect() as connection:
            for turn, prompt, tools, text in _repeated(connection):
                groups[prompt, tools][turn] = text
        differing = [tuple(sorted(one)) for one in groups.values() if len(set(one.values())) > 1]
        return sorted(one[:MOST] for one in differing)


def _repeated(connection: Connection) -> Iterator[tuple[int, int, int | None, object]]:
    """Yield turn, prompt, tools and what stands for the text, of prompts that came more than once."""
    often = select(_X.c.prompt_id).where(_X.c.prompt_id.is_not(None)).group_by(_X.c.prompt_id)
    prompts = list(connection.execute(often.having(func.count() > 1)).scalars())
    columns = _X.c.turn_id, _X.c.prompt_id, _X.c.toolset_id, _X.c.answer_id, _X.c.raw
    for start in range(0, len(prompts), _CHUNK):
        query = select(*columns).where(_X.c.prompt_id.in_(prompts[start : start + _CHUNK]))
        for turn, prompt, tools, answer, raw in connection.execute(query):
            yield turn, prompt, tools, raw if answer is None else answer
