"""The arguments of a call as a tree: names, types by colour, long strings with their size. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from textual.content import Content

from curator.text import one_line
from curator.tui.commands.base import EXPAND, key_of
from curator.tui.paragraphs import Block, folded, number, shown, styled

SHOWN_MEMBERS = 50
_NAME_WIDTH = 16
_DEEPEST = 12
_FOLDED_VALUE = 300


def argument_blocks(arguments: dict[str, Any], expanded: bool) -> Iterator[Block]:
    """Yield the arguments of a call, nested ones indented below their name."""
    if not arguments:
        yield Block(Content.styled("no arguments", "$muted"), Content("  "), Content("  "))
        return
    yield from _members(arguments.items(), expanded, 1)


def value_style(value: Any) -> str:
    """Return the colour of a value's type."""
    if isinstance(value, str):
        return "$success"
    if value is None or isinstance(value, bool):
        return "bold $secondary"
    return "$secondary" if isinstance(value, int | float) else "$foreground"


def _members(members: Iterable[tuple[str, Any]], expanded: bool, depth: int) -> Iterator[Block]:
    pairs = list(members)
    shown_pairs = pairs if expanded else pairs[:SHOWN_MEMBERS]
    width = min(_NAME_WIDTH, max((len(name) for name, value in pairs if not _is_tree(value)), default=1))
    for name, value in shown_pairs:
        yield from _member(one_line(name, _NAME_WIDTH).ljust(width), value, expanded, depth)
    if left := len(pairs) - len(shown_pairs):
        words = f"… {number(left)} more · {key_of(EXPAND)} expands"
        yield Block(Content.styled(words, "$muted"), Content("  " * depth))


def _member(name: str, value: Any, expanded: bool, depth: int) -> Iterator[Block]:
    indent = "  " * depth
    if _is_tree(value) and depth < _DEEPEST:
        kind = f"{{{len(value)}}}" if isinstance(value, dict) else f"[{len(value)}]"
        yield Block(Content.styled(kind, "$faint"), Content.assemble(indent, (name.rstrip(), "$muted"), "  "))
        inner = value.items() if isinstance(value, dict) else ((str(at), one) for at, one in enumerate(value))
        yield from _members(inner, expanded, depth + 1)
    elif isinstance(value, str) and "\n" in value.strip("\n"):
        yield from _lines(name, value, expanded, indent)
    else:
        lead = Content.assemble(indent, (name, "$muted"), "  ")
        yield Block(_scalar(value, expanded), lead)


def _lines(name: str, text: str, expanded: bool, indent: str) -> Iterator[Block]:
    """Show a text of several lines as lines behind a bar, below its name and size."""
    size = f"{number(text.count(chr(10)) + 1)} lines · {number(len(text))} chars"
    yield Block(Content.styled(size, "$faint"), Content.assemble(indent, (name.rstrip(), "$muted"), "  "))
    kept, left = (shown(text), 0) if expanded else folded(text)
    bar = Content.assemble(indent, ("│ ", "$faint"))
    yield Block(styled(kept, "$success"), bar, bar)
    if left:
        yield Block(
            Content.styled(f"… {number(left)} more chars · {key_of(EXPAND)} expands", "$muted"), bar, bar
        )


def _scalar(value: Any, expanded: bool) -> Content:
    text = f'"{value}"' if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    kept, left = (shown(text), 0) if expanded else folded(text, chars=_FOLDED_VALUE)
    content = styled(kept, value_style(value))
    if left:
        content += Content.styled(
            f"\n… {number(left)} more of {number(len(text))} chars · {key_of(EXPAND)} expands", "$muted"
        )
    return content


def _is_tree(value: Any) -> bool:
    return isinstance(value, dict | list) and bool(value)
