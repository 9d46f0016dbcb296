"""From calls to the lines of their form. Pure: outside text comes in, safe content and places go out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content

from curator.model import ToolSpec
from curator.review.drafts import CallDraft
from curator.review.forms import Path, Row, looks_unfinished, rows
from curator.text import clip, display_text, one_line
from curator.tui.blocks import number, styled
from curator.tui.commands.base import key_of

SHOWN_WHOLE = 12
"""With more calls than these, only the one that the cursor is in is unfolded."""

_WIDEST_NAME = 26
_TYPE = 17
_WIDE = 60
_LEAD = 2
_MARK = 2
_LOW, _HIGH = 3, 8
_PREVIEW = 3

Wrong = Mapping[tuple[int, Path], Sequence[str]]
"""Faults by call and path."""


class Entry(NamedTuple):
    """What the cursor can stand on: the title of a call, or a row of its form."""

    call: int
    row: Row | None = None

    @property
    def place(self) -> tuple[int, Path, str]:
        """What stays the same while values change."""
        if self.row is None:
            return self.call, (), "call"
        return self.call, self.row.path, "add" if self.row.kind == "add" else "row"

    @property
    def is_text(self) -> bool:
        """Whether it is edited by typing text."""
        row = self.row
        if row is None or row.kind == "add":
            return row is not None and row.type == "argument"
        return row.kind in ("text", "number", "any", "json")

    @property
    def is_long(self) -> bool:
        """Whether its text needs several lines."""
        row = self.row
        if row is None or not self.is_text or row.kind == "add":
            return False
        return row.kind == "json" or "\n" in row.text or len(row.text) > _WIDE


class Line(NamedTuple):
    """One line of the form."""

    entry: int
    """The entry that it belongs to; -1 for none."""
    content: Content


class Field(NamedTuple):
    """Where the text of the entry at the cursor is edited."""

    x: int
    y: int
    width: int
    height: int


class Layout(NamedTuple):
    """The lines of a form, and the place of the field in them."""

    lines: list[Line]
    field: Field
    top: int
    """First line of the entry at the cursor."""
    bottom: int
    """Last line that belongs to it."""


def entries(calls: Sequence[CallDraft], tools: Mapping[str, ToolSpec], at: int) -> list[Entry]:
    """Return everything that the cursor can stand on; ``at`` is the call that it is in."""
    found: list[Entry] = []
    for position, call in enumerate(calls):
        found.append(Entry(position))
        if position == at or len(calls) <= SHOWN_WHOLE:
            tool = tools.get(call.name)
            found += [
                Entry(position, row) for row in rows(tool.parameters if tool else None, call.arguments())
            ]
    return found


def layout(
    shown: Sequence[Entry],
    cursor: int,
    calls: Sequence[CallDraft],
    tools: Mapping[str, ToolSpec],
    wrong: Wrong,
    width: int,
) -> Layout:
    """Lay a form out for a width."""
    rows_shown = [entry.row for entry in shown if entry.row is not None]
    longest = max((2 * row.depth + len(one_line(row.name, _WIDEST_NAME)) for row in rows_shown), default=0)
    names = min(_WIDEST_NAME, longest + 1, max(8, width // 3))
    x = _LEAD + 2 + names + _MARK
    room = max(8, width - x - (_TYPE if width >= _WIDE else 1))
    lines: list[Line] = []
    place, top, bottom = Field(x, 0, room, 1), 0, 0
    for at, entry in enumerate(shown):
        start, here = len(lines), at == cursor
        if entry.row is None:
            lines += [Line(-1, Content())] * bool(lines)
            start = len(lines)
            lines.append(Line(at, _title(entry.call, calls[entry.call], tools, here)))
        else:
            content = _cells(entry, entry.row, wrong, here, names, room, width)
            lines.append(Line(at, content))
            lines += [Line(at, Content(" " * x) + one) for one in _more(entry, here, room)]
        if here:
            place, top = Field(x, start, room, len(lines) - start), start
        path = () if entry.row is None else entry.row.path
        if entry.row is None or (entry.row.kind != "add" and entry.row.present):
            lines += [Line(at, _fault(words, entry)) for words in wrong.get((entry.call, path), ())]
            lines += [Line(at, _fault("begins like JSON and is none", entry))] * _unfinished(entry)
        if here:
            bottom = len(lines) - 1
    return Layout(lines, place, top, bottom)


def help_line(
    entry: Entry | None, tools: Mapping[str, ToolSpec], calls: Sequence[CallDraft], hint: str
) -> Content:
    """Say what the entry at the cursor is: its limits and description, or the tool's."""
    if entry is None:
        return Content.styled(
            f"no call: the turn is plain text · {key_of('correction-editor.add-call')} adds a call", "$muted"
        )
    if entry.row is not None:
        return Content.assemble((entry.row.type, "$secondary"), "  ", styled(one_line(hint, 400), "$muted"))
    tool = tools.get(calls[entry.call].name)
    words = tool.description if tool else "this tool was not offered to the model"
    return styled(one_line(words, 400), "$muted" if tool else "$warning")


