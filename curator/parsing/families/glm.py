"""GLM: ``<tool_call>N<arg_key>K</arg_key><arg_value>V</arg_value></tool_call>``, newlines optional.

GLM 4.5 to 5 and Ling 3. Hunyuan v3 (``hy-v3``) writes ``<tool_sep>`` after the name and wraps all calls.
Values are raw text; their types come from the tool's schema.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, NamedTuple

from curator.model import Problem, ToolCall
from curator.parsing.coerce import parameter_schema, typed_value
from curator.parsing.json_calls import REPAIRED, status_of
from curator.parsing.registry import Read, Syntax, register
from curator.parsing.scan import Scan
from curator.parsing.token_calls import Section

ID, WRAPPED_ID = "glm", "hy-v3"
OPEN, CLOSE = "<tool_call>", "</tool_call>"
WRAPPER, WRAPPER_CLOSE = "<tool_calls>", "</tool_calls>"
SEPARATOR = "<tool_sep>"
VALUE_CLOSE = "</arg_value>"

_NAME = re.compile(r"\s*([\w.:/-]{1,300})\s*(?:(<arg_key>|<tool_sep>)|</tool_call>)")
_KEY = re.compile(r"\s*<arg_key>([^<>]{1,300})</arg_key>\s*<arg_value>")
_VALUE_CLOSE = re.compile(r"</arg_value>(?=\s*(?:<arg_key>|</tool_call>|\Z))")
_ENDS_CALL = re.compile(r"\s*(?:<tool_call>|</tool_calls>|\n|\Z)")
"""What follows the close tag of a call, unlike one that is quoted within a value."""


class Draft(NamedTuple):
    """The arguments of a call under reading, and what was mended in them."""

    arguments: dict[str, Any]
    notes: list[str]
    untyped: list[str]


def read(scan: Scan, marker: str, at: int) -> Read | None:
    """Read the call of the tag that opens at ``at``."""
    name = _NAME.match(scan.text, at + len(marker))
    if name is None or not _is_meant(scan, name):
        return None
    return _call(scan, ID, at, name)


def read_wrapped(scan: Scan, marker: str, at: int) -> Read | None:
    """Read every call between the outer tags."""
    first = position = scan.skip_space(at + len(marker))
    reads: list[Read] = []
    while scan.text.startswith(OPEN, position):
        name = _NAME.match(scan.text, position + len(OPEN))
        if name is None:
            break
        reads.append(_call(scan, WRAPPED_ID, position, name))
        position = scan.skip_space(reads[-1].end)
    if not reads or SEPARATOR not in scan.text[first : reads[0].end]:
        return None
    section = Section(at, WRAPPED_ID)
    section.calls = [call for one in reads for call in one.calls]
    section.problems = [problem for one in reads for problem in one.problems]
    if scan.text.startswith(WRAPPER_CLOSE, position):
        return section.read(position + len(WRAPPER_CLOSE))
    section.problems.insert(0, Problem("unclosed", "the outer tag is never closed", (at, first)))
    return section.read(reads[-1].end)


def render(calls: Sequence[ToolCall]) -> str:
    """Return one tag pair a call, a line for each tag; strings as they are, other values as JSON."""
    return "\n".join(f"{OPEN}{call.name}\n{_values(call)}{CLOSE}" for call in calls)


def render_wrapped(calls: Sequence[ToolCall]) -> str:
    """Return all calls between one pair of outer tags."""
    inner = "\n".join(f"{OPEN}{call.name}{SEPARATOR}\n{_values(call)}{CLOSE}" for call in calls)
    return f"{WRAPPER}\n{inner}\n{WRAPPER_CLOSE}" if calls else ""


def _values(call: ToolCall) -> str:
    return "".join(
        f"<arg_key>{key}</arg_key>\n<arg_value>{_text(value)}</arg_value>\n"
        for key, value in call.arguments.items()
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _is_meant(scan: Scan, name: re.Match[str]) -> bool:
    """Tell a call without arguments from a word between tags, where the offered tools can tell."""
    if name.group(2) or not scan.tools or scan.family in (ID, *GLM_MODELS):
        return True
    return name.group(1) in scan.tools


def _call(scan: Scan, syntax: str, at: int, name: re.Match[str]) -> Read:
    """Read the values after the name up to the close tag."""
    draft = Draft({}, [], [])
    end = scan.skip_space(name.start(2) if name.group(2) == "<arg_key>" else name.end(1))
    end = scan.skip_space(end + len(SEPARATOR)) if scan.text.startswith(SEPARATOR, end) else end
    while key := _KEY.match(scan.text, end):
        close, is_closed = _value_close(scan, key.end())
        if close == -1:
            return _cut(scan, at, key.end(), name.group(1))
        _add_value(scan, name.group(1), key, close, draft)
        if not is_closed:
            draft.notes.append(f"the value of {key.group(1).strip()} is not closed")
        end = scan.skip_space(close + (len(VALUE_CLOSE) if is_closed else 0))
    if not scan.text.startswith(CLOSE, end):
        return _cut(scan, at, end, name.group(1))
    span = (at, end + len(CLOSE))
    status = status_of(name.group(1), scan, draft.notes)
    call = ToolCall(name.group(1), draft.arguments, syntax, status, span, typed=not draft.untyped)
    problems = (Problem(REPAIRED, "; ".join(draft.notes), span),) if draft.notes else ()
    return Read(*span, (call,), problems)


def _add_value(scan: Scan, name: str, key: re.Match[str], close: int, draft: Draft) -> None:
    schema = scan.tools[name].parameters if name in scan.tools else None
    field = key.group(1).strip()
    text = scan.text[key.end() : close]
    value, typed = typed_value(text, parameter_schema(schema, field), schema, draft.notes)
    draft.arguments[field] = value
    if not typed:
        draft.untyped.append(field)


def _value_close(scan: Scan, at: int) -> tuple[int, bool]:
    """Return where the value at ``at`` ends, or -1, and whether its own close tag stands there.

    That is the first one that something known follows; a value without one ends with its call.
    """
    closes = scan.memo.get(ID)
    if closes is None:
        closes = scan.memo[ID] = [match.start() for match in _VALUE_CLOSE.finditer(scan.text)]
    index = bisect_left(closes, at)
    close = int(closes[index]) if index < len(closes) else -1
    outer = scan.find(CLOSE, at)
    is_torn = outer != -1 and min(scan.find_or_end(one, at) for one in (OPEN, VALUE_CLOSE)) > outer
    if is_torn and _ENDS_CALL.match(scan.text, outer + len(CLOSE), outer + 200):
        return outer, False
    return close, True


def _cut(scan: Scan, at: int, end: int, name: str) -> Read:
    """Return the problem of a call that is not whole; its text goes up to the next tag of a call."""
    limit = scan.find_or_end(OPEN, end)
    close = scan.find(CLOSE, end)
    if close == -1 or close >= limit:
        return Read(at, limit, problems=(Problem("unclosed", f"the output ends within {name}", (at, limit)),))
    span = (at, close + len(CLOSE))
    return Read(*span, problems=(Problem("malformed", f"the values of {name} are torn", span),))


GLM_MODELS = ("glm-4.5", "glm-4.6", "glm-4.7", "glm-5", "ling3")

register(Syntax(ID, (OPEN,), read, render, families=GLM_MODELS, rank=45))
register(Syntax(WRAPPED_ID, (WRAPPER,), read_wrapped, render_wrapped, families=("hunyuan-v3",), rank=30))
