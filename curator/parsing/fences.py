"""Code fences of an output as blocks, and the rule that tells a call in one from an example.

A fence without any marker is a call when the family is given. Otherwise it must end the message,
and its tool must be offered, or be named by the prose right before it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from curator.parsing.scan import Scan

_LINE = re.compile(r"(^[ \t]{0,3}|(?<=[}\])])|(?<=</think>))(`{3,})([^`\n]*)$", re.MULTILINE)
"""Also ticks right behind a bracket, which only close a fence, and right behind the thinking."""
_THINK_CLOSE = "</think>"
_LEAD_IN = 600
"""Code points before a fence that count as the prose right before it."""


class Block(NamedTuple):
    """A closed code fence: all of it is ``[start, end)``, its text ``[body, body_end)``."""

    start: int
    body: int
    body_end: int
    end: int
    language: str


def block_at(scan: Scan, at: int) -> Block | None:
    """Return the fenced block whose opening ticks stand at ``at``."""
    return _blocks(scan).get(at)


def in_block(scan: Scan, at: int) -> bool:
    """Tell whether ``at`` lies in a fenced block."""
    known = scan.memo.get("fences.inside")
    if known is None:
        known = bytearray(len(scan.text) + 1)
        for one in _blocks(scan).values():
            known[one.body : one.end] = b"\x01" * (one.end - one.body)
        scan.memo["fences.inside"] = known
    return bool(known[at])


def ends_message(scan: Scan, block: Block) -> bool:
    """Tell whether nothing but further fenced blocks follows ``block``."""
    tail = scan.memo.get("fences.tail")
    if tail is None:
        tail = scan.memo["fences.tail"] = _tail(scan)
    return block.start >= tail


def names_tool(scan: Scan, block: Block, name: str) -> bool:
    """Tell whether the paragraph right before ``block`` names the tool."""
    before = scan.text[max(0, block.start - _LEAD_IN) : block.start].rstrip()
    paragraph = before[before.rfind("\n\n") + 1 :]
    return re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", paragraph) is not None


def is_call(scan: Scan, block: Block, names: list[str]) -> bool:
    """Tell whether a block that holds calls of ``names``, and no more, was meant as such."""
    if not ends_message(scan, block):
        return False
    return all(name in scan.tools or names_tool(scan, block, name) for name in names)


def _blocks(scan: Scan) -> dict[int, Block]:
    """Find the blocks once; a fence within the thinking pairs with none after it."""
    known: dict[int, Block] | None = scan.memo.get("fences")
    if known is None:
        known = scan.memo["fences"] = {}
        opening: re.Match[str] | None = None
        for line in _LINE.finditer(scan.text, _after_thinking(scan)):
            before = scan.text[max(0, line.start() - len(_THINK_CLOSE)) : line.start()]
            starts_line = before.endswith(("\n", _THINK_CLOSE)) or not before
            if opening is None:
                opening = line if starts_line else None
            elif not line.group(3).strip() and len(line.group(2)) >= len(opening.group(2)):
                body = min(opening.end() + 1, line.start())
                block = Block(opening.start(2), body, line.start(), line.end(), opening.group(3).strip())
                known[block.start] = block
                opening = None
    return known


def _after_thinking(scan: Scan) -> int:
    """Return where the last tag that closes thinking ends, one in quotes left out; 0 without any."""
    at = scan.text.rfind(_THINK_CLOSE)
    while at != -1 and scan.is_quoted(at, at + len(_THINK_CLOSE)):
        at = scan.text.rfind(_THINK_CLOSE, 0, at)
    return at + len(_THINK_CLOSE) if at != -1 else 0


def _tail(scan: Scan) -> int:
    """Return where the run of blocks begins that ends the message."""
    tail = len(scan.text)
    for one in sorted(_blocks(scan).values(), reverse=True):
        if scan.text[one.end : tail].strip():
            break
        tail = one.start
    return tail
