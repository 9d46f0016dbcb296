"""Finds the tools that a piece of Python calls; the code is parsed, never run."""

from __future__ import annotations

import ast
import builtins
import textwrap
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

from curator.parsing.json_values import whole_text

_LONGEST = 200_000
"""Code points of Python that are parsed; more than any call holds."""
_WORDS = {"true": True, "false": False, "null": None}


class CodeCall(NamedTuple):
    """One call in the code; ``is_literal`` where all its arguments are values."""

    name: str
    positional: list[Any]
    named: dict[str, Any]
    is_literal: bool


class _NotLiteral(ValueError):
    """An expression that would have to be run."""


def python_tool_names(code: str) -> tuple[str, ...]:
    """Return the names of the tools that ``code`` calls, each once, in the order of the text.

    Builtins, methods of values, and whatever the code itself defines or imports are no tools.
    Code that is no Python has none.
    """
    return tuple(dict.fromkeys(call.name for call in tool_calls(code)))


def tool_calls(code: str) -> list[CodeCall]:
    """Return the calls of tools in ``code``, in the order of the text."""
    tree = _parsed(code)
    if tree is None:
        return []
    own = _defined(tree) | set(dir(builtins))
    found = [(node.lineno, node.col_offset, node) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    calls = []
    for _, _, node in sorted(found, key=lambda one: one[:2]):
        name = _dotted(node.func)
        if name and name.split(".")[0] not in own:
            calls.append(_call(name, node))
    return calls


def _parsed(code: str) -> ast.Module | None:
    if len(code) > _LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(textwrap.dedent(code).strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _defined(tree: ast.Module) -> set[str]:
    """Return the names that the code binds itself."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update((one.asname or one.name).split(".")[0] for one in node.names)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    return names


def _dotted(node: ast.expr) -> str:
    """Return ``a.b.c`` of plain attribute access; of anything else nothing."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _call(name: str, node: ast.Call) -> CodeCall:
    try:
        positional = [_value(one) for one in node.args]
        named = dict(_keywords(node))
    except _NotLiteral:
        return CodeCall(name, [], {}, False)
    return CodeCall(name, positional, named, True)


def _keywords(node: ast.Call) -> Iterator[tuple[str, Any]]:
    for one in node.keywords:
        value = _value(one.value)
        if one.arg is not None:
            yield one.arg, value
        elif isinstance(value, dict):
            yield from value.items()


def _value(node: ast.expr) -> Any:
    """Return the JSON value of a literal; the parser bounds how deep one can be nested."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | None):
        return whole_text(node.value) if isinstance(node.value, str) else node.value
    if isinstance(node, ast.Name) and node.id in _WORDS:
        return _WORDS[node.id]
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(one) for one in node.elts]
    if isinstance(node, ast.Dict):
        return {_key(key): _value(one) for key, one in zip(node.keys, node.values, strict=True)}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = node.operand.value if isinstance(node.operand, ast.Constant) else None
        if isinstance(value, int | float):
            return -value
    raise _NotLiteral("an expression")


def _key(node: ast.expr | None) -> str:
    value = _value(node) if node is not None else None
    if not isinstance(value, str):
        raise _NotLiteral("a key that is no string")
    return value
