"""Finds the lines of the keys of a TOML text; ``tomllib`` tells lines only of what it cannot read."""

from __future__ import annotations

import re

from curator.profiles.faults import Place

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_KEY = rf"{_PART}(?:\s*\.\s*{_PART})*"
_TABLE = re.compile(rf"\s*(\[\[?)\s*({_KEY})\s*\]")
_ENTRY = re.compile(rf"\s*({_KEY})\s*=(.*)")
_PARTS = re.compile(_PART)
_FENCES = re.compile(r'"""|\'\'\'')


def key_lines(text: str) -> dict[Place, int]:
    """Return the 1-based line of every table and key. ``text`` must be valid TOML."""
    found: dict[Place, int] = {}
    sizes: dict[Place, int] = {}
    table: Place = ()
    fence = ""
    for number, line in enumerate(text.split("\n"), 1):
        if fence:
            fence = _fence(line, fence)
        elif header := _TABLE.match(line):
            table = _table(_parts(header[2]), header[1] == "[[", sizes)
            found[table] = number
        elif entry := _ENTRY.match(line):
            found[(*table, *_parts(entry[1]))] = number
            fence = _fence(entry[2], "")
        else:
            fence = _fence(line, "")
    return found


def line_of(place: Place, lines: dict[Place, int]) -> int | None:
    """Return the line of a place, or of the nearest table or list that holds it."""
    for end in range(len(place), 0, -1):
        if place[:end] in lines:
            return lines[place[:end]]
    return None


def _parts(key: str) -> Place:
    """Return the parts of a dotted key; escapes are left alone, so such a key is not found."""
    return tuple(part[1:-1] if part[0] in "\"'" else part for part in _PARTS.findall(key))


def _table(parts: Place, is_list: bool, sizes: dict[Place, int]) -> Place:
    """Return the place of a header; a name of a list of tables stands for its newest one."""
    if is_list:
        sizes[parts] = sizes.get(parts, -1) + 1
    place: Place = ()
    for end, part in enumerate(parts, 1):
        place += (part,)
        if parts[:end] in sizes:
            place += (sizes[parts[:end]],)
    return place


def _fence(text: str, open_fence: str) -> str:
    """Return the quotes of the text that is still open at the end of a line, or nothing."""
    if not open_fence and text.lstrip().startswith("#"):
        return ""
    for mark in _FENCES.findall(text):
        if not open_fence:
            open_fence = mark
        elif mark == open_fence:
            open_fence = ""
    return open_fence
