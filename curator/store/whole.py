"""Reads whole turns, one or hundreds at a time: two statements for all of them, shared texts decoded once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, func, select

from curator.errors import CuratorError
from curator.model import Message, Origin, SourceRef, ToolSpec, Turn
from curator.store.packing import Rest, raw_text, unpack_message, unpack_output
from curator.store.tables import (
    MessageTable,
    PromptTable,
    SessionTable,
    SourceTable,
    ToolsetTable,
    TurnTable,
    TurnTextTable,
    table_of,
)

CHUNK = 256
"""So many turns are read at once; more hold more memory and are no quicker."""

_T, _X = table_of(TurnTable), table_of(TurnTextTable)
_SESSION, _SOURCE = table_of(SessionTable), table_of(SourceTable)
_MESSAGE, _TOOLSET, _P = table_of(MessageTable), table_of(ToolsetTable), table_of(PromptTable)
_Prompt = tuple[Message, ...]
_Tools = tuple[ToolSpec, ...]
_rest = msgspec.json.Decoder(Rest)
_tools = msgspec.json.Decoder(_Tools)


def _select_rows() -> Select[Any]:
    t, x = _T.c, _X.c
    return (
        select(
            t.id,
            t.key,
            _SESSION.c.key.label("session"),
            t.idx,
            t.tier,
            t.origin,
            x.prompt_id,
            x.toolset_id,
            _TOOLSET.c.body.label("tools"),
            x.raw,
            _MESSAGE.c.body.label("answer"),
            x.output,
            x.rest,
            func.coalesce(x.path, _SOURCE.c.path).label("path"),
            x.start,
            x.end,
            x.line,
        )
        .join(_X, x.turn_id == t.id)
        .join(_SESSION, _SESSION.c.id == t.session_id)
        .join(_SOURCE, _SOURCE.c.id == t.source_id)
        .outerjoin(_TOOLSET, _TOOLSET.c.id == x.toolset_id)
        .outerjoin(_MESSAGE, _MESSAGE.c.id == x.answer_id)
        .where(t.id.in_(_IDS))
    )


def _select_nodes() -> Select[Any]:
    """Select the nodes that end prompts, and all above them."""
    p, parent = _P.c, _P.alias().c
    tree = select(p.id, p.parent_id, p.message_id).where(p.id.in_(_IDS)).cte(recursive=True)
    above = select(parent.id, parent.parent_id, parent.message_id).join(tree, parent.id == tree.c.parent_id)
    # Not UNION ALL: a node that several prompts share is met once.
    tree = tree.union(above)
    columns = (tree.c.id, tree.c.parent_id, tree.c.message_id, _MESSAGE.c.body)
    return select(*columns).join(_MESSAGE, _MESSAGE.c.id == tree.c.message_id)


# Built once: SQLAlchemy takes longer for that than SQLite for the rows of one turn.
_IDS: BindParameter[list[int]] = bindparam("ids", expanding=True)
_ROWS, _NODES = _select_rows(), _select_nodes()


def read_turns(connection: Connection, ids: Sequence[int]) -> list[Turn]:
    """Return the turns of ``ids``, in their order; what they have in common, messages and tools, they share.

    Raises:
        CuratorError: One of them is not there.
    """
    rows = {row.id: row for row in connection.execute(_ROWS, {"ids": list(ids)})}
    for turn_id in ids:
        if turn_id not in rows:
            raise CuratorError(f"There is no turn {turn_id}; `curator search` lists them.")
    prompts = _prompts(connection, {row.prompt_id for row in rows.values() if row.prompt_id is not None})
    toolsets = {row.toolset_id: row.tools for row in rows.values() if row.toolset_id is not None}
    tools = {toolset: _tools.decode(body) for toolset, body in toolsets.items()}
    turns = {
        id: _turn(row, prompts.get(row.prompt_id, ()), tools.get(row.toolset_id, ()))
        for id, row in rows.items()
    }
    return [turns[turn_id] for turn_id in ids]


def chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """Cut ids into as many as are read at once."""
    chunk: list[int] = []
    for one in ids:
        chunk.append(one)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _turn(row: Row[Any], prompt: _Prompt, tools: _Tools) -> Turn:
    rest, raw = _rest.decode(row.rest), raw_text(row.raw, row.answer)
    return Turn(
        key=row.key,
        session=row.session,
        index=row.idx,
        prompt=prompt,
        raw=raw,
        output=unpack_output(row.output, raw),
        source=SourceRef(row.path, row.start, row.end, row.line),
        tools=tools,
        tools_in_prompt=rest.tools_in_prompt,
        structured=rest.structured,
        outcomes=rest.outcomes,
        tier=row.tier,
        origin=msgspec.convert(row.origin, Origin),
        finish_reason=rest.finish_reason,
        model=rest.model,
        provider=rest.provider,
        timestamp=rest.timestamp,
        labels=rest.labels,
        id=row.id,
    )


def _prompts(connection: Connection, ends: set[int]) -> dict[int, _Prompt]:
    """Return the prompts that end with these nodes, walking the tree above them once."""
    if not ends:
        return {}
    wanted = sorted(ends)
    messages: dict[int, Message] = {}
    nodes: dict[int, tuple[int, Message]] = {}
    for node, above, number, body in connection.execute(_NODES, {"ids": wanted}):
        message = messages.get(number)
        if message is None:
            message = messages[number] = unpack_message(body)
        nodes[node] = above, message
    prompts: dict[int, _Prompt] = {}
    # A child has a greater id than its parent, so a prompt comes after those that it goes on from.
    for end in wanted:
        prompts[end] = _joined(end, nodes, prompts)
    return prompts


def _joined(node: int, nodes: dict[int, tuple[int, Message]], known: dict[int, _Prompt]) -> _Prompt:
    last: list[Message] = []
    while node in nodes and node not in known:
        node, message = nodes[node]
        last.append(message)
    return known.get(node, ()) + tuple(reversed(last))
