"""Mistral: ``[TOOL_CALLS]N[ARGS]{…}`` a call (v11 on), or ``[TOOL_CALLS] [{…}, …]`` (before).

``[CALL_ID]x`` may stand before ``[ARGS]``, and ``[ARGS]`` may be missing; thinking in ``[THINK]``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from curator.model import Problem, Span, ToolCall
from curator.parsing.json_calls import REPAIRED, Calls, calls_from, status_of
from curator.parsing.json_values import Invalid, load, value_end
from curator.parsing.registry import Delimiters, Read, Syntax, register
from curator.parsing.scan import Scan

ID, OLD_ID = "mistral", "mistral-v3"
OPEN = "[TOOL_CALLS]"
THINK = Delimiters("[THINK]", "[/THINK]")

_HEAD = re.compile(
    r"\s*+([\w.:/-]{1,300})\s*+(?:\[CALL_ID\]\s*+([\w-]{1,100})\s*+)?(\[ARGS\])?\s*+(?=(\{)|\Z)"
)


def read(scan: Scan, marker: str, at: int) -> Read | None:
    """Read one call: name, perhaps an id, then its arguments."""
    head = _HEAD.match(scan.text, at + len(marker))
    if head is None:
        return None
    limit = scan.find_or_end(OPEN, head.end())
    end = _end(scan, head.end(), limit) if head.group(4) else -1
    if end == -1:
        problem = Problem("unclosed", f"the output ends within the call of {head.group(1)}", (at, limit))
        return Read(at, limit, problems=(problem,))
    return _call(scan, head, (at, end))


def read_array(scan: Scan, marker: str, at: int) -> Read | None:
    """Read an array of calls, or one call that is an object; the whole ones of a cut array."""
    text, body = scan.text, scan.skip_space(at + len(marker))
    if body == len(text):
        return Read(at, body, problems=(Problem("unclosed", "the output ends here", (at, body)),))
    if not text.startswith(("[", "{"), body) or text.startswith(("[ARGS]", "[CALL_ID]"), body):
        return None
    limit = scan.find_or_end(OPEN, body)
    end = _end(scan, body, limit)
    if end == -1:
        return _cut(scan, at, body, limit)
    span = (at, end)
    return Read(*span, *_loaded(scan, body, span))


def render(calls: Sequence[ToolCall]) -> str:
    """Return the marker, the name and the arguments of each call, one directly after another."""
    return "".join(f"{OPEN}{call.name}[ARGS]{_json(call.arguments)}" for call in calls)


def render_array(calls: Sequence[ToolCall]) -> str:
    """Return one marker and the array of all calls."""
    return f"{OPEN} {_json([{'name': call.name, 'arguments': call.arguments} for call in calls])}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _end(scan: Scan, at: int, limit: int) -> int:
    """Return where the JSON at ``at`` ends, or -1; a marker within a string does not cut it.

    Only a few values are followed past the next marker, so that the time stays linear.
    """
    tries = scan.memo.get(ID, 0)
    if limit == len(scan.text) or tries >= 8:
        end = value_end(scan.text[at:limit], 0)
        return end if end == -1 else at + end
    end = value_end(scan.text, at)
    if end == -1:
        scan.memo[ID] = tries + 1
    return end


def _call(scan: Scan, head: re.Match[str], span: Span) -> Read:
    notes: list[str] = []
    name = head.group(1)
    try:
        arguments = load(scan.text[head.end() : span[1]], notes)
    except Invalid as problem:
        return Read(*span, problems=(Problem("invalid_json", f"{name}: no JSON: {problem}", span),))
    call = ToolCall(name, arguments, ID, status_of(name, scan, notes), span, id=head.group(2))
    problems = (Problem(REPAIRED, "; ".join(notes), span),) if notes else ()
    return Read(*span, (call,), problems)


def _loaded(scan: Scan, body: int, span: Span, *mended: str) -> Calls:
    """Return the calls of the JSON from ``body`` to the end of ``span``."""
    notes = list(mended)
    try:
        value = load(scan.text[body : span[1]], notes)
    except Invalid as problem:
        return Calls((), (Problem("invalid_json", f"no JSON: {problem}", span),))
    return calls_from(value, scan, OLD_ID, span, notes)


def _cut(scan: Scan, at: int, body: int, limit: int) -> Read:
    """Keep the objects that are whole, as far as one follows another."""
    calls: list[ToolCall] = []
    problems: list[Problem] = []
    part, start = scan.text[body:limit], at
    position = scan.skip_space(body + 1) if part[0] == "[" else limit
    while part.startswith("{", position - body) and (size := value_end(part, position - body)) != -1:
        end = body + size
        found = _loaded(scan, position, (start, end), "the array is not closed")
        calls.extend(found.calls)
        problems.extend(found.problems)
        start = end
        position = scan.skip_space(end)
        position = scan.skip_space(position + 1) if part.startswith(",", position - body) else position
    if not calls or scan.text[start:limit].strip(" ,\n"):
        problems.append(Problem("unclosed", "the output ends within the call", (start, limit)))
    return Read(at, limit, tuple(calls), tuple(problems))


register(
    Syntax(
        ID,
        (OPEN,),
        read,
        render,
        families=("devstral", "magistral", "ministral-3", "mistral-small-3.2"),
        rank=30,
        thinking=THINK,
    )
)
register(
    Syntax(
        OLD_ID,
        (OPEN,),
        read_array,
        render_array,
        families=("mistral-nemo", "mistral-7b", "mixtral"),
        rank=31,
        thinking=THINK,
    )
)
