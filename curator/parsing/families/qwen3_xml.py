"""Qwen3-Coder XML: ``<tool_call><function=N><parameter=K>V</parameter></function></tool_call>``.

Values are raw text, so a value ends only at a close tag that something known follows; their
types come from the tool's schema. Also Qwen 3.5 and later, Nemotron 3, Step 3.5 and MiMo.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Any

from curator.model import Problem, ToolCall
from curator.parsing.coerce import parameter_schema, typed_value
from curator.parsing.json_calls import REPAIRED, status_of
from curator.parsing.registry import Read, Syntax, register
from curator.parsing.scan import Scan

ID = "qwen3-xml"
OPEN, CLOSE = "<tool_call>", "</tool_call>"
FUNCTION, FUNCTION_CLOSE = "<function=", "</function>"
PARAMETER, PARAMETER_CLOSE = "<parameter=", "</parameter>"

_MOST_FAILURES = 32
"""Searches for the end of a quoted call that may run to the end of one output in vain."""
_TAG = re.compile(r"<(?:function|parameter)=[^<>\n]{1,300}>|</(?:function|parameter|tool_call)>")
_DRIFTED_CLOSE = re.compile(r"\n?</parameter[^<>\n]*>?\n?\Z")
_NAMED_CLOSE = re.compile(r"</([\w.:-]{1,300})>")


@dataclass(frozen=True)
class Tag:
    """One tag of the raw text. ``ends_value``: a value that is open here may end with it."""

    start: int
    end: int
    text: str
    ends_value: bool

    @property
    def name(self) -> str:
        """The name in an opening tag."""
        return self.text[self.text.index("=") + 1 : -1].strip().strip("\"'")


@dataclass(frozen=True)
class Tags:
    """All tags of one output, and for each the next one that may end a value (or -1)."""

    tags: list[Tag]
    starts: list[int]
    next_end: list[int]

    def at(self, position: int) -> int:
        """Return the index of the first tag at or after ``position``."""
        return bisect_left(self.starts, position)


@dataclass
class Draft:
    """A function under reading."""

    name: str
    start: int
    arguments: dict[str, Any] = field(default_factory=dict)
    typed: bool = True
    notes: list[str] = field(default_factory=list)


def read(scan: Scan, marker: str, at: int) -> Read | None:
    """Read the functions of the tag at ``at``, or a function without the outer tag."""
    begin = at if marker == FUNCTION else scan.skip_space(at + len(OPEN))
    return read_functions(scan, begin, at, ["the opening tag is missing"] if marker == FUNCTION else [])


def read_functions(scan: Scan, begin: int, at: int, notes: list[str]) -> Read | None:
    """Read the functions that start at ``begin``, within the outer tag that opened at ``at``."""
    if not scan.text.startswith(FUNCTION, begin):
        return None
    tags = _tags(scan)
    if not _is_call(scan, tags, begin):
        return None
    return _functions(scan, tags, tags.at(begin), at, notes)


def render(calls: Sequence[ToolCall]) -> str:
    """Return one tag pair a call; strings as they are, other values as JSON."""
    return "\n".join(_written(call) for call in calls)


def _written(call: ToolCall) -> str:
    values = "".join(
        f"{PARAMETER}{key}>\n{_text(value)}\n{PARAMETER_CLOSE}\n" for key, value in call.arguments.items()
    )
    return f"{OPEN}\n{FUNCTION}{call.name}>\n{values}{FUNCTION_CLOSE}\n{CLOSE}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _tags(scan: Scan) -> Tags:
    """Find every tag once, and link each to the next one that may end a value."""
    known = scan.memo.get(ID)
    if isinstance(known, Tags):
        return known
    text = scan.text
    found = list(_TAG.finditer(text))
    names = {one.group()[len(FUNCTION) : -1] for one in found if one.group().startswith(FUNCTION)}
    tags = [Tag(*one.span(), one.group(), _ends_value(scan, one, names)) for one in found]
    following, next_end = -1, [-1] * (len(tags) + 1)
    for index in range(len(tags) - 1, -1, -1):
        following = index if tags[index].ends_value else following
        next_end[index] = following
    built = Tags(tags, [tag.start for tag in tags], next_end)
    scan.memo[ID] = built
    return built


def _ends_value(scan: Scan, tag: re.Match[str], names: set[str]) -> bool:
    """Tell whether a value may end with this tag, from what follows it."""
    text, start, end = scan.text, *tag.span()
    if tag.group() == PARAMETER_CLOSE:
        following = scan.skip_space(end)
        if text.startswith((PARAMETER, FUNCTION_CLOSE, CLOSE, FUNCTION), following) or following == len(text):
            return True
        close = _NAMED_CLOSE.match(text, following)
        return bool(close and close.group(1) in names)
    if tag.group() == FUNCTION_CLOSE:
        return text[start - 1 : start] == "\n" and text.startswith(CLOSE, scan.skip_space(end))
    if tag.group() == CLOSE and text[start - 1 : start] == "\n":
        following = scan.skip_space(end)
        return following == len(text) or text.startswith(OPEN, following)
    return False


def _opens_call(scan: Scan, tags: Tags, index: int) -> bool:
    """Tell a call from a mention: a tag of the call must follow the function's name."""
    tag = tags.tags[index]
    after = scan.skip_space(tag.end)
    expected = (PARAMETER, FUNCTION_CLOSE, CLOSE, f"</{tag.name}>")
    return after == len(scan.text) or scan.text.startswith(expected, after)


