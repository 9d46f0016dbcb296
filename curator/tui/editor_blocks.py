"""What the correction editor says besides its fields: suggestions, faults, difference, rows. Pure content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from textual.content import Content

from curator.model import Correction, Finding, Output
from curator.review.drafts import creates, difference, output_lines
from curator.review.suggestions import Suggestion
from curator.text import clip, display_text, one_line
from curator.tui.blocks import BLANK, MARKS, STYLES, Block, heading, number, styled
from curator.tui.commands.base import key_of

if TYPE_CHECKING:
    from curator.review import Preview

VIEWS = ("form", "json", "target")

_SIGNS = {"+": "$success", "-": "$error", "…": "$muted", " ": "$muted"}
_COMPARED = 2_000
SUGGEST = "correction-editor.choose-suggestion"
_SHOWN = 20_000
_WITH_KEY = 5
"""Suggestions with a function key of their own: f5 to f9."""


def found_lines(
    suggestions: Sequence[Suggestion],
    logged: Sequence[Finding],
    corrected: Sequence[Finding] | None,
    width: int,
    most: int,
) -> Content:
    """List the suggestions with their keys, then what the checks find in the correction.

    ``corrected`` is ``None`` while nothing was corrected: then what they found in the logged turn is told.
    """
    told = {one.why for one in suggestions}
    where, rest = ("logged", logged) if corrected is None else ("now", corrected)
    lines = [_suggestion(n, one, width) for n, one in enumerate(suggestions[:_WITH_KEY], 1)]
    lines += [_finding(where, one, width) for one in rest if one.message not in told]
    if corrected == ():
        lines.append(Content.assemble(("now ", "$muted"), ("✓ the checks find nothing", "$success")))
    if len(lines) > most:
        left = len(lines) - most + 1
        lines = [
            *lines[: most - 1],
            Content.styled(f"… {left} more · {key_of(SUGGEST)} lists suggestions", "$muted"),
        ]
    return Content("\n").join(lines)


_KEYS = {
    "form": "↑ ↓ ⏎ fields   {0} removes   {1} values   tab thinking",
    "json": "arguments of the selected call   tab thinking",
    "target": "the whole turn, as a model would write it   tab thinking",
}


def view_keys(view: str) -> str:
    """Say what a view is for, and the keys that matter in it."""
    removes, values = map(key_of, ("correction-editor.remove-argument", "correction-editor.complete-value"))
    return _KEYS[view].format(removes, values)


def view_title(view: str, syntax: str, broken: bool) -> str:
    """Name the views, the one that is shown in brackets. Without markup: a border title would read it."""
    names = {"form": "FORM", "json": "JSON", "target": display_text(one_line(syntax, 24)).upper()}
    parts = [f"\\[{names[one]}]" if one == view else names[one] for one in VIEWS]
    return f"CALLS · {' · '.join(parts)}{' · ! does not read' if broken else ''}"


def wrong_lines(wrong: Sequence[str]) -> Content:
    """List what is wrong, a line each."""
    return Content("\n").join([Content.styled(f"✗ {display_text(one)}", "$error") for one in wrong])


def difference_blocks(before: Output, after: Correction) -> list[Block]:
    """Show what the correction changes."""
    one, other = output_lines(before), output_lines(after)
    pairs = difference(one[:_COMPARED], other[:_COMPARED])
    blocks = [_diff_line(*pair) for pair in pairs] or [Block(Content.styled("no difference", "$muted"))]
    if max(len(one), len(other)) > _COMPARED:
        words = f"… of {number(max(len(one), len(other)))} lines the first {number(_COMPARED)} are compared"
        blocks.append(Block(Content.styled(words, "$muted")))
    return blocks


def creates_blocks(preview: Preview | None, is_marked: bool, why_not: str) -> list[Block]:
    """Say in a sentence what saving creates."""
    if preview is None:
        return [Block(Content.styled(f"nothing yet: {why_not}", "$warning"))]
    mark = " · marked: breaks a rule" if is_marked else ""
    return [Block(Content.assemble(creates(preview), (mark, "$warning")))]


def row_blocks(preview: Preview | None) -> list[Block]:
    """Show the very lines that an export will hold, what the correction makes of them in full colour."""
    if preview is None:
        return [Block(Content.styled("no rows until everything reads", "$warning"))]
    blocks: list[Block] = []
    for name, row in (("sft.jsonl", preview.sft), ("dpo.jsonl", preview.pair)):
        if row is not None:
            blocks += [BLANK] * bool(blocks) + [heading(f"{name} · one line, broken here to be read")]
            blocks += _row(row, anchored=len(blocks) < 2)
    return blocks or [Block(Content.styled("nothing that could be trained on", "$muted"))]


def _row(row: dict[str, Any], anchored: bool) -> list[Block]:
    """Cut the JSON line before and after what is taught; the pieces joined are the line."""
    line = msgspec.json.encode(row).decode()
    taught = [name for name in ("completion", "chosen", "rejected") if name in row]
    start = line.index(f'"{taught[0]}":', len(msgspec.json.encode(row["prompt"])))
    pieces = [(line[:start], "$muted")]
    at = start
    for name in taught:
        end = at + len(msgspec.json.encode({name: row[name]})) - 2
        pieces.append((line[at : end + 1], "$error" if name == "rejected" else "$success"))
        at = end + 1
    pieces.append((line[at:], "$muted"))
    return [_piece(text, style, anchored and n == 1) for n, (text, style) in enumerate(pieces) if text]


def _piece(text: str, style: str, anchor: bool) -> Block:
    left = len(text) - _SHOWN
    more = Content.styled(f"\n… {number(left)} more characters", "$muted") if left > 0 else Content()
    return Block(styled(text[:_SHOWN], style) + more, anchor=anchor)


def _suggestion(position: int, one: Suggestion, width: int) -> Content:
    key = Content.assemble((f"f{position + 4}", "bold $accent"), " ")
    title = one_line(one.title, max(20, width - 10))
    room = width - key.cell_length - len(title) - 4
    why = clip(one_line(one.why, 200), room) if room > 12 else ""
    return Content.assemble(key, styled(title, "bold"), "  ", (why, "$muted"))


def _finding(where: str, one: Finding, width: int) -> Content:
    style = STYLES[one.severity]
    words = one_line(one.message, max(20, width - 12))
    mark = (f"{MARKS[one.severity]} ", f"bold {style}")
    return Content.assemble((f"{where} ", "$muted"), mark, styled(words, style))


def _diff_line(sign: str, text: str) -> Block:
    style = _SIGNS[sign]
    return Block(Content.styled(text, style), Content.styled(f"{sign} ", f"bold {style}"))