def _title(position: int, call: CallDraft, tools: Mapping[str, ToolSpec], here: bool) -> Content:
    name = styled(one_line(call.name, 60) or "(no tool)", "bold $accent")
    parts: list[Content | tuple[str, str]] = [_lead(here), (f"{position + 1} ", "bold"), name]
    if tools and call.name not in tools:
        parts.append(("  ✗ not offered", "$error"))
    if not call.reads:
        parts.append(("  ! its JSON does not read; shown as it last was", "$warning"))
    return Content.assemble(*parts)


def _cells(entry: Entry, row: Row, wrong: Wrong, here: bool, names: int, room: int, width: int) -> Content:
    faulty = bool(wrong.get((entry.call, row.path))) and row.kind != "add"
    indent = "  " * row.depth
    name = clip(indent + one_line(row.name, _WIDEST_NAME), names)
    style = "$error" if faulty else "bold" if here else "$foreground"
    mark = "✗ " if not row.known else "* " if row.required else "  "
    cell = _value(row, here, room)
    parts: list[Content | str | tuple[str, str]] = [
        _lead(here),
        "  ",
        (name + " " * (names - cell_len(name)), style),
        (mark, "$error" if mark == "✗ " else "$warning"),
        cell,
    ]
    if width >= _WIDE:
        kind = clip(row.type if row.kind != "add" else "", _TYPE - 2)
        parts += [" " * max(1, room - cell.cell_length + _TYPE - 1 - len(kind)), (kind, "$muted")]
    return Content.assemble(*parts)


def _value(row: Row, here: bool, room: int) -> Content:
    if row.kind == "add":
        words = (
            " · ".join(row.choices)
            if row.choices
            else f"add {'an item' if row.type == 'item' else 'one by its name'}"
        )
        return styled(one_line(words, room), "$muted")
    if not row.present:
        return Content.styled("✗ missing" if row.kind != "choice" or not here else "", "$error") + (
            _choices(row, here, room - 10) if row.kind == "choice" and here else Content()
        )
    if row.kind == "choice":
        return _choices(row, here, room)
    if row.kind == "flag":
        return Content.styled("[x] true" if row.value else "[ ] false", "$secondary")
    if row.kind in ("group", "list"):
        count = len(row.value) if isinstance(row.value, dict | list) else 0
        what = "item" if row.kind == "list" else "argument"
        return Content.styled(f"{number(count)} {what}{'' if count == 1 else 's'}", "$muted")
    first = row.text.split("\n", 1)[0][: 4 * room]
    return styled(clip(display_text(first, keep_newlines=False), room), _style(row))


def _style(row: Row) -> str:
    if isinstance(row.value, str):
        return "$success"
    return "$secondary" if isinstance(row.value, bool | int | float) or row.value is None else "$foreground"


def _choices(row: Row, here: bool, room: int) -> Content:
    """The chosen value, and beside it at the cursor the others."""
    chosen = one_line(choice_text(row.value), room) if row.present else ""
    if not here:
        return styled(chosen, "$success")
    others = " · ".join(
        one_line(choice_text(one), 30) for one in row.choices if not row.present or one != row.value
    )
    left = max(0, room - len(chosen) - 6)
    return Content.assemble(
        ("‹ ", "bold $accent"),
        styled(chosen, "bold $success"),
        (" › ", "bold $accent"),
        (clip(others, left), "$muted"),
    )


def choice_text(value: object) -> str:
    """Write a value that can be chosen."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _more(entry: Entry, here: bool, room: int) -> list[Content]:
    """Return the lines below the first one of a long text: all that the field covers, or a few to see."""
    row = entry.row
    if row is None or not entry.is_long:
        return []
    lines = display_text(row.text[: room * _HIGH * 2]).expandtabs(4).split("\n")
    wrapped = [piece for line in lines for piece in _pieces(line, room)]
    if here:
        return [Content()] * (min(_HIGH, max(_LOW, len(wrapped) + 1)) - 1)
    rest = [styled(clip(piece, room), _style(row)) for piece in lines[1:_PREVIEW]]
    left = len(lines) - _PREVIEW
    return rest + [Content.styled(f"… {number(left)} more lines", "$muted")] * (left > 0)


def _pieces(line: str, room: int) -> list[str]:
    return [line[start : start + room] for start in range(0, max(1, len(line)), room)]


def _fault(words: str, entry: Entry) -> Content:
    indent = "  " * (entry.row.depth if entry.row else 0)
    return Content.assemble("    ", indent, ("✗ ", "bold $error"), styled(one_line(words, 200), "$error"))


def _unfinished(entry: Entry) -> int:
    return int(entry.row is not None and entry.row.kind != "add" and looks_unfinished(entry.row))


def _lead(here: bool) -> Content:
    return Content.styled("▸ ", "bold $primary") if here else Content("  ")
