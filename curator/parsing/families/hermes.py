"""Hermes JSON: ``<tool_call>{"name": …, "arguments": {…}}</tool_call>``.

Shape of Qwen 2.5 and 3, Hermes 2 to 4, SmolLM3, Granite 4 and most fine-tunes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from curator.model import Problem, ToolCall
from curator.parsing.json_calls import calls_from
from curator.parsing.json_values import Invalid, load, load_exact, value_end
from curator.parsing.registry import Read, Syntax, register
from curator.parsing.scan import Scan

ID = "hermes"
OPEN, CLOSE = "<tool_call>", "</tool_call>"
OTHER_OPENERS = ("<|tool_call>", "<|tool_call|>", "<|im_start|>tool_call")

NEEDS_NO_CLOSE = "<|tool_call|>"

_FENCE = re.compile(r"```[a-zA-Z]*[ \t]*\n\s*")
_GAP = re.compile(r"[\s,;]*+")
_TAIL = re.compile(r"[\s}\]`,;]*+")


class Body(NamedTuple):
    """The JSON values inside a tag: ``end`` is where reading them stopped."""

    values: list[Any]
    starts: list[int]
    end: int
    problem: str | None


def read(scan: Scan, marker: str, at: int) -> Read | None:
    """Read the tag that opens at ``at``, or the call before a close tag that has no opener."""
    if marker == CLOSE:
        return _orphan(scan, at)
    text, notes = scan.text, list[str]()
    body = scan.skip_space(at + len(marker))
    if fence := _FENCE.match(text, body):
        notes.append("a code fence inside the tag")
        body = fence.end()
    if body == len(text) or text.startswith(OPEN, body):
        return Read(
            at, body, problems=(Problem("unclosed", "the output ends or starts anew here", (at, body)),)
        )
    if text.startswith(CLOSE, body) and not scan.is_quoted(at, body + len(CLOSE)):
        span = (at, body + len(CLOSE))
        return Read(*span, problems=(Problem("malformed", "a call tag with nothing in it", span),))
    if text[body] not in "{[":
        return None
    close = scan.find(CLOSE, body)
    return _whole(scan, at, body, close) if not notes and close != -1 else _piecewise(scan, at, body, notes)


def render(calls: Sequence[ToolCall]) -> str:
    """Return one tag pair a call, separated by newlines."""
    return "\n".join(f"{OPEN}\n{_written(call)}\n{CLOSE}" for call in calls)


def _written(call: ToolCall) -> str:
    return json.dumps({"name": call.name, "arguments": call.arguments}, ensure_ascii=False)


def _whole(scan: Scan, at: int, body: int, close: int) -> Read:
    """Take everything up to the close tag as one value, which is right nearly always.

    Each close tag is tried once, so that many openers before one cost no more than one.
    """
    if scan.memo.get("hermes.tried") == close:
        return _piecewise(scan, at, body, [])
    scan.memo["hermes.tried"] = close
    try:
        notes: list[str] = []
        value = load_exact(scan.text[body:close].rstrip(), notes)
    except ValueError:
        return _piecewise(scan, at, body, [])
    span = (at, close + len(CLOSE))
    return Read(*span, *calls_from(value, scan, ID, span, notes))


def _piecewise(scan: Scan, at: int, body: int, notes: list[str]) -> Read:
    """Follow the JSON itself, so that a tag inside a string ends nothing; then mend and explain."""
    found = _values(scan.text, body, notes)
    if not found.values:
        return _mended(scan, at, body, notes)
    if len(found.values) > 1:
        notes.append("several objects in one tag")
    end = _tail(scan, at, found.end, notes)
    calls: list[ToolCall] = []
    problems: list[Problem] = []
    edges = [at, *found.starts[1:], end]
    for value, start, stop in zip(found.values, edges, edges[1:], strict=False):
        read_calls, read_problems = calls_from(value, scan, ID, (start, stop), notes)
        calls.extend(read_calls)
        problems.extend(read_problems)
    if found.problem:
        problems.append(Problem("invalid_json", found.problem, (found.end, end)))
    return Read(at, end, tuple(calls), tuple(problems))


def _values(text: str, at: int, notes: list[str]) -> Body:
    """Read the values one after another from ``at`` on."""
    values: list[Any] = []
    starts: list[int] = []
    end = at
    while text[at : at + 1] in ("{", "["):
        stop = value_end(text, at)
        if stop == -1:
            return Body(values, starts, end, "JSON that never ends")
        try:
            values.append(load(text[at:stop], notes))
        except Invalid as problem:
            return Body(values, starts, end, str(problem))
        starts.append(at)
        end = stop
        gap = _GAP.match(text, stop)
        at = gap.end() if gap else stop
    return Body(values, starts, end, None)


def _tail(scan: Scan, tag: int, at: int, notes: list[str]) -> int:
    """Return where the tag ends after its last value; stray brackets and text are noted."""
    limit = scan.find_or_end(OPEN, at)
    close = scan.find(CLOSE, at)
    if close == -1 or close > limit:
        match = _TAIL.match(scan.text, at, limit)
        end = match.end() if match else at
        rest = scan.text[at:end]
        if not scan.text.startswith(NEEDS_NO_CLOSE, tag):
            notes.append("the close tag is missing")
        return end if rest.strip("\n ") else at
    between = scan.text[at:close].replace("```", "").strip()
    if between:
        extra = not between.strip("}] \n")
        notes.append("a closing bracket too many" if extra else "text after the JSON in the tag")
    return close + len(CLOSE)


def _mended(scan: Scan, at: int, body: int, notes: list[str]) -> Read:
    """Mend the text up to the close tag; without one the output was cut and nothing can be used."""
    limit = scan.find_or_end(OPEN, body)
    close = scan.find(CLOSE, body)
    if close == -1 or close > limit:
        problem = Problem("unclosed", "the output ends within the call", (at, limit))
        return Read(at, limit, problems=(problem,))
    span = (at, close + len(CLOSE))
    try:
        value = load(scan.text[body:close].rstrip("` \n"), notes)
    except Invalid as problem:
        return Read(*span, problems=(Problem("invalid_json", f"no JSON: {problem}", span),))
    return Read(*span, *calls_from(value, scan, ID, span, notes))


def _orphan(scan: Scan, at: int) -> Read | None:
    """Read a close tag that no opener belongs to: the object on the lines before it is the call."""
    end = at + len(CLOSE)
    if scan.is_quoted(at, end):
        return None
    floor = scan.memo.get("hermes.orphan", 0)
    scan.memo["hermes.orphan"] = end
    start = _object_start(scan.text, floor, at)
    alone = Read(at, end, problems=(Problem("malformed", "a close tag without an opener", (at, end)),))
    if start == -1:
        return alone
    notes = ["the opening tag is missing"]
    try:
        value = load(scan.text[start:at], notes)
    except Invalid:
        return alone
    found = calls_from(value, scan, ID, (start, end), notes)
    return Read(start, end, *found) if found.calls else alone


def _object_start(text: str, floor: int, at: int) -> int:
    """Return the first line between ``floor`` and ``at`` that starts an object, or -1."""
    before = text[floor:at]
    if not before.rstrip().endswith("}"):
        return -1
    match = re.search(r"^[ \t]*\{", before, re.MULTILINE)
    return floor + match.end() - 1 if match else -1


register(
    Syntax(
        ID,
        (OPEN, *OTHER_OPENERS, CLOSE),
        read,
        render,
        families=("qwen2.5", "qwen3", "smollm3", "granite-4", "hermes-json"),
        rank=40,
    )
)
