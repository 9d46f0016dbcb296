"""Content addressing: gives the messages, tool lists and prompts of a pack their ids, storing what is new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, func, insert, select

from curator.store.packing import NONE, Body, Node, Pack
from curator.store.tables import (
    MessageHashTable,
    MessageTable,
    PromptTable,
    ToolsetHashTable,
    ToolsetTable,
    table_of,
)

_CHUNK = 500
"""Keys per IN list; SQLite and PostgreSQL both take far more, plans stay small."""
_REMEMBERED = 20_000
"""Ids kept at hand between packs: dialogues go on from one to the next."""

_MESSAGE, _MESSAGE_HASH = table_of(MessageTable), table_of(MessageHashTable)
_TOOLSET, _TOOLSET_HASH = table_of(ToolsetTable), table_of(ToolsetHashTable)
_PROMPT = table_of(PromptTable)


Key = TypeVar("Key", bytes, tuple[int, int])


class Interner:
    """Knows the ids of what was stored last. After a transaction that failed, use a new one."""

    def __init__(self) -> None:
        self._messages: dict[bytes, int] = {}
        self._toolsets: dict[bytes, int] = {}
        self._prompts: dict[tuple[int, int], int] = {}

    def intern(self, connection: Connection, pack: Pack) -> tuple[list[int], list[int], list[int]]:
        """Return the ids of the messages, tool lists and prompts of a pack, in its order."""
        messages = _intern(connection, _MESSAGE, _MESSAGE_HASH, pack.messages, self._messages)
        toolsets = _intern(connection, _TOOLSET, _TOOLSET_HASH, pack.toolsets, self._toolsets)
        prompts = self._nodes(connection, pack.nodes, messages)
        _forget_old(self._messages)
        _forget_old(self._toolsets)
        _forget_old(self._prompts)
        return messages, toolsets, prompts

    def _nodes(self, connection: Connection, nodes: Sequence[Node], messages: Sequence[int]) -> list[int]:
        """Resolve the tree level by level: a node can only be known where its parent is."""
        ids = [0] * len(nodes)
        next_id = _next_id(connection, _PROMPT)
        fresh: list[tuple[int, int, int]] = []
        for level in _levels(nodes):
            keys = {
                n: (ids[p] if (p := nodes[n].parent) != NONE else 0, messages[nodes[n].message])
                for n in level
            }
            old_parents = next_id - len(fresh)
            self._look_up(connection, [k for k in keys.values() if k[0] < old_parents])
            for n, key in keys.items():
                if key not in self._prompts:
                    self._prompts[key] = next_id
                    fresh.append((next_id, *key))
                    next_id += 1
                ids[n] = self._prompts[key]
        insert_rows(connection, _PROMPT, ("id", "parent_id", "message_id"), fresh)
        return ids

    def _look_up(self, connection: Connection, keys: Iterable[tuple[int, int]]) -> None:
        wanted = {key for key in keys if key not in self._prompts}
        p = _PROMPT.c
        parents = sorted({parent for parent, _ in wanted})
        children = {message for _, message in wanted}
        for start in range(0, len(parents), _CHUNK):
            query = select(p.parent_id, p.message_id, p.id).where(
                p.parent_id.in_(parents[start : start + _CHUNK])
            )
            if len(children) <= _CHUNK:
                query = query.where(p.message_id.in_(children))
            found = connection.execute(query)
            self._prompts.update({(parent, m): n for parent, m, n in found if (parent, m) in wanted})


def _levels(nodes: Sequence[Node]) -> list[list[int]]:
    """Return the positions of the nodes by their depth; parents stand before their children."""
    depths: list[int] = []
    levels: list[list[int]] = []
    for position, node in enumerate(nodes):
        depth = 0 if node.parent == NONE else depths[node.parent] + 1
        depths.append(depth)
        if depth == len(levels):
            levels.append([])
        levels[depth].append(position)
    return levels


def _intern(
    connection: Connection, table: Table, hashes: Table, bodies: Sequence[Body], known: dict[bytes, int]
) -> list[int]:
    """Return the ids of texts by their hashes; store those that are new."""
    wanted = [body.hash for body in bodies if body.hash not in known]
    for start in range(0, len(wanted), _CHUNK):
        query = select(hashes.c.hash, hashes.c.id).where(hashes.c.hash.in_(wanted[start : start + _CHUNK]))
        known.update({bytes(h): i for h, i in connection.execute(query)})
    next_id = _next_id(connection, table)
    fresh: list[tuple[int, str]] = []
    fresh_hashes: list[tuple[bytes, int]] = []
    for body in bodies:
        if body.hash not in known:
            known[body.hash] = next_id
            fresh.append((next_id, body.body.decode()))
            fresh_hashes.append((body.hash, next_id))
            next_id += 1
    insert_rows(connection, table, ("id", "body"), fresh)
    insert_rows(connection, hashes, ("hash", "id"), fresh_hashes)
    return [known[body.hash] for body in bodies]


def _next_id(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()) + 1


def _forget_old(known: dict[Key, int]) -> None:
    for key in list(islice(known, max(0, len(known) - _REMEMBERED))):
        del known[key]


def insert_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
) -> None:
    """Insert rows of plain values that fit the columns as they are, in that order.

    They go to the driver as tuples: binding them by name costs more than storing them.
    """
    if not rows:
        return
    style = "qmark" if connection.dialect.name == "sqlite" else "format"
    dialect_class: Any = type(connection.dialect)
    statement = insert(table).compile(dialect=dialect_class(paramstyle=style), column_keys=list(columns))
    connection.exec_driver_sql(str(statement), [tuple(row) for row in rows])
