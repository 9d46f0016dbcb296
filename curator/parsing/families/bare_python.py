"""Python in a call tag, ``<tool_call>result = f(1, a="x")</tool_call>``, as Punie's early data has it.

The calls of tools with literal arguments are read; code around them is no part of a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from keyword import iskeyword
from typing import Any

from curator.model import Problem, ToolCall
from curator.parsing.json_calls import REPAIRED, status_of
from curator.parsing.python_calls import written
from curator.parsing.python_code import CodeCall, tool_calls
from curator.parsing.registry import Read, Syntax, register
from curator.parsing.rendering import RenderError
from curator.parsing.scan import Scan

ID = "bare-python"
OPEN, CLOSE = "<tool_call>", "</tool_call>"


def read(scan: Scan, marker: str, at: int) -> Read | None:
    """Read the code up to the close tag, if it calls a tool."""
    close = scan.find(CLOSE, at)
    if close == -1 or scan.find_or_end(OPEN, at + len(OPEN)) < close:
        return None
    found = tool_calls(scan.text[at + len(OPEN) : close])
    if not found:
        return None
    span = (at, close + len(CLOSE))
    literal = [one for one in found if one.is_literal]
    if not literal:
        why = f"the arguments of {found[0].name} are no literal values"
        return Read(*span, problems=(Problem("malformed", why, span),))
    calls, problems = [], []
    for one in literal:
        notes: list[str] = []
        arguments = _named(scan, one, notes)
        calls.append(ToolCall(one.name, arguments, ID, status_of(one.name, scan, notes), span))
        problems += [Problem(REPAIRED, f"{one.name}: {note}", span) for note in notes]
    return Read(*span, tuple(calls), tuple(dict.fromkeys(problems)))


def _named(scan: Scan, call: CodeCall, notes: list[str]) -> dict[str, Any]:
    """Give positional arguments the names of the tool's parameters, else numbered ones."""
    tool = scan.tools.get(call.name)
    properties = (tool.parameters or {}).get("properties") if tool else None
    free = [name for name in properties if name not in call.named] if isinstance(properties, dict) else []
    if call.positional:
        known = len(call.positional) <= len(free)
        notes.append(f"arguments without names were {'named as the tool has them' if known else 'numbered'}")
        if not known:
            free = [f"arg{position}" for position in range(1, len(call.positional) + 1)]
    return {**dict(zip(free, call.positional, strict=False)), **call.named}


def render(calls: Sequence[ToolCall]) -> str:
    """Return one tag pair a call.

    Raises:
        RenderError: for a name that Python would not read as one.
    """
    for call in calls:
        if not all(part.isidentifier() and not iskeyword(part) for part in call.name.split(".")):
            raise RenderError(f"A tool cannot be named {call.name!r} in {ID}.")
    return "\n".join(f"{OPEN}\nresult = {written(call)}\n{CLOSE}" for call in calls)


register(Syntax(ID, (OPEN,), read, render, rank=90))
