"""What the list of alternatives says of each, and what is shown of the selected one. Pure content."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace
from textual.content import Content

from curator.text import one_line
from curator.tui.blocks import BLANK, Block, call_blocks, heading, styled, think_blocks
from curator.tui.editor_blocks import difference_blocks

if TYPE_CHECKING:
    from curator.review import Card
    from curator.review.alternatives import Alternative

_ACT_WIDTH = 160
_SETTINGS = {
    "temperature": "temperature {}",
    "top_p": "top-p {}",
    "max_tokens": "at most {} tokens",
    "engine": "by {}",
}


def alternative_line(one: Alternative) -> Content:
    """Return how good it is, what it does, and below that where it comes from."""
    return Content.assemble(_mark(one), "  ", _act(one), "\n    ", styled(one.taken.words(), "$muted"))


def alternative_blocks(card: Card, one: Alternative) -> list[Block]:
    """Return the answer as the review shows a turn, then what it changes in the logged one."""
    shown = replace(card, turn=one.turn, findings=one.findings)
    wrong = [Block(styled(words, "$error"), Content.styled("✗ ", "bold $error")) for words in one.violations]
    return [
        Block(styled(_drawn(one), "$muted")),
        *([BLANK, heading("CANNOT BE SAVED AS IT STANDS"), *wrong] if wrong else []),
        *(BLANK, heading("CALLS"), *call_blocks(shown, True)),
        *(BLANK, heading("THINK"), *think_blocks(shown, False)),
        *(BLANK, heading("AGAINST WHAT WAS LOGGED")),
        *difference_blocks(card.turn.output, one.correction),
    ]


def _mark(one: Alternative) -> Content:
    errors, warnings = one.faults
    if errors:
        return Content.styled(f"✗ {_count(errors, 'error')}", "bold $error")
    if warnings:
        return Content.styled(f"! {_count(warnings, 'warning')}", "bold $warning")
    return Content.styled("✓ no fault", "bold $success")


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


def _act(one: Alternative) -> Content:
    output = one.turn.output
    if not output.tool_calls:
        return Content(one_line(output.content or "", _ACT_WIDTH)) or Content.styled("no text", "$muted")
    first = output.tool_calls[0]
    said = ", ".join(f"{name} {_value(value)}" for name, value in first.arguments.items())
    more = f"  and {len(output.tool_calls) - 1} more" if len(output.tool_calls) > 1 else ""
    name = styled(one_line(first.name or "(no name)", 40), "bold $accent")
    return Content.assemble(name, "  ", one_line(said, _ACT_WIDTH), (more, "$muted"))


def _value(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _drawn(one: Alternative) -> str:
    drawn = [words.format(one.settings[name]) for name, words in _SETTINGS.items() if name in one.settings]
    return " · ".join([one.taken.words(), *drawn])
