"""What the model saw, as paragraphs: messages, offered tools, images. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from curator.images import Image, images
from curator.model import Message, ToolCall, Turn
from curator.text import display_text, one_line
from curator.tui.commands.base import EXPAND, key_of
from curator.tui.paragraphs import (
    BLANK,
    CURRENT,
    FOLDED_LINES,
    Block,
    cut,
    folded,
    heading,
    number,
    shown,
    styled,
)

if TYPE_CHECKING:
    from curator.model import Finding
    from curator.review.desk import SystemPrompt

Spans = Sequence[tuple[int, int]]

_TOOLS_WIDTH = 110
_SEEN_WORDS = {"same": " · same as before", "changed": " · ! changed since the turn before", "first": ""}
_KB = 1000


def context_blocks(
    turn: Turn, expanded: bool, current: Finding | None = None, system: SystemPrompt = "first"
) -> list[Block]:
    """Return what the model saw: messages in order, the request that it answers marked as the anchor."""
    request = max((i for i, m in enumerate(turn.prompt) if m.role == "user"), default=-1)
    blocks: list[Block] = []
    offset = 0
    for position, message in enumerate(turn.prompt):
        if blocks:
            blocks.append(BLANK)
        spans = _spans(current, offset, len(message.content))
        offset += len(message.content) + 1
        if message.role == "system" and not (expanded or spans):
            said = _SEEN_WORDS[system] if position == 0 else ""
            words = f"system · {number(len(message.content))} chars{said} · {key_of(EXPAND)} expands"
            blocks.append(Block(Content.styled(words, "$muted")))
        else:
            blocks += message_blocks(turn, message, expanded or bool(spans), position == request, spans)
        if position == 0 and turn.tools:
            blocks += _offered(turn, expanded)
    return blocks or [Block(Content.styled("the log holds no prompt for this turn", "$muted"))]


def request_blocks(turn: Turn) -> list[Block]:
    """Return the request alone, for a screen that has no room for the whole context."""
    for message in reversed(turn.prompt):
        if message.role == "user":
            return message_blocks(turn, message, False, True)
    return []


def message_blocks(
    turn: Turn, message: Message, expanded: bool, is_request: bool, spans: Spans = ()
) -> list[Block]:
    """Return one message: who, thinking, text with its images, calls."""
    bar = Content.styled("▌ ", "$primary") if is_request else Content("  ")
    blocks = [Block(_role(message, is_request), anchor=is_request)]
    if message.thinking:
        blocks += _text(message.thinking, expanded, bar, "italic $muted", lines=3)
    if message.content.strip() or not message.tool_calls:
        blocks += _content(
            turn, message.content, expanded, bar, "" if is_request else "$foreground 85%", spans
        )
    return blocks + [_past_call(call) for call in message.tool_calls]


def image_words(image: Image, turn: Turn) -> str:
    """Say what is known of an image, and where the log that holds it lies."""
    words = ["image", image.kind] if image.kind else ["image"]
    if image.size is None:
        words.append(f"not in the log · {one_line(image.address, 60)}" if image.address else "not in the log")
    else:
        words.append(f"{image.size / _KB:.0f} kB" if image.size >= _KB else f"{image.size} bytes")
    name = turn.source.path.rpartition("/")[2]
    return " · ".join([*words, f"turn read at line {turn.source.line} of {one_line(name, 40)}"])


def without_images(text: str, turn: Turn) -> str:
    """Return a text with what is known of each image in its place."""
    for image in reversed(images(text)):
        text = f"{text[: image.start]}▣ {image_words(image, turn)}{text[image.end :]}"
    return text


def _content(
    turn: Turn, text: str, expanded: bool, bar: Content, style: str, spans: Spans
) -> Iterator[Block]:
    """Yield a text; where images stand in it, their bytes are not text, and a line says what they are."""
    found = images(text)
    if not found:
        yield from _text(text, expanded, bar, style, spans=spans)
        return
    end = 0
    for image in found:
        if text[end : image.start].strip():
            yield from _text(text[end : image.start], expanded, bar, style)
        yield Block(
            Content.styled(f"▣ {display_text(image_words(image, turn))}", "bold $secondary"), bar, bar
        )
        end = image.end
    if text[end:].strip():
        yield from _text(text[end:], expanded, bar, style)


def _spans(current: Finding | None, offset: int, length: int) -> list[tuple[int, int]]:
    """Return the part of a finding's evidence that stands in the message at ``offset`` of the prompt."""
    every = [e for e in current.evidence if e.field == "prompt"] if current else []
    return [(e.start - offset, e.end - offset) for e in every if offset <= e.start < offset + length]


def _role(message: Message, is_request: bool) -> Content:
    if message.role == "tool":
        return Content.assemble(("tool result", "bold $accent"), "  ", styled(message.name or "", "$muted"))
    style = "bold $primary" if is_request else "bold $muted"
    return styled(message.role, style)


def _text(
    text: str, expanded: bool, bar: Content, style: str, lines: int = FOLDED_LINES, spans: Spans = ()
) -> list[Block]:
    begins = len(text) - len(text.lstrip("\n"))
    text = text.strip("\n")
    kept, left = (shown(text), 0) if expanded else folded(text, lines)
    content = styled(kept, style)
    for start, end in spans:
        content = content.stylize(CURRENT, max(0, start - begins), max(0, end - begins))
    blocks = [Block(content, bar, bar)]
    if left:
        words = f"… {number(left)} more chars · {key_of(EXPAND)} expands"
        blocks.append(Block(Content.styled(words, "$muted"), bar, bar))
    return blocks + (cut(text) if expanded else [])


def _offered(turn: Turn, expanded: bool) -> list[Block]:
    names = ", ".join(tool.name for tool in turn.tools)
    if not expanded:
        return [
            Block(
                Content.styled(f"tools · {len(turn.tools)} offered · ", "$muted")
                + styled(one_line(names, _TOOLS_WIDTH), "$muted")
            )
        ]
    lines = [BLANK, heading("tools offered")]
    for tool in turn.tools:
        lead = Content("  ")
        about = styled(one_line(tool.description, 300), "$muted")
        lines.append(
            Block(Content.assemble(styled(tool.name, "$accent"), "  ", about), lead, Content("    ")[:2])
        )
    return lines


def _past_call(call: ToolCall) -> Block:
    arguments = one_line(json.dumps(call.arguments, ensure_ascii=False), 200)
    content = Content.assemble(styled(call.name, "$accent"), " ", (arguments, "$muted"))
    return Block(content, Content("  → "), Content("    "))