def _functions(scan: Scan, tags: Tags, index: int, at: int, notes: list[str]) -> Read:
    """Read function after function until the outer tag closes or something else follows."""
    calls: list[ToolCall] = []
    problems: list[Problem] = []
    start = end = at
    while True:
        draft = Draft(tags.tags[index].name, start, notes=list(notes))
        end, whole = _parameters(scan, tags, index, draft)
        if not whole:
            end = scan.find_or_end(OPEN, max(end, tags.tags[index].end))
            problems.append(
                Problem("unclosed", f"the output ends within the call of {draft.name}", (start, end))
            )
            return Read(at, end, tuple(calls), tuple(problems))
        following = scan.skip_space(end)
        more = scan.text.startswith(FUNCTION, following) and _is_call(scan, tags, following)
        if not more:
            end = _outer_end(scan, at, end, following, draft.notes)
        if not draft.name:
            problems.append(Problem("missing_name", "a call without the name of a tool", (start, end)))
        else:
            calls.append(_call(scan, draft, end))
        if draft.notes:
            problems.append(Problem(REPAIRED, "; ".join(draft.notes), (start, end)))
        if not more:
            return Read(at, end, tuple(calls), tuple(problems))
        start, index = end, tags.at(following)


def _is_call(scan: Scan, tags: Tags, at: int) -> bool:
    index = tags.at(at)
    return index < len(tags.tags) and tags.starts[index] == at and _opens_call(scan, tags, index)


def _call(scan: Scan, draft: Draft, end: int) -> ToolCall:
    status = status_of(draft.name, scan, draft.notes)
    return ToolCall(draft.name, draft.arguments, ID, status, (draft.start, end), draft.typed)


def _outer_end(scan: Scan, at: int, end: int, following: int, notes: list[str]) -> int:
    """Return where the call ends, its outer close tag included where there is one."""
    if scan.text.startswith(CLOSE, following):
        return following + len(CLOSE)
    if scan.text.startswith(OPEN, at) and not scan.text.startswith(CLOSE, end - len(CLOSE)):
        notes.append("the close tag is missing")
    return end


