"""MiniCPM5: ``<function name="N"><param name="K">V</param></function>``, as XML has it.

A value is CDATA or text; entities in text are decoded unless a bare ``<`` or ``&`` shows that the
model escaped nothing. Its types come from the tool's schema.
"""

from __future__ import annotations

import html
import json
import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, NamedTuple

from curator.model import ToolCall
from curator.parsing.coerce import parameter_schema, typed_value
from curator.parsing.registry import Read, Syntax, register
from curator.parsing.scan import Scan
from curator.parsing.token_calls import Section

ID = "minicpm5"
OPEN, CLOSE = "<function name=", "</function>"
GLUED_OPEN = "<functionname="
"""The opener of outputs whose tokeniser lost the space."""
CDATA, CDATA_CLOSE = "<![CDATA[", "]]>"
SPLIT_CDATA = f"]]{CDATA_CLOSE}{CDATA}>"

_NAMED = r"\s*+name\s*+=\s*+(?:\"([^\"<>\n]{0,300})\"|'([^'<>\n]{0,300})')[^<>\n]{0,200}>"
_FUNCTION = re.compile(f"<function{_NAMED}")
_PARAM = re.compile(f"<param{_NAMED}")
_NAMELESS = re.compile(r"<param[^<>\n]{0,200}>")
_TEXT_END = re.compile(r"()</param>(?=\s*+(?:<param[\s>n]|</function>|<function\s?name=|\Z))")
_CDATA_END = re.compile(r"(\]\]>\s*+)</param>(?=\s*+(?:<param[\s>n]|</function>|<function\s?name=|\Z))")
_ESCAPED = re.compile(r"(?:[^<&]|&(?:lt|gt|amp|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)*+")


class End(NamedTuple):
    """Where a value ends, and where its close tag ends."""

    value: int
    tag: int


def read(scan: Scan, marker: str, at: int) -> Read | None:
    """Read the function at ``at``; without the family it must be an offered tool if any are."""
    opener = _FUNCTION.match(scan.text, at)
    if opener is None or scan.is_quoted(at, opener.end()):
        return None
    name = _name(opener)
    after = scan.skip_space(opener.end())
    if not scan.text.startswith((CLOSE, "<param"), after) and after < len(scan.text):
        return None
    if scan.tools and name not in scan.tools and scan.family != ID:
        return None
    section = Section(at, ID)
    return section.read(_function(scan, section, opener, name))


def render(calls: Sequence[ToolCall]) -> str:
    """Return one function a line; text that XML would change stands in CDATA."""
    return "\n".join(_written(call) for call in calls)


def _written(call: ToolCall) -> str:
    values = "".join(
        f'<param name="{html.escape(key)}">{_text(value)}</param>' for key, value in call.arguments.items()
    )
    return f'{OPEN}"{html.escape(call.name)}">{values}{CLOSE}'


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if "<" not in text and "&" not in text and text == text.strip():
        return text
    return f"{CDATA}{text.replace(CDATA_CLOSE, SPLIT_CDATA)}{CDATA_CLOSE}"


def _name(tag: re.Match[str]) -> str:
    return html.unescape(tag.group(1) if tag.group(1) is not None else tag.group(2)).strip()


def _function(scan: Scan, section: Section, opener: re.Match[str], name: str) -> int:
    """Add the call of ``name``, or why it cannot be used; return where it ends."""
    schema = scan.tools[name].parameters if name in scan.tools else None
    arguments: dict[str, Any] = {}
    notes: list[str] = []
    typed, start, at = True, opener.start(), scan.skip_space(opener.end())
    while tag := _PARAM.match(scan.text, at):
        end = _value_end(scan, tag.end())
        if end is None:
            return _cut(scan, section, start, tag.end(), name)
        text, wanted = _decoded(scan.text[tag.end() : end.value]), parameter_schema(schema, _name(tag))
        arguments[_name(tag)], is_known = typed_value(text, wanted, schema, notes)
        typed = typed and is_known
        at = scan.skip_space(end.tag)
    if scan.text.startswith(CLOSE, at):
        at += len(CLOSE)
    elif scan.text.startswith((OPEN, GLUED_OPEN), at) and arguments:
        notes.append("the function is not closed")
    elif _NAMELESS.match(scan.text, at) and (close := scan.find(CLOSE, at)) != -1:
        section.fail("malformed", f"{name}: an argument without a name", (start, close + len(CLOSE)))
        return close + len(CLOSE)
    else:
        return _cut(scan, section, start, at, name)
    section.add(scan, name, arguments, (start, at), notes, typed)
    return at


def _cut(scan: Scan, section: Section, start: int, at: int, name: str) -> int:
    """Add the problem of a call without an end; return where the next one may begin."""
    end = min(scan.find_or_end(OPEN, at), scan.find_or_end(GLUED_OPEN, at))
    section.fail("unclosed", f"the output ends within the call of {name}", (start, end))
    return end


def _value_end(scan: Scan, at: int) -> End | None:
    """Return the first end of the value at ``at`` that a known tag follows."""
    is_cdata = scan.text.startswith(CDATA, scan.skip_space(at))
    key = f"{ID}.cdata" if is_cdata else ID
    if key not in scan.memo:
        pattern = _CDATA_END if is_cdata else _TEXT_END
        scan.memo[key] = [End(one.end(1), one.end()) for one in pattern.finditer(scan.text)]
    ends: list[End] = scan.memo[key]
    index = bisect_left(ends, (at, at))
    return ends[index] if index < len(ends) else None


def _decoded(text: str) -> str:
    """Return the words of CDATA sections, or the text with its entities decoded."""
    inner = text.strip()
    if inner.startswith(CDATA) and inner.endswith(CDATA_CLOSE):
        return inner[len(CDATA) : -len(CDATA_CLOSE)].replace(SPLIT_CDATA, CDATA_CLOSE)
    return html.unescape(text) if _ESCAPED.fullmatch(text) else text


register(Syntax(ID, (), read, render, families=("minicpm",), rank=33, hints=(OPEN, GLUED_OPEN)))
