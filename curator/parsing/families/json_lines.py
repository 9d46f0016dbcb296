"""Calls as JSON on a line of their own, with no marks at all: bare, wrapped, as action or OpenAI's.

Bare lines are calls when the family is given or the tool is offered, and never in a code fence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from curator.model import ToolCall
from curator.parsing.fences import in_block
from curator.parsing.json_calls import calls_from
from curator.parsing.json_values import Invalid, load
from curator.parsing.registry import Read, Syntax, register
from curator.parsing.scan import Scan
from curator.parsing.wrapped import json_end

_LINE_START = re.compile(r"(?:^|\n|</think>)[ \t]*\Z")
_CLOSE_TAG = re.compile(r"\s*</")
_LINE_END = re.compile(r"[ \t]*+,?[ \t]*+(?:\n|\Z)")

Adapt = Callable[[Any, Scan], dict[str, Any] | None]


@dataclass(frozen=True)
class Line:
    """One way to write a call as a line; ``adapt`` returns it in the usual form, or ``None``."""

    id: str
    adapt: Adapt
    lead: str = ""
    """Words that stand before the object."""

    def read(self, scan: Scan, marker: str, at: int) -> Read | None:
        """Read the object at ``at`` if it fills its line and is a call."""
        start = scan.skip_space(at + len(self.lead))
        if scan.text[start : start + 1] != "{" or (not self.lead and not _starts_line(scan, at)):
            return None
        if in_block(scan, at) and scan.family != self.id:
            return None
        end = json_end(scan, start)
        if end == -1 or not _LINE_END.match(scan.text, end) or _CLOSE_TAG.match(scan.text, end):
            return None
        notes: list[str] = []
        try:
            value = self.adapt(load(scan.text[start:end], notes), scan)
        except Invalid:
            return None
        if value is None:
            return None
        found = calls_from(value, scan, self.id, (at, end), notes)
        return Read(at, end, *found) if found.calls else None


def _starts_line(scan: Scan, at: int) -> bool:
    return _LINE_START.search(scan.text[max(0, at - 40) : at]) is not None


def _bare(value: Any, scan: Scan) -> dict[str, Any] | None:
    """Accept name and arguments, and no other key."""
    key = next((key for key in ("arguments", "parameters") if key in value), None)
    if key is None or len(value) != 2 or not isinstance(value[key], dict):
        return None
    return value if scan.family == "bare-json-line" or value.get("name") in scan.tools else None


def _wrapped(value: Any, scan: Scan) -> dict[str, Any] | None:
    """Accept an object with the one key ``tool_call``."""
    call = value.get("tool_call")
    return call if len(value) == 1 and isinstance(call, dict) and "name" in call else None


def _openai(value: Any, scan: Scan) -> dict[str, Any] | None:
    """Accept a call, not a definition of a tool; its arguments are JSON text by design."""
    function = value.get("function")
    if not isinstance(function, dict) or "arguments" not in function or value.get("type") != "function":
        return None
    arguments = function["arguments"]
    if isinstance(arguments, str) and arguments.strip():
        arguments = load(arguments, [])
    return {"name": function.get("name"), "arguments": arguments, "id": value.get("id")}


def _action(value: Any, scan: Scan) -> dict[str, Any] | None:
    """Accept an action; the one offered tool ``server.action`` is what it means."""
    name = value.get("action")
    if scan.family != "action-envelope" or not isinstance(name, str):
        return None
    arguments = {key: one for key, one in value.items() if key != "action"}
    if list(arguments) == ["arguments"] and isinstance(arguments["arguments"], dict):
        arguments = arguments["arguments"]
    meant = [tool for tool in scan.tools if tool.endswith(f".{name}")]
    return {"name": meant[0] if name not in scan.tools and len(meant) == 1 else name, "arguments": arguments}


def _rows(values: Sequence[dict[str, Any]], lead: str = "") -> str:
    return "\n".join(lead + json.dumps(value, ensure_ascii=False) for value in values)


def _render_bare(calls: Sequence[ToolCall]) -> str:
    return _rows([{"name": call.name, "arguments": call.arguments} for call in calls])


def _render_wrapped(calls: Sequence[ToolCall]) -> str:
    return _rows([{"tool_call": {"name": call.name, "arguments": call.arguments}} for call in calls])


def _render_openai(calls: Sequence[ToolCall]) -> str:
    functions = [
        {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)} for call in calls
    ]
    return _rows([{"type": "function", "function": function} for function in functions], "Tool call: ")


def _render_action(calls: Sequence[ToolCall]) -> str:
    return _rows([_enveloped(call) for call in calls])


def _enveloped(call: ToolCall) -> dict[str, Any]:
    """Write the arguments beside the action, or under a key of their own where they would clash."""
    clashes = "action" in call.arguments or list(call.arguments) == ["arguments"]
    return {"action": call.name, **({"arguments": call.arguments} if clashes else call.arguments)}


def _openings(key: str) -> tuple[str, ...]:
    return (f'{{"{key}"', f'{{ "{key}"')


register(
    Syntax(
        "bare-json-line",
        (),
        Line("bare-json-line", _bare).read,
        _render_bare,
        hints=_openings("name"),
        rank=60,
    )
)
register(
    Syntax(
        "wrapped-json-line",
        (),
        Line("wrapped-json-line", _wrapped).read,
        _render_wrapped,
        hints=_openings("tool_call"),
    )
)
register(
    Syntax(
        "openai-in-prose",
        (),
        Line("openai-in-prose", _openai, "Tool call:").read,
        _render_openai,
        hints=("Tool call:",),
    )
)
register(
    Syntax(
        "action-envelope",
        (),
        Line("action-envelope", _action).read,
        _render_action,
        hints=_openings("action"),
    )
)