def _parameters(scan: Scan, tags: Tags, index: int, draft: Draft) -> tuple[int, bool]:
    """Read the values of the function at ``index``; return where it ends and whether it was whole."""
    end = tags.tags[index].end
    schema = scan.tools[draft.name].parameters if draft.name in scan.tools else None
    while True:
        at = scan.skip_space(end)
        if scan.text.startswith(FUNCTION_CLOSE, at):
            return at + len(FUNCTION_CLOSE), True
        if scan.text.startswith(f"</{draft.name}>", at):
            return at + len(draft.name) + 3, True
        if scan.text.startswith(CLOSE, at):
            draft.notes.append("the function is not closed")
            return at, True
        index = tags.at(at)
        if (
            index == len(tags.tags)
            or tags.starts[index] != at
            or not tags.tags[index].text.startswith(PARAMETER)
        ):
            return end, _ends_elsewhere(scan, at, draft)
        stop = _value_end(scan, tags, index, schema, draft.arguments)
        if stop == -1:
            return end, False
        end = _add_value(scan, tags, index, stop, schema, draft)


def _ends_elsewhere(scan: Scan, at: int, draft: Draft) -> bool:
    """Decide about a function with neither a close tag nor a further value; a cut one is not whole."""
    if at < len(scan.text) and scan.text.startswith((OPEN, FUNCTION), at):
        draft.notes.append("the function is not closed")
        return True
    return False


def _value_end(
    scan: Scan, tags: Tags, index: int, schema: dict[str, Any] | None, given: Container[str]
) -> int:
    """Return the index of the tag that ends the value opened at ``index``, or -1."""
    last = tags.next_end[index + 1]
    if last == -1:
        return -1
    failures = scan.memo.get("qwen3-xml.nested", 0)
    nested = _skipping_nested(scan, tags, index, schema, given) if failures < _MOST_FAILURES else last
    if nested == -1:
        scan.memo["qwen3-xml.nested"] = failures + 1
    return nested if nested != -1 else last


def _skipping_nested(
    scan: Scan, tags: Tags, index: int, schema: dict[str, Any] | None, given: Container[str]
) -> int:
    """Return the tag that ends a value, calls quoted within the value left out, or -1."""
    depth = 0
    known = (schema or {}).get("properties")
    by_line = scan.text.startswith("\n", tags.tags[index].end)
    index += 1
    while index < len(tags.tags):
        tag = tags.tags[index]
        if tag.text.startswith(FUNCTION):
            depth += 1
        elif tag.text == FUNCTION_CLOSE and depth:
            depth -= 1
            if index + 1 < len(tags.tags) and tags.tags[index + 1].text == CLOSE:
                index += 1
        elif not depth and (tag.ends_value or _starts_next(scan, tag, by_line, known, given)):
            return index
        index += 1
    return -1


def _starts_next(scan: Scan, tag: Tag, by_line: bool, known: object, given: Container[str]) -> bool:
    """Tell whether a parameter opens here although the one before it was never closed.

    None does whose value is there already, nor within a line where values have lines of their own.
    """
    if not tag.text.startswith(PARAMETER) or tag.name in given:
        return False
    if by_line and scan.text[tag.start - 1] != "\n":
        return False
    return tag.name in known if isinstance(known, dict) else True


def _add_value(
    scan: Scan, tags: Tags, index: int, stop: int, schema: dict[str, Any] | None, draft: Draft
) -> int:
    """Store the value between two tags; return where reading goes on."""
    opener, closer = tags.tags[index], tags.tags[stop]
    value = scan.text[opener.end : closer.start]
    if closer.text != PARAMETER_CLOSE and (drifted := _DRIFTED_CLOSE.search(value, max(0, len(value) - 80))):
        value = value[: drifted.start()]
    if value.startswith("\n"):
        value = value[1:].removesuffix("\n")
    wanted = parameter_schema(schema, opener.name)
    draft.arguments[opener.name], typed = typed_value(value, wanted, schema, draft.notes)
    draft.typed = draft.typed and typed
    if closer.text == PARAMETER_CLOSE:
        return closer.end
    draft.notes.append(f"the value of {opener.name} is not closed")
    return closer.start


register(
    Syntax(
        ID,
        (OPEN, FUNCTION),
        read,
        render,
        families=("qwen3-coder", "qwen3.5", "nemotron-3", "step3.5", "mimo"),
        rank=30,
    )
)
