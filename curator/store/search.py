"""Full-text search over turns: what was asked and what was answered, behind one interface for both databases.

Each turn is indexed with what is new in it: the messages since the last answer, and its own output.
System prompts and the history that every prompt repeats are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, select, text

from curator.jobs import Progress, QuietProgress
from curator.model import Message
from curator.store.conditions import without_accents
from curator.store.packing import raw_text, unpack_message
from curator.store.tables import MessageTable, PromptTable, TurnTable, TurnTextTable, table_of

_TURN, _TEXT = table_of(TurnTable), table_of(TurnTextTable)
_MESSAGE, _PROMPT = table_of(MessageTable), table_of(PromptTable)
_BATCH = 2_000
_DEPTH = 6
"""So many messages since the last answer are indexed at most."""
_LONGEST = 100_000
"""Of longer texts only so many code points are indexed."""
_SQLITE_INSERT = text("INSERT INTO turn_search(rowid, asked, said) VALUES (:turn, :asked, :said)")
_POSTGRES_INSERT = text(
    "INSERT INTO turn_search(turn_id, words) "
    "VALUES (:turn, to_tsvector('simple', left(:asked || ' ' || :said, 250000))) ON CONFLICT DO NOTHING"
)

INDEXING = "search index"
"""Name of the phase that indexes; it counts turns."""


class _Texts(NamedTuple):
    turn: int
    asked: str
    said: str


class TextIndex:
    """Keeps the index of texts up to date."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)

    def waiting(self) -> int:
        """Return how many turns are not in the index yet."""
        with self._engine.connect() as connection:
            newest = connection.execute(select(func.max(_TURN.c.id))).scalar() or 0
            return max(0, newest - _indexed(connection))

    def catch_up(self, progress: Progress | None = None) -> int:
        """Index the turns that are not there yet, in batches; return how many.

        Ends early when ``progress`` is cancelled; the next call goes on from there.
        """
        progress = progress or QuietProgress()
        waiting, done = self.waiting(), 0
        if not waiting:
            return 0
        progress.begin(INDEXING, waiting)
        while not progress.cancelled:
            with self._writing.begin() as connection:
                batch = _unindexed(connection)
                if not batch:
                    break
                if connection.dialect.name == "sqlite":
                    connection.execute(_SQLITE_INSERT, [one._asdict() for one in batch])
                else:
                    connection.execute(_POSTGRES_INSERT, [_folded(one) for one in batch])
            done += len(batch)
            progress.advance(len(batch))
        return done


def _folded(texts: _Texts) -> dict[str, int | str]:
    # A text column of PostgreSQL holds no NUL.
    asked, said = (without_accents(text).replace("\0", " ") for text in (texts.asked, texts.said))
    return {"turn": texts.turn, "asked": asked, "said": said}


def _indexed(connection: Connection) -> int:
    """Return the greatest id in the index; turns are indexed in the order of their ids."""
    if connection.dialect.name == "sqlite":
        query = "SELECT max(id) FROM turn_search_docsize"
    else:
        query = "SELECT max(turn_id) FROM turn_search"
    return connection.execute(text(query)).scalar() or 0


def _unindexed(connection: Connection) -> list[_Texts]:
    query = (
        select(_TEXT.c.turn_id, _TEXT.c.prompt_id, _TEXT.c.raw, _MESSAGE.c.body)
        .outerjoin(_MESSAGE, _MESSAGE.c.id == _TEXT.c.answer_id)
        .where(_TEXT.c.turn_id > _indexed(connection))
        .order_by(_TEXT.c.turn_id)
        .limit(_BATCH)
    )
    rows = connection.execute(query).all()
    asked = _asked(connection, [row.prompt_id for row in rows if row.prompt_id is not None])
    return [
        _Texts(row.turn_id, asked.get(row.prompt_id, "")[:_LONGEST], raw_text(row.raw, row.body)[:_LONGEST])
        for row in rows
    ]


def _asked(connection: Connection, prompts: Sequence[int]) -> dict[int, str]:
    """Return for each prompt the texts since its last answer, without the system prompt."""
    said: dict[int, list[str]] = {prompt: [] for prompt in prompts}
    at = {prompt: prompt for prompt in prompts}
    for _ in range(_DEPTH):
        nodes = _nodes(connection, sorted(set(at.values())))
        for prompt, node in list(at.items()):
            parent, message = nodes.get(node, (0, None))
            if message is None or message.role in ("assistant", "system"):
                del at[prompt]
                continue
            said[prompt].append(message.content)
            at[prompt] = parent
            if not parent:
                del at[prompt]
        if not at:
            break
    return {prompt: "\n".join(reversed(texts)) for prompt, texts in said.items()}


def _nodes(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[int, Message]]:
    found: dict[int, tuple[int, Message]] = {}
    for start in range(0, len(ids), 500):
        query = (
            select(_PROMPT.c.id, _PROMPT.c.parent_id, _MESSAGE.c.body)
            .join(_MESSAGE, _MESSAGE.c.id == _PROMPT.c.message_id)
            .where(_PROMPT.c.id.in_(ids[start : start + 500]))
        )
        found.update({n: (parent, unpack_message(body)) for n, parent, body in connection.execute(query)})
    return found
