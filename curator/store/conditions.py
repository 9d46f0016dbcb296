"""Conditions over the ``turn`` table that the two databases write differently."""

from __future__ import annotations

import re
from typing import Any
from unicodedata import combining, normalize

from sqlalchemy import BindParameter, Boolean, ColumnElement, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

_WORD = re.compile(r"\w+")
_PLAIN = re.compile(r"""[^\s"\\,:{}\[\]\x00-\x1f\x7f]+""")
_NUMBER_LIKE = re.compile(r"[0-9+.einfty-]*")


class Matches(ColumnElement[bool]):
    """The texts of the turn hold these words, one behind the other; the last one may go on."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, phrase: str) -> None:
        self.words = _WORD.findall(phrase)


@compiles(Matches, "sqlite")
def _match_sqlite(element: Matches, compiler: SQLCompiler, **_: Any) -> str:
    if not element.words:
        return "1 = 1"
    phrase: BindParameter[str] = bindparam(None, f'"{" ".join(element.words)}" *', unique=True)
    found = f"SELECT rowid FROM turn_search WHERE turn_search MATCH {compiler.process(phrase)}"  # noqa: S608
    return f"turn.id IN ({found})"


def without_accents(text: str) -> str:
    """Return text without accents, as SQLite's index has it; PostgreSQL's keeps what it is given."""
    return "".join(c for c in normalize("NFKD", text) if not combining(c))


@compiles(Matches, "postgresql")
def _match_postgres(element: Matches, compiler: SQLCompiler, **_: Any) -> str:
    if not element.words:
        return "TRUE"
    *before, last = map(without_accents, element.words)
    query: BindParameter[str] = bindparam(None, " <-> ".join([*before, f"{last}:*"]), unique=True)
    tsquery = f"to_tsquery('simple', {compiler.process(query)})"
    return f"turn.id IN (SELECT turn_id FROM turn_search WHERE words @@ {tsquery})"  # noqa: S608


def verbatim(text: str) -> str:
    """Return the longest part of a text that stored JSON has as it is wherever a value holds the text.

    It is empty where there is none: what JSON escapes or databases write anew, such as numbers, is left out.
    """
    parts = [part for part in _PLAIN.findall(text) if not _NUMBER_LIKE.fullmatch(part)]
    return max(parts, key=len, default="")


class HasArgument(ColumnElement[bool]):
    """A call of the turn has an argument of this name whose value holds a text, whatever the case."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    def bound(self, compiler: SQLCompiler) -> tuple[str, str, str]:
        """Return the name and the text as parameters of the statement, and what stored outputs must hold.

        Most outputs have nothing of the text: they need not be taken apart.
        """
        name: BindParameter[str] = bindparam(None, self.name, unique=True)
        text: BindParameter[str] = bindparam(None, self.text.lower(), unique=True)
        part: BindParameter[str] = bindparam(None, verbatim(self.text.lower()), unique=True)
        return compiler.process(name), compiler.process(text), compiler.process(part)


@compiles(HasArgument, "sqlite")
def _argument_sqlite(element: HasArgument, compiler: SQLCompiler, **_: Any) -> str:
    name, text, part = element.bound(compiler)
    calls = "turn_text AS x, json_each(x.output, '$[2]') AS c, json_each(c.value, '$[1]') AS a"
    return (
        f"(turn.calls > 0 AND EXISTS (SELECT 1 FROM {calls} "  # noqa: S608
        f"WHERE x.turn_id = turn.id AND instr(lower(x.output), {part}) > 0 "
        f"AND a.key = {name} AND instr(lower(a.value), {text}) > 0))"
    )


@compiles(HasArgument, "postgresql")
def _argument_postgres(element: HasArgument, compiler: SQLCompiler, **_: Any) -> str:
    name, text, part = element.bound(compiler)
    calls = "turn_text AS x, jsonb_array_elements(x.output::jsonb -> 2) AS c, jsonb_each_text(c -> 1) AS a"
    return (
        f"(turn.calls > 0 AND EXISTS (SELECT 1 FROM {calls} "  # noqa: S608
        f"WHERE x.turn_id = turn.id AND strpos(lower(x.output), {part}) > 0 "
        f"AND a.key = {name} AND strpos(lower(a.value), {text}) > 0))"
    )
